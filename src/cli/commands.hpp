// The commands as a table: each row is one HTTP call. docs, completion and the tests walk it.
#pragma once

#include <span>
#include <string_view>

namespace podplay::cli {

enum class OptionKind {
  text,
  list,   // repeatable, or parts separated by commas
  bytes,  // 500M
  number,
  flag_true,   // --enable: true
  flag_false,  // --disable: false
  password,    // also --NAME-stdin, or a prompt
  input,       // from standard input when missing
};
enum class Place { path, body, query };

struct OptionRow {
  std::string_view flag;  // "--email"; without dashes: a positional argument
  OptionKind kind;
  Place place;
  std::string_view name;  // of the path parameter, body field or query parameter
  bool required;
  std::string_view help;
};

struct CommandRow {
  std::string_view noun;  // empty: the verb stands alone
  std::string_view verb;
  std::string_view method;
  std::string_view path;
  std::span<const OptionRow> options;
  std::span<const std::string_view> columns;  // of the table that is shown; empty: name and value lines
  std::string_view done;                      // "created user {email}": said after a write
  std::string_view help;
  bool acts = false;  // done at once, without a revision to wait for
};

std::span<const CommandRow> commands();

// Verbs that are more than one HTTP call: login, logout, bootstrap, import, up, down, ... (for help, completion and tests).
struct SpecialRow {
  std::string_view words;  // "users import"
  std::string_view help;
  std::string_view options{};  // for completion, with blanks between them
};
std::span<const SpecialRow> special_commands();

}  // namespace podplay::cli
