// Parsing the command line and running table commands.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <functional>

#include "base/nearest.hpp"
#include "base/numbers.hpp"
#include "base/settings.hpp"
#include "cli/caller.hpp"
#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/special.hpp"
#include "model/settings.hpp"
#include "pod/settings_file.hpp"

namespace podplay::cli {
namespace {

// What the command line gave for the options of one command.
struct Given {
  const CommandRow* row = nullptr;
  CLI::App* app = nullptr;
  // by index of row->options
  std::deque<std::string> texts;
  std::deque<std::vector<std::string>> lists;
  std::deque<bool> flags;
  bool password_stdin = false;
};

void add_options(Given& given) {
  const auto options = given.row->options;
  given.texts.resize(options.size());
  given.lists.resize(options.size());
  given.flags.resize(options.size());
  for (std::size_t i = 0; i < options.size(); ++i) {
    const OptionRow& option = options[i];
    const std::string flag(option.flag);
    const std::string help(option.help);
    CLI::Option* added = nullptr;
    switch (option.kind) {
      case OptionKind::list:
        added = given.app->add_option(flag, given.lists[i], help)->delimiter(',');
        break;
      case OptionKind::flag_true:
      case OptionKind::flag_false: added = given.app->add_flag(flag, given.flags[i], help); break;
      case OptionKind::password:
        given.app->add_option(flag, given.texts[i], help);
        given.app->add_flag(flag + "-stdin", given.password_stdin,
                            "Read the password from the first line of standard input");
        break;
      default: added = given.app->add_option(flag, given.texts[i], help);
    }
    if (added != nullptr && option.required && option.kind != OptionKind::input) {
      added->required();
    }
  }
  CLI::Option* const enable = given.app->get_option_no_throw("--enable");
  CLI::Option* const disable = given.app->get_option_no_throw("--disable");
  if (enable != nullptr && disable != nullptr) {
    enable->excludes(disable);
  }
}

std::string read_all(std::FILE* in) {
  std::string text;
  char buffer[8192];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, in)) > 0;) {
    text.append(buffer, got);
  }
  return text;
}

// The option's value as JSON; null when it was not given.
Result<Json> option_value(World& world, const Given& given, std::size_t i) {
  const OptionRow& option = given.row->options[i];
  const std::string& text = given.texts[i];
  switch (option.kind) {
    case OptionKind::list: return given.lists[i].empty() ? Json() : Json(given.lists[i]);
    case OptionKind::flag_true: return given.flags[i] ? Json(true) : Json();
    case OptionKind::flag_false: return given.flags[i] ? Json(false) : Json();
    case OptionKind::input: return text.empty() ? Json(read_all(world.in)) : Json(text);
    case OptionKind::password: {
      TRY(auto password, read_password(world, text, given.password_stdin, "Password: "));
      return Json(password.reveal());
    }
    case OptionKind::bytes: {
      if (given.app->count(std::string(option.flag)) == 0) {
        return Json();
      }
      TRY(const auto bytes, parse_bytes(text));
      return Json(bytes);
    }
    default: return text.empty() ? Json() : Json(text);
  }
}

Result<net::HttpRequest> build_request(World& world, const Given& given, const Globals& globals) {
  net::HttpRequest request;
  request.method = given.row->method;
  request.path = given.row->path;
  Json body = Json::object();
  bool has_body = false;
  for (std::size_t i = 0; i < given.row->options.size(); ++i) {
    const OptionRow& option = given.row->options[i];
    TRY(auto value, option_value(world, given, i));
    has_body = has_body || option.place == Place::body;
    if (value.is_null() && option.place == Place::path) {
      return fail(ErrorKind::invalid, "missing", fmt::format("{} is empty", option.flag),
                  std::string(option.help));
    }
    if (value.is_null()) {
      continue;
    }
    const std::string name(option.name);
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (option.place == Place::body) {
      body[name] = std::move(value);
    }
    if (option.place == Place::query) {
      request.query[name] = text;
    }
    if (option.place == Place::path) {
      request.path.replace(request.path.find('{'),
                           request.path.find('}') - request.path.find('{') + 1,
                           net::url_encode(text));
    }
  }
  const bool writes = request.method != "GET";
  if (has_body) {
    request.body = body.dump();
  }
  if (globals.wait > 0 &&
      ((writes && !given.row->acts) || request.path.starts_with("/api/revisions/"))) {
    request.query["wait"] = std::to_string(globals.wait);
  }
  if (globals.dry_run && writes) {
    request.query["dry_run"] = "1";
  }
  return request;
}

void show(World& world, const CommandRow& row, const Json& answer) {
  std::string text;
  if (answer.value("dry_run", false)) {
    text = dry_run_text(answer);
  } else if (row.path == "/api/system/status") {
    text = status_text(answer);
  } else if (row.path == "/api/system/logs") {
    text = logs_text(answer);
  } else if (row.path == "/api/mail/queue") {
    text = queue_text(answer);
  } else if (!row.columns.empty()) {
    text = table(answer.value("items", Json::array()), row.columns);
    if (answer.contains("next") && answer["next"].is_string()) {
      text += fmt::format("more: --cursor {}\n", answer["next"].get<std::string>());
    }
  } else if (!row.done.empty()) {
    text = fill_sentence(row.done, answer) +
           (answer.contains("revision") ? "; " + applied_text(answer) : "") + "\n";
  } else {
    text = object_lines(answer);
  }
  std::fputs(text.c_str(), world.out);
}

