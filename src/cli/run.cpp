// Parses the command line and runs the command that it names. For a wrong word, the exit code is 2
// and the message names the nearest command; nothing is sent.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>

#include "base/nearest.hpp"
#include "base/print.hpp"
#include "cli/cli.hpp"
#include "cli/invocation.hpp"
#include "cli/show/exit_code.hpp"
#include "pod/settings_file.hpp"

namespace podplay::cli {
namespace {

// A row with its place in the parser. CLI11 keeps references to it, so it is never moved.
struct Parsed {
  const CommandRow& row;
  CLI::App* app;
  Options options;
  Parsed(const CommandRow& of, CLI::App* at) : row(of), app(at), options(*at, of.options) {}
};

std::string help_of(const std::string& noun) {
  const auto row = std::ranges::find(nouns(), noun, &NounRow::noun);
  return row == nouns().end() ? "" : std::string(row->help);
}

// The parser's command for each noun. A noun of several words ("mail deleted") is a command within
// a command.
class Nouns {
 public:
  explicit Nouns(CLI::App& top) : top_(top) {}

  bool has(const std::string& noun) const { return apps_.contains(noun); }
  // The command that the noun's verbs belong below; podplay itself when `noun` is empty.
  CLI::App& app(const std::string& noun) {
    if (noun.empty()) {
      return top_;
    }
    CLI::App*& found = apps_[noun];
    if (found == nullptr) {
      const std::size_t blank = noun.rfind(' ');
      const bool one_word = blank == noun.npos;
      CLI::App& above = app(one_word ? "" : noun.substr(0, blank));
      found = above.add_subcommand(one_word ? noun : noun.substr(blank + 1), help_of(noun));
      found->require_subcommand(1)->fallthrough();
    }
    return *found;
  }

