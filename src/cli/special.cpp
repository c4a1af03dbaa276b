// login, logout, bootstrap, import, and the pod's lifecycle.
#include "cli/special.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "cli/print.hpp"
#include "model/settings.hpp"
#include "pod/lifecycle.hpp"

namespace podplay::cli {
namespace {

Result<std::string> read_line(std::FILE* in) {
  std::string line;
  for (int c = std::fgetc(in); c != EOF && c != '\n'; c = std::fgetc(in)) {
    line += static_cast<char>(c);
  }
  if (line.ends_with('\r')) {
    line.pop_back();
  }
  if (line.empty()) {
    return fail(ErrorKind::invalid, "no_input", "standard input gave nothing");
  }
  return line;
}

// Posts the login and keeps its token.
Status log_in(World& world, Globals& globals, const std::string& email, const Secret& password) {
  TRY(auto caller, make_caller(world, globals));
  Session session = caller.session();
  session.token = Secret();
  Caller fresh(session, {globals.verbose, globals.insecure, {}});
  net::HttpRequest request;
  request.method = "POST";
  request.path = "/api/login";
  request.body = Json{{"email", email}, {"password", password.reveal()}}.dump();
  TRY(const auto answer, fresh.call(std::move(request)));
  session.email = email;
  session.token = Secret(answer.value("token", ""));
  return save_session(world.files, session_folder(world.environment), globals.session, session);
}

int login_command(World& world, Special& special, Globals& globals) {
  std::string email = special.email;
  if (email.empty() && ::isatty(::fileno(world.in)) != 0) {
    std::fputs("E-mail: ", world.err);
    email = read_line(world.in).value_or("");
  }
  if (email.empty()) {
    return report_error(world, {ErrorKind::invalid,
                                "missing",
                                "--email is missing",
                                "podplay login --email you@example.com",
                                {}});
  }
  const auto password =
      read_password(world, special.password, special.password_stdin, "Password: ");
  if (!password) {
    return report_error(world, password.error());
  }
  const Status done = log_in(world, globals, email, *password);
  if (!done) {
    return report_error(world, done.error());
  }
  std::fprintf(world.out, "logged in as %s\n", email.c_str());
  return 0;
}

int logout_command(World& world, Globals& globals) {
  auto caller = make_caller(world, globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  net::HttpRequest request;
  request.method = "POST";
  request.path = "/api/logout";
  const auto answer = caller->call(std::move(request));
  Session session = caller->session();
  session.token = Secret();
  const Status saved =
      save_session(world.files, session_folder(world.environment), globals.session, session);
  if (!saved) {
    return report_error(world, saved.error());
  }
  if (!answer) {
    return report_error(world, answer.error(), caller->request_id());
  }
  std::fputs("logged out\n", world.out);
  return 0;
}

int import_command(World& world, Special& special, Globals& globals) {
  auto text = world.files.read(special.file);
  if (!text) {
    return report_error(world, text.error());
  }
  auto caller = make_caller(world, globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  net::HttpRequest request;
  request.method = "POST";
  request.path = "/api/users/import";
  request.headers["Content-Type"] = "application/x-ndjson";
  request.body = std::move(*text);
  if (globals.wait > 0) {
    request.query["wait"] = std::to_string(std::max(globals.wait, 60));
  }
  if (globals.dry_run) {
    request.query["dry_run"] = "1";
  }
  const auto answer = caller->call(std::move(request));
  if (!answer) {
    return report_error(world, answer.error(), caller->request_id());
  }
  if (globals.json) {
    std::fprintf(world.out, "%s\n", answer->dump(2).c_str());
  } else if (globals.dry_run) {
    std::fputs(dry_run_text(*answer).c_str(), world.out);
  } else {
    std::fprintf(world.out, "%s; %s\n", fill_sentence("created {created} users", *answer).c_str(),
                 applied_text(*answer).c_str());
  }
  return outcome_code(*answer);
}

// What the lifecycle needs; the settings must outlive it.
pod::Lifecycle lifecycle_of(World& world, const Settings& settings) {
  return {settings,     world.runner, world.clock, world.out, ::isatty(::fileno(world.out)) != 0,
          world.program};
}

int bootstrap_command(World& world, Special& special, Globals& globals, const Settings& settings) {
  const pod::Lifecycle lifecycle = lifecycle_of(world, settings);
  const auto secret = pod::read_bootstrap_secret(lifecycle);
  if (!secret && secret.error().kind == ErrorKind::not_found && special.if_needed) {
    std::fputs("there is an administrator already\n", world.out);
    return 0;
  }
  if (!secret) {
    return report_error(world, secret.error());
  }
  const std::string email =
      special.email.empty() ? "admin@" + settings.text("PODPLAY_DOMAIN") : special.email;
  const bool generated = special.password.empty() && !special.password_stdin;
  const auto password = generated
                            ? Result<Secret>(Secret(random_token(15)))
                            : read_password(world, special.password, special.password_stdin, "");
  if (!password) {
    return report_error(world, password.error());
  }
  if (globals.base_url.empty()) {
    globals.base_url = settings.text("PODPLAY_URL");
  }
  auto caller = make_caller(world, globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  net::HttpRequest request;
  request.method = "POST";
  request.path = "/api/bootstrap";
  if (globals.dry_run) {
    request.query["dry_run"] = "1";
  } else {
    request.query["wait"] = "30";
  }
  request.body =
      Json{{"secret", secret->reveal()}, {"email", email}, {"password", password->reveal()}}.dump();
  // On the terminal or pipe of the person who asked, once; it is kept nowhere. Before the request:
  // whatever becomes of its answer, who is an administrator then knows his password.
  if (generated && !globals.dry_run) {
    std::fprintf(
        world.out,
        "  %s: %s\n  This password is shown only now; change it: podplay users password %s\n",
        email.c_str(), password->reveal().c_str(), email.c_str());
    std::fflush(world.out);
  }
  const auto answer = caller->call(std::move(request));
  // A service that refused the domain's files does not take the administrator back.
  const bool made = answer || answer.error().code == "refused";
  if (!made) {
    return report_error(world, answer.error(), caller->request_id());
  }
  if (globals.dry_run) {
    std::fputs(dry_run_text(*answer).c_str(), world.out);
    return 0;
  }
  std::fprintf(world.out, "made the first administrator %s%s\n", email.c_str(),
               answer ? ("; " + applied_text(*answer)).c_str() : "");
  const Status in = log_in(world, globals, email, *password);
  if (!in) {
    return report_error(world, in.error());
  }
  std::fprintf(world.out, "this command line is logged in as %s\n", email.c_str());
  return answer ? 0 : report_error(world, answer.error(), caller->request_id());
}

int where_command(World& world, const Settings& settings) {
  // A server is known by its name; 0.0.0.0 is no address that anybody can open.
  const bool everywhere = settings.text("PODPLAY_HOST_ADDRESS") == "0.0.0.0";
  const std::string host =
      everywhere ? settings.text("PODPLAY_HOST_NAME") : settings.text("PODPLAY_HOST_ADDRESS");
  const auto at = [&](Settings::Integer port) {
    return fmt::format("{}:{}", host, settings.integer(port));
  };
  std::fprintf(world.out,
               "web         https://%s/  (host name %s; http://%s redirects)\n"
               "API         %s/api, and https://%s/api\n"
               "DNS         %s, UDP and TCP\n"
               "SMTP        %s; submission %s (STARTTLS), %s (TLS)\n"
               "IMAP        %s (STARTTLS), %s (TLS)\n"
               "POP3        %s (STARTTLS), %s (TLS)\n"
               "ManageSieve %s\n"
               "next        bin/podplay status\n"
               "            bin/podplay-auth users create --email test@%s --password password123\n",
               at("PODPLAY_HOST_HTTPS_PORT").c_str(), settings.text("PODPLAY_HOST_NAME").c_str(),
               at("PODPLAY_HOST_HTTP_PORT").c_str(), settings.text("PODPLAY_URL").c_str(),
               at("PODPLAY_HOST_HTTPS_PORT").c_str(), at("PODPLAY_HOST_DNS_PORT").c_str(),
               at("PODPLAY_HOST_SMTP_PORT").c_str(), at("PODPLAY_HOST_SUBMISSION_PORT").c_str(),
               at("PODPLAY_HOST_SMTPS_PORT").c_str(), at("PODPLAY_HOST_IMAP_PORT").c_str(),
               at("PODPLAY_HOST_IMAPS_PORT").c_str(), at("PODPLAY_HOST_POP3_PORT").c_str(),
               at("PODPLAY_HOST_POP3S_PORT").c_str(), at("PODPLAY_HOST_SIEVE_PORT").c_str(),
               settings.text("PODPLAY_DOMAIN").c_str());
  return 0;
}

int finish(World& world, const Status& status) {
  return status ? 0 : report_error(world, status.error());
}

}  // namespace

void add_special_commands(const std::function<CLI::App*(const std::string&)>& noun_app,
                          Special& special) {
  const auto add = [&](const std::string& noun, const std::string& verb, const std::string& help) {
    CLI::App* added = noun_app(noun)->add_subcommand(verb, help);
    added->fallthrough();
    special.apps.emplace_back(noun.empty() ? verb : noun + " " + verb, added);
    return added;
  };
  const auto add_password = [&](CLI::App* command, const char* help) {
    command->add_option("--password", special.password, help);
    command->add_flag("--password-stdin", special.password_stdin,
                      "Read the password from the first line of standard input");
  };
  CLI::App* login = add("", "login", "Log in and keep the token in the session file");
  login->add_option("--email", special.email, "Login name");
  add_password(login, "Better --password-stdin or the prompt");
  add("", "logout", "End the token");
  CLI::App* bootstrap = add(
      "", "bootstrap", "Make the first administrator, once; needs access to this host's podman");
  bootstrap->add_option("--email", special.email, "Default: admin@PODPLAY_DOMAIN");
  add_password(bootstrap, "Default: a generated one, shown once");
  bootstrap->add_flag("--if-needed", special.if_needed,
                      "Success when there is an administrator already");
  add("users", "import", "Create many users from a file of newline-delimited JSON, all or nothing")
      ->add_option("file", special.file, "The file")
      ->required();
  CLI::App* up = add("", "up", "Start the pod and prove it; a second time changes nothing");
  up->add_flag("--debug", special.debug, "Also start the debug container");
  up->add_flag("--replace", special.replace, "Replace the pod even when nothing changed");
  add("", "down", "Stop the pod in order; volumes stay");
  add("", "wait", "Wait until the pod is ready");
  add("", "doctor", "Say what this host is and what `up` does about it");
  add("", "where", "Say where everything is");
  add("", "podman", "podman as this host needs it called: podplay podman ARGUMENTS...");
  add("settings", "doc", "Print docs/settings.md");
  add("", "completion", "Print a completion script")
      ->add_option("shell", special.shell, "bash, zsh or fish")
      ->required();
  add("", "version", "Print the version");
}

int run_special(World& world, Special& special, Globals& globals) {
  std::string command;
  for (const auto& [words, app] : special.apps) {
    if (app->parsed()) {
      command = words;
    }
  }
  static constexpr std::string_view kCanBeTriedOut[] = {"users import", "bootstrap", "up", "down"};
  if (globals.dry_run && std::ranges::find(kCanBeTriedOut, command) == std::end(kCanBeTriedOut)) {
    std::fprintf(world.err,
                 "podplay: --dry-run is not possible with %s: it changes nothing of the pod, or "
                 "acts at once\n",
                 command.c_str());
    return 2;
  }
  if (command == "login") {
    return login_command(world, special, globals);
  }
  if (command == "logout") {
    return logout_command(world, globals);
  }
  if (command == "users import") {
    return import_command(world, special, globals);
  }
  if (command == "version") {
    return std::fprintf(world.out, "podplay %s\n", PODPLAY_VERSION) < 0;
  }
  if (command == "settings doc") {
    return std::fputs(settings_markdown().c_str(), world.out) < 0;
  }
  if (command == "completion") {
    const std::string script = completion_script(special.shell);
    if (script.empty()) {
      return report_error(world, {ErrorKind::invalid,
                                  "bad_shell",
                                  "there is no completion for " + special.shell,
                                  "use bash, zsh or fish",
                                  {}});
    }
    return std::fputs(script.c_str(), world.out) < 0;
  }
  const auto settings = effective_settings(world.environment);
  if (!settings) {
    return report_error(world, settings.error());
  }
  if (command == "bootstrap") {
    return bootstrap_command(world, special, globals, *settings);
  }
  if (command == "where") {
    return where_command(world, *settings);
  }
  const pod::Lifecycle lifecycle = lifecycle_of(world, *settings);
  if (command == "up") {
    return finish(world, pod::run_up(lifecycle, {special.debug, special.replace, globals.dry_run}));
  }
  if (command == "down") {
    return finish(world, pod::run_down(lifecycle, globals.dry_run));
  }
  if (command == "wait") {
    return finish(world, pod::run_wait(lifecycle));
  }
  if (command == "doctor") {
    return finish(world, pod::run_doctor(lifecycle));
  }
  return report_error(world, {ErrorKind::internal,
                              "no_command",
                              "this command does nothing",
                              "report this as a defect",
                              {}});
}

int run_podman_command(World& world, const std::vector<std::string>& arguments) {
  const auto settings = effective_settings(world.environment);
  if (!settings) {
    return report_error(world, settings.error());
  }
  return pod::run_podman(lifecycle_of(world, *settings), arguments);
}

Result<Secret> read_password(World& world, const std::string& given, bool from_stdin,
                             const char* prompt) {
  if (!given.empty()) {
    return Secret(given);
  }
  const int fd = ::fileno(world.in);
  // also with --password-stdin: nobody's password is shown on a terminal
  const bool ask = ::isatty(fd) != 0;
  if (!from_stdin && !ask) {
    return fail(ErrorKind::invalid, "missing", "a password is missing",
                "give --password-stdin, or --password");
  }
  termios before{};
  if (ask) {
    std::fputs(*prompt == '\0' ? "Password: " : prompt, world.err);
    ::tcgetattr(fd, &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd, TCSAFLUSH, &silent);
  }
  auto line = read_line(world.in);
  if (ask) {
    ::tcsetattr(fd, TCSAFLUSH, &before);
    std::fputs("\n", world.err);
  }
  if (!line) {
    return std::unexpected(line.error());
  }
  return Secret(std::move(*line));
}

Result<Caller> make_caller(World& world, const Globals& globals) {
  TRY(auto session, load_session(world.files, session_folder(world.environment), globals.session));
  std::string wanted = globals.base_url;
  // A session knows where it was made; a URL or port that the environment names all the same is
  // meant.
  const bool named = world.environment.contains("PODPLAY_URL") ||
                     world.environment.contains("PODPLAY_HOST_API_PORT");
  if (wanted.empty() && (session.base_url.empty() || named)) {
    TRY(const auto settings, effective_settings(world.environment));
    wanted = settings.text("PODPLAY_URL");
  }
  if (!wanted.empty() && wanted != session.base_url) {
    // A token goes only to the server that gave it.
    if (!session.base_url.empty()) {
      session.token = Secret();
    }
    session.base_url = wanted;
  }
  CallerOptions options{globals.verbose, globals.insecure, {}};
  if (!globals.ca.empty()) {
    auto ca = world.files.read(globals.ca);
    if (!ca) {
      return std::unexpected(ca.error());
    }
    options.ca = std::move(*ca);
  }
  return Caller(std::move(session), std::move(options));
}

int report_error(World& world, const Error& error, const std::string& request_id) {
  std::fputs(problem_text(error, request_id).c_str(), world.err);
  return exit_code(error.kind);
}

}  // namespace podplay::cli