int run_table_command(World& world, const Given& given, Globals& globals) {
  auto request = build_request(world, given, globals);
  if (!request) {
    return report_error(world, request.error());
  }
  auto caller = make_caller(world, globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  const auto answer = caller->call(std::move(*request));
  if (!answer) {
    if (globals.json && caller->problem()) {
      std::fprintf(world.out, "%s\n", caller->problem()->dump(2).c_str());
    }
    return report_error(world, answer.error(), caller->request_id());
  }
  if (globals.json) {
    std::fprintf(world.out, "%s\n", answer->dump(2).c_str());
  } else {
    show(world, *given.row, *answer);
  }
  return outcome_code(*answer);
}

void add_globals(CLI::App& app, Globals& globals) {
  app.add_option("--base-url", globals.base_url,
                 "Where the API is; default: the session's, else PODPLAY_URL");
  app.add_option("--session", globals.session, "Name of the session file")->capture_default_str();
  app.add_flag("--json", globals.json, "Print the server's JSON");
  app.add_flag("--dry-run", globals.dry_run,
               "Change nothing; show what would change and what the checkers say");
  app.add_option("--wait", globals.wait, "Seconds to wait until the services have applied a change")
      ->capture_default_str();
  app.add_flag_callback("--no-wait", [&globals] { globals.wait = 0; }, "Do not wait");
  app.add_flag("--verbose", globals.verbose, "Show requests and status codes");
  app.add_flag("--insecure", globals.insecure, "Do not verify the server's certificate");
  app.add_option("--ca", globals.ca, "File with the CA of the server's certificate (PEM)");
  app.fallthrough();
}

// The last command that was understood.
const CLI::App* innermost(const CLI::App* app) {
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
  }
  return app;
}

// "users create " of the command create; nothing of podplay itself.
std::string words_of(const CLI::App* command) {
  return command->get_parent() == nullptr
             ? ""
             : words_of(command->get_parent()) + command->get_name() + " ";
}

// "A subcommand is required" is what CLI11 says, also of a misspelt one: this names the word, and
// those that there are.
std::string no_such_command(const CLI::App& app, const std::string& word) {
  const CLI::App* at = innermost(&app);
  const std::string noun = words_of(at);
  std::vector<std::string> texts;
  for (const CLI::App* one : at->get_subcommands([](const CLI::App*) { return true; })) {
    texts.push_back(one->get_name());
  }
  const std::vector<std::string_view> names(texts.begin(), texts.end());
  // two letters are as near to `up` as any others
  const std::string near = word.size() > 3 ? nearest_name(word, names) : "";
  const std::string what =
      word.empty() ? "a command is missing" : fmt::format("there is no command '{}{}'", noun, word);
  return near.empty() ? fmt::format("{}; there are {}", what, fmt::join(names, ", "))
                      : fmt::format("{}; did you mean {}{}?", what, noun, near);
}

int say_usage(World& world, const CLI::App& app, const std::string& text) {
  std::fprintf(world.err, "podplay: %s\n  `podplay %s--help` shows how it is used\n", text.c_str(),
               words_of(innermost(&app)).c_str());
  return 2;
}

}  // namespace

int run(World& world, const std::vector<std::string>& arguments) {
  auto environment =
      pod::with_settings_file(std::move(world.environment), world.program, world.files);
  if (!environment) {
    return report_error(world, environment.error());
  }
  world.environment = std::move(*environment);
  CLI::App app{
      "podplay: your own web, DNS and mail. Every command but up, down, doctor and bootstrap is "
      "one call of the HTTP API.",
      "podplay"};
  app.require_subcommand(1);
  Globals globals;
  add_globals(app, globals);

  std::deque<Given> table;
  std::map<std::string, CLI::App*> nouns;
  // A noun of several words ("mail deleted") is a command within a command.
  const std::function<CLI::App*(const std::string&)> noun_app =
      [&](const std::string& noun) -> CLI::App* {
    if (noun.empty()) {
      return &app;
    }
    const std::size_t blank = noun.rfind(' ');
    CLI::App* const above = blank == noun.npos ? &app : noun_app(noun.substr(0, blank));
    CLI::App*& found = nouns[noun];
    if (found == nullptr) {
      found = above->add_subcommand(blank == noun.npos ? noun : noun.substr(blank + 1), "");
      found->require_subcommand(1)->fallthrough();
    }
    return found;
  };
  for (const CommandRow& row : commands()) {
    Given& given = table.emplace_back();
    given.row = &row;
    given.app = noun_app(std::string(row.noun))
                    ->add_subcommand(std::string(row.verb), std::string(row.help));
    given.app->fallthrough();
    add_options(given);
  }
  Special special;
  add_special_commands(noun_app, special);

  // podman's own options are not ours.
  if (!arguments.empty() && arguments.front() == "podman") {
    return run_podman_command(world, {arguments.begin() + 1, arguments.end()});
  }
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  if (!reversed.empty() && reversed.back() == "help") {
    reversed.back() = "--help";
  }
  if (reversed.size() == 2 && reversed.front() == "help") {
    reversed.front() = "--help";
  }
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), world.out);
    return 0;
  } catch (const CLI::RequiredError& error) {
    const auto rest = app.remaining(true);
    const bool no_command = std::string_view(error.what()) == "A subcommand is required";
    const auto word =
        std::ranges::find_if(rest, [](const std::string& one) { return !one.starts_with('-'); });
    return say_usage(
        world, app,
        no_command ? no_such_command(app, word == rest.end() ? "" : *word) : error.what());
  } catch (const CLI::ParseError& error) {
    return say_usage(world, app, error.what());
  }
  for (Given& given : table) {
    if (given.app->parsed()) {
      return run_table_command(world, given, globals);
    }
  }
  return run_special(world, special, globals);
}

}  // namespace podplay::cli
