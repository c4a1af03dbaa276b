// Adds options to the parser and reads their values. A missing value is null and is never sent. A
// password is never read from a terminal with echo.
#include "cli/options.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/json_text.hpp"
#include "base/numbers.hpp"
#include "base/print.hpp"

namespace podplay::cli {
namespace {

std::string read_all(std::FILE* in) {
  std::string text;
  char buffer[8192];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, in)) > 0;) {
    text.append(buffer, got);
  }
  return text;
}

// Switches a terminal's echo off for as long as it lives.
class NoEcho {
 public:
  explicit NoEcho(int fd) : fd_(fd) {
    ::tcgetattr(fd_, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd_, TCSAFLUSH, &silent);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() { ::tcsetattr(fd_, TCSAFLUSH, &before_); }

 private:
  int fd_;
  termios before_{};
};

Result<Json> number_of(const OptionRow& row, const std::string& text) {
  const auto number = parse_number<std::int64_t>(text);
  if (!number) {
    return fail(ErrorKind::invalid, "bad_number",
                fmt::format("{}: '{}' is no whole number", row.flag, text),
                "write it with digits only");
  }
  return Json(*number);
}

// A body in JSON holds text only.
Result<Json> content_of(World& world, const OptionRow& row, const std::string& path) {
  if (path.empty()) {
    return Json();
  }
  std::string content;
  if (path == "-") {
    content = read_all(world.in);
  } else {
    TRY(content, world.files.read(path));
  }
  if (row.place == Place::body && Json::parse(json_text(Json(content))) != content) {
    return fail(ErrorKind::invalid, "not_text", fmt::format("{}: {} is no text", row.flag, path),
                "give a file in PEM; `openssl x509 -inform DER` and `openssl pkey -inform DER` "
                "convert others");
  }
  return Json(std::move(content));
}

}  // namespace

void add_globals(CLI::App& app, Globals& globals) {
  app.add_option("--base-url", globals.base_url,
                 "The URL of the API; default: the one you logged in to, else PODPLAY_URL");
  app.add_option("--session", globals.session, "Use the login that is saved under this name")
      ->capture_default_str();
  app.add_flag("--json", globals.json, "Print the server's JSON");
  app.add_flag("--dry-run", globals.dry_run,
               "Change nothing; show what would change and what the daemons' checkers say");
  app.add_option("--wait", globals.wait,
                 "How many seconds to wait until the services have applied a change")
      ->capture_default_str();
  app.add_flag_callback(
      "--no-wait", [&globals] { globals.wait = 0; }, "Return as soon as the change is saved");
  app.add_flag("--verbose", globals.verbose, "Show requests and status codes");
  app.add_flag("--insecure", globals.insecure, "Do not verify the server's certificate");
  app.add_option("--ca", globals.ca,
                 "File with the certificate authority of the server's certificate (PEM)");
  app.fallthrough();
}

Options::Options(CLI::App& app, std::span<const OptionRow> rows)
    : app_(app), rows_(rows), slots_(rows.size()) {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const OptionRow& row = rows_[i];
    Slot& slot = slots_[i];
    const std::string flag(row.flag);
    const std::string help(row.help);
    CLI::Option* added = nullptr;
    switch (row.kind) {
      case OptionKind::list: added = app.add_option(flag, slot.list, help)->delimiter(','); break;
      case OptionKind::flag_true:
      case OptionKind::flag_false:
      case OptionKind::flag_empty: added = app.add_flag(flag, slot.flag, help); break;
      case OptionKind::password:
        app.add_option(flag, slot.text, help);
        app.add_flag(flag + "-stdin", slot.from_stdin,
                     "Read it from a line of standard input; two passwords are on two lines, in "
                     "the order of this help");
        break;
      default: added = app.add_option(flag, slot.text, help);
    }
    // A missing password or text is asked for later.
    if (added != nullptr && row.required && row.kind != OptionKind::input) {
      added->required();
    }
  }
  CLI::Option* const enable = app.get_option_no_throw("--enable");
  CLI::Option* const disable = app.get_option_no_throw("--disable");
  if (enable != nullptr && disable != nullptr) {
    enable->excludes(disable);
  }
}

