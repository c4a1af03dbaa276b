// The commands as a table: each row is one HTTP call. docs, completion and the tests walk it.
#pragma once

#include <span>
#include <string_view>

namespace podplay::cli {

enum class OptionKind {
  text,
  // repeatable, or parts separated by commas
  list,
  // 500M
  bytes,
  number,
  // --enable: true
  flag_true,
  // --disable: false
  flag_false,
  // also --NAME-stdin, or a prompt
  password,
  // from standard input when missing
  input,
};
enum class Place { path, body, query };

struct OptionRow {
  // "--email"; without dashes: a positional argument
  std::string_view flag;
  OptionKind kind;
  Place place;
  // of the path parameter, body field or query parameter
  std::string_view name;
  bool required;
  std::string_view help;
};

struct CommandRow {
  // empty: the verb stands alone
  std::string_view noun;
  std::string_view verb;
  std::string_view method;
  std::string_view path;
  std::span<const OptionRow> options;
  // of the table that is shown; empty: name and value lines
  std::span<const std::string_view> columns;
  // "created user {email}": said after a write
  std::string_view done;
  std::string_view help;
  // done at once, without a revision to wait for
  bool acts = false;
};

std::span<const CommandRow> commands();

// Verbs that are more than one HTTP call: login, logout, bootstrap, import, up, down, ... (for
// help, completion and tests).
struct SpecialRow {
  // "users import"
  std::string_view words;
  std::string_view help;
  // for completion, with blanks between them
  std::string_view options{};
};
std::span<const SpecialRow> special_commands();

}  // namespace podplay::cli