 private:
  CLI::App& top_;
  std::map<std::string, CLI::App*> apps_;
};

// The command that the parser had reached.
const CLI::App* innermost(const CLI::App* app) {
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
  }
  return app;
}

// "users create " for the command create; empty for podplay itself.
std::string path_words(const CLI::App* command) {
  return command->get_parent() == nullptr
             ? ""
             : path_words(command->get_parent()) + command->get_name() + " ";
}

// CLI11 says "A subcommand is required" even when a command is misspelt. This text names the word,
// and the commands to choose from.
std::string no_such_command(const CLI::App& app, const std::string& word) {
  const CLI::App* at = innermost(&app);
  const std::string noun = path_words(at);
  std::vector<std::string> texts;
  for (const CLI::App* one : at->get_subcommands([](const CLI::App*) { return true; })) {
    texts.push_back(one->get_name());
  }
  const std::vector<std::string_view> names(texts.begin(), texts.end());
  // Any two letters are near to `up`.
  const std::string near = word.size() > 3 ? nearest_name(word, names) : "";
  const std::string what =
      word.empty() ? "a command is missing" : fmt::format("there is no command '{}{}'", noun, word);
  return near.empty() ? fmt::format("{}; there are {}", what, fmt::join(names, ", "))
                      : fmt::format("{}; did you mean {}{}?", what, noun, near);
}

// "help users" and "users help" are "users --help".
std::vector<std::string> with_help_option(std::vector<std::string> words, const Nouns& nouns) {
  if (words.empty()) {
    return words;
  }
  if (words.front() == "help") {
    words.front() = "--help";
  }
  const std::string before = fmt::format("{}", fmt::join(words.begin(), words.end() - 1, " "));
  if (words.back() == "help" && (words.size() == 2 || nouns.has(before))) {
    words.back() = "--help";
  }
  return words;
}

// The first word that the parser could not place; empty when there is none.
std::string unknown_word(const CLI::App& app) {
  const auto rest = app.remaining(true);
  const auto word =
      std::ranges::find_if(rest, [](const std::string& one) { return !one.starts_with('-'); });
  return word == rest.end() ? "" : *word;
}

// Says what is missing: a command, with the names to choose from, or an option.
std::string required_text(const CLI::App& app, const CLI::RequiredError& error) {
  if (std::string_view(error.what()) != "A subcommand is required") {
    return error.what();
  }
  return no_such_command(app, unknown_word(app));
}

int say_usage(World& world, const CLI::App& app, const std::string& text) {
  std::fprintf(world.err, "podplay: %s\n  `podplay %s--help` shows how it is used\n", text.c_str(),
               path_words(innermost(&app)).c_str());
  return 2;
}

// The help of what was named. There is none of a command that does not exist.
int show_help(World& world, const CLI::App& app) {
  const std::string word = unknown_word(app);
  if (word.empty()) {
    print_text(world.out, app.help());
    return 0;
  }
  const CLI::App* at = innermost(&app);
  const bool has_commands = !at->get_subcommands([](const CLI::App*) { return true; }).empty();
  return say_usage(world, app,
                   has_commands ? no_such_command(app, word)
                                : fmt::format("{}takes no '{}'", path_words(at), word));
}

int run_command(const Invocation& invocation) {
  const CommandRow& row = invocation.row;
  if (row.run == nullptr) {
    return run_api_command(invocation);
  }
  if (invocation.globals.dry_run && !row.dry_run) {
    print_to(
        invocation.world.err,
        "podplay: --dry-run is not possible with {}: the command changes nothing in the pod, or "
        "acts at once\n",
        command_words(row));
    return 2;
  }
  return row.run(invocation);
}

int run_words(World& world, const std::vector<std::string>& arguments) {
  auto environment =
      pod::with_settings_file(std::move(world.environment), world.program, world.files);
  if (!environment) {
    return report_error(world, environment.error());
  }
  world.environment = std::move(*environment);
  CLI::App app{
      "podplay: your own web, DNS and mail. Every command but up, down, wait, doctor, podman and "
      "bootstrap is one call of the HTTP API.",
      "podplay"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "podplay " PODPLAY_VERSION, "Print the version");
  Globals globals;
  add_globals(app, globals);

  Nouns nouns(app);
  std::deque<Parsed> table;
  for (const CommandRow& row : commands()) {
    CLI::App* added = nouns.app(std::string(row.noun))
                          .add_subcommand(std::string(row.verb), std::string(row.help));
    added->fallthrough();
    const Parsed& parsed = table.emplace_back(row, added);
    // podman's options are unknown to the parser, so these words never reach it.
    if (row.passes_words_on && !arguments.empty() && arguments.front() == row.verb) {
      return row.run({.world = world,
                      .row = row,
                      .globals = globals,
                      .options = parsed.options,
                      .words = {arguments.begin() + 1, arguments.end()}});
    }
  }

  std::vector<std::string> words = with_help_option(arguments, nouns);
  // CLI11 takes words from the back.
  std::ranges::reverse(words);
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    return show_help(world, app);
  } catch (const CLI::CallForVersion& version) {
    print_to(world.out, "{}\n", version.what());
    return 0;
  } catch (const CLI::RequiredError& error) {
    return say_usage(world, app, required_text(app, error));
  } catch (const CLI::ParseError& error) {
    return say_usage(world, app, error.what());
  }
  const auto chosen =
      std::ranges::find_if(table, [](const Parsed& one) { return one.app->parsed(); });
  if (chosen == table.end()) {
    return say_usage(world, app, "a command is missing");
  }
  return run_command(
      {.world = world, .row = chosen->row, .globals = globals, .options = chosen->options});
}

// Whether nobody reads what is written any more, as after `podplay users list | head -1`.
bool reader_has_gone(std::FILE* out) {
  pollfd pipe{.fd = ::fileno(out), .events = POLLOUT, .revents = 0};
  return ::poll(&pipe, 1, 0) == 1 && (pipe.revents & POLLERR) != 0;
}

// A part of the output may still be in memory, so only a flush shows whether all was written.
int check_output(World& world, int code) {
  errno = 0;
  const bool flushed = std::fflush(world.out) == 0;
  const int why = errno;
  const bool whole = flushed && std::ferror(world.out) == 0;
  // A reader that has seen enough is no failure.
  if (whole || reader_has_gone(world.out)) {
    return code;
  }
  print_to(world.err, "podplay: the output could not be written{}{}\n", why == 0 ? "" : ": ",
           why == 0 ? "" : std::strerror(why));
  return code == 0 ? 1 : code;
}

}  // namespace

int run(World& world, const std::vector<std::string>& arguments) {
  return check_output(world, run_words(world, arguments));
}

}  // namespace podplay::cli