Result<Json> Options::value(World& world, const OptionRow& row) const {
  const Slot& given = slot(row.flag);
  switch (row.kind) {
    case OptionKind::list: return given.list.empty() ? Json() : Json(given.list);
    case OptionKind::flag_true: return given.flag ? Json(true) : Json();
    case OptionKind::flag_false: return given.flag ? Json(false) : Json();
    case OptionKind::flag_empty: return given.flag ? Json(Json::array()) : Json();
    case OptionKind::input: return Json(given.text.empty() ? read_all(world.in) : given.text);
    case OptionKind::password: {
      if (!row.required && given.text.empty() && !given.from_stdin) {
        return Json();
      }
      TRY(const auto value, secret(world, row.flag, "Password: "));
      return Json(value.reveal());
    }
    case OptionKind::bytes: {
      // An empty size is a mistake, not a missing one.
      if (app_.count(std::string(row.flag)) == 0) {
        return Json();
      }
      const auto bytes = parse_bytes(given.text);
      if (!bytes) {
        return fail(bytes.error().kind, bytes.error().code,
                    fmt::format("{}: {}", row.flag, bytes.error().message), bytes.error().remedy);
      }
      return Json(*bytes);
    }
    case OptionKind::file: return content_of(world, row, given.text);
    case OptionKind::number:
      // A path and a query have numbers as texts, and the server checks them.
      if (row.place == Place::body && !given.text.empty()) {
        return number_of(row, given.text);
      }
      break;
    case OptionKind::text:
      // An empty text is a value, too: `account recovery-address ""` removes the address.
      if (row.place == Place::body && app_.count(std::string(row.flag)) > 0) {
        return Json(given.text);
      }
      break;
  }
  return given.text.empty() ? Json() : Json(given.text);
}

const Options::Slot& Options::slot(std::string_view flag) const {
  const auto found = std::ranges::find(rows_, flag, &OptionRow::flag);
  static const Slot nothing;
  return found == rows_.end() ? nothing : slots_[static_cast<std::size_t>(found - rows_.begin())];
}

const std::string& Options::text(std::string_view flag) const { return slot(flag).text; }

bool Options::flag(std::string_view flag) const { return slot(flag).flag; }

bool Options::has_password() const { return has_secret("--password"); }

bool Options::has_secret(std::string_view flag) const {
  return slot(flag).from_stdin || !text(flag).empty();
}

Result<Secret> Options::password(World& world, const char* prompt) const {
  return secret(world, "--password", prompt);
}

Result<Secret> Options::secret(World& world, std::string_view flag, const char* prompt) const {
  const Slot& given = slot(flag);
  if (!given.text.empty()) {
    return Secret(given.text);
  }
  // A password is never shown on a terminal, not even with --password-stdin.
  if (::isatty(::fileno(world.in)) != 0) {
    return ask_password(world, prompt);
  }
  if (!given.from_stdin) {
    return fail(ErrorKind::invalid, "missing", "a password is missing",
                fmt::format("give {}-stdin, or {}", flag, flag));
  }
  TRY(auto line, read_line(world.in));
  return Secret(std::move(line));
}

Result<Secret> ask_password(World& world, const char* prompt) {
  print_text(world.err, prompt);
  auto line = [&] {
    const NoEcho no_echo(::fileno(world.in));
    return read_line(world.in);
  }();
  print_text(world.err, "\n");
  TRY(auto answer, std::move(line));
  return Secret(std::move(answer));
}

Result<std::string> read_line(std::FILE* in) {
  std::string line;
  for (int c = std::fgetc(in); c != EOF && c != '\n'; c = std::fgetc(in)) {
    line += static_cast<char>(c);
  }
  if (line.ends_with('\r')) {
    line.pop_back();
  }
  if (line.empty()) {
    return fail(ErrorKind::invalid, "no_input", "standard input is empty",
                "write the value on its first line");
  }
  return line;
}

}  // namespace podplay::cli
