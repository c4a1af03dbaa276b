// The options of a command: their rows, and the values that the command line gave.
#pragma once

#include <cstdio>
#include <deque>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "cli/cli.hpp"

// CLI11 is the parser; only options.cpp and run.cpp compile its large header.
namespace CLI {
class App;
}

namespace podplay::cli {

using Json = nlohmann::json;

enum class OptionKind {
  text,
  // Repeated, or parts separated by commas.
  list,
  // A size such as 500M; sent as a number of bytes.
  bytes,
  number,
  // Given means true, as with --enable.
  flag_true,
  // Given means false, as with --disable.
  flag_false,
  // Given means an empty list, as with --no-contact.
  flag_empty,
  // As --NAME, by --NAME-stdin from a line of standard input, or, when it is required, from a
  // prompt on a terminal.
  password,
  // Text that is read from standard input when the option is missing.
  input,
  // A file's name; its content is the value. With "-", standard input is the file.
  file,
};

// The place of the value in the request.
enum class Place {
  // Replaces {name} in the path.
  path,
  // A field of the JSON body.
  body,
  // The whole body, as rows: JSON lines, or what the file's name says (.csv, .yaml).
  rows_body,
  // A parameter of the query.
  query,
  // Nowhere: the command's function reads it.
  local,
};

struct OptionRow {
  // "--email"; a name without dashes is a positional argument.
  std::string_view flag;
  OptionKind kind = OptionKind::text;
  Place place = Place::local;
  // The name of the path parameter, body field or query parameter; unused when local.
  std::string_view name{};
  bool required = false;
  // Says what the user gets, or what to write here.
  std::string_view help{};
};

// The options that every command has.
struct Globals {
  std::string base_url;
  std::string session = "default";
  bool json = false;
  bool dry_run = false;
  // How long to wait until services have applied a change, in seconds.
  int wait = 10;
  bool verbose = false;
  bool insecure = false;
  // A file with the certificate authority of the server's certificate.
  std::string ca;
};

void add_globals(CLI::App& app, Globals& globals);

// The values that the command line gave for the options of one command. CLI11 writes into the
// members when it parses, so an object is never moved or copied.
class Options {
 public:
  // Adds the rows to `app`.
  Options(CLI::App& app, std::span<const OptionRow> rows);
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  std::span<const OptionRow> rows() const { return rows_; }

  // The value of one row for the request; null when it was not given. Reads files, standard input
  // or a prompt where the kind says so.
  Result<Json> value(World& world, const OptionRow& row) const;

  // Values by flag, for a command's own function. Empty or false when the flag was not given.
  const std::string& text(std::string_view flag) const;
  bool flag(std::string_view flag) const;
  bool has_password() const;
  // --password, a line of standard input, or an answer to `prompt` without echo.
  Result<Secret> password(World& world, const char* prompt) const;
  // The same for another flag of that kind.
  Result<Secret> secret(World& world, std::string_view flag, const char* prompt) const;
  bool has_secret(std::string_view flag) const;

 private:
  struct Slot {
    std::string text;
    std::vector<std::string> list;
    bool flag = false;
    // Of a password: --NAME-stdin was given.
    bool from_stdin = false;
  };
  const Slot& slot(std::string_view flag) const;

  CLI::App& app_;
  std::span<const OptionRow> rows_;
  // By index of rows_; a deque, so that CLI11's references stay valid.
  std::deque<Slot> slots_;
};

// The answer of a person at a terminal, who does not see it.
Result<Secret> ask_password(World& world, const char* prompt);

// The first line of `in`, without its end; an Error `invalid` when it is empty.
Result<std::string> read_line(std::FILE* in);

}  // namespace podplay::cli
