// The login of this command line: `login` makes it, `logout` ends it, and `bootstrap` makes it
// together with the first administrator. A token is written to the session file and never printed.
#include <fmt/format.h>
#include <unistd.h>

#include "base/encoding.hpp"
#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/pod_commands.hpp"
#include "cli/show/change.hpp"
#include "cli/show/exit_code.hpp"
#include "model/settings.hpp"

namespace podplay::cli {
namespace {

// Sends the login and saves its token.
Status log_in(World& world, const Globals& globals, const std::string& email,
              const Secret& password) {
  TRY(auto caller, make_caller(world, globals));
  caller.forget_token();
  TRY(const auto answer,
      caller.call({.method = "POST",
                   .path = "/api/login",
                   .body = Json{{"email", email}, {"password", password.reveal()}}.dump()}));
  Session session = caller.session();
  session.email = email;
  session.token = Secret(answer.value("token", ""));
  return save_session(world.files, world.environment, globals.session, session);
}

Result<std::string> wanted_email(const Invocation& invocation) {
  World& world = invocation.world;
  if (const std::string& given = invocation.options.text("--email"); !given.empty()) {
    return given;
  }
  if (::isatty(::fileno(world.in)) != 0) {
    std::fputs("E-mail: ", world.err);
    return read_line(world.in);
  }
  return fail(ErrorKind::invalid, "missing", "--email is missing",
              "name the user: podplay login --email you@example.com");
}

// The e-mail address and password of the first administrator.
struct FirstLogin {
  std::string email;
  Secret password;
  bool generated = false;
};

Result<FirstLogin> first_login(const Invocation& invocation, const Settings& settings) {
  const std::string& given = invocation.options.text("--email");
  FirstLogin login;
  login.email = given.empty() ? "admin@" + settings.text("PODPLAY_DOMAIN") : given;
  login.generated = !invocation.options.has_password();
  if (login.generated) {
    login.password = Secret(random_token(15));
  } else {
    TRY(login.password, invocation.options.password(invocation.world, "Password: "));
  }
  return login;
}

// Called before the request, so that the administrator knows the password even when the answer is
// lost. The password goes once to the terminal or pipe of the person who asked, and is kept
// nowhere.
void show_password(World& world, const FirstLogin& login) {
  print_to(world.out,
           "  {}: {}\n  This password is shown only now; change it: podplay users password {}\n",
           login.email, login.password.reveal(), login.email);
  std::fflush(world.out);
}

}  // namespace

int run_login(const Invocation& invocation) {
  World& world = invocation.world;
  const auto email = wanted_email(invocation);
  if (!email) {
    return report_error(world, email.error());
  }
  const auto password = invocation.options.password(world, "Password: ");
  if (!password) {
    return report_error(world, password.error());
  }
  const Status done = log_in(world, invocation.globals, *email, *password);
  if (!done) {
    return report_error(world, done.error());
  }
  print_to(world.out, "logged in as {}\n", *email);
  return 0;
}

int run_logout(const Invocation& invocation) {
  World& world = invocation.world;
  auto caller = make_caller(world, invocation.globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  const auto answer = caller->call({.method = "POST", .path = "/api/logout"});
  // The token is forgotten here even when the server could not be reached.
  Session session = caller->session();
  session.token = Secret();
  const Status saved =
      save_session(world.files, world.environment, invocation.globals.session, session);
  if (!saved) {
    return report_error(world, saved.error());
  }
  if (!answer) {
    return report_error(world, answer.error(), caller->request_id());
  }
  print_text(world.out, "logged out\n");
  return 0;
}

int run_bootstrap(const Invocation& invocation) {
  World& world = invocation.world;
  const auto settings = effective_settings(world.environment);
  if (!settings) {
    return report_error(world, settings.error());
  }
  const auto secret = pod::read_bootstrap_secret(pod_lifecycle(world, *settings));
  if (!secret) {
    const bool there = secret.error().kind == ErrorKind::not_found;
    if (there && invocation.options.flag("--if-needed")) {
      print_text(world.out, "there is an administrator already\n");
      return 0;
    }
    return report_error(world, secret.error());
  }
  const auto login = first_login(invocation, *settings);
  if (!login) {
    return report_error(world, login.error());
  }
  // The secret comes from this host's pod, so the request goes to that pod, wherever the session
  // points.
  Globals globals = invocation.globals;
  if (globals.base_url.empty()) {
    globals.base_url = settings->text("PODPLAY_URL");
  }
  auto caller = make_caller(world, globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  net::HttpRequest request{.method = "POST", .path = "/api/bootstrap"};
  request.query[globals.dry_run ? "dry_run" : "wait"] = globals.dry_run ? "1" : "30";
  request.body = Json{{"secret", secret->reveal()},
                      {"email", login->email},
                      {"password", login->password.reveal()}}
                     .dump();
  if (login->generated && !globals.dry_run) {
    show_password(world, *login);
  }
  const auto answer = caller->call(std::move(request));
  // The administrator stays even when a service refused the domain's files.
  const bool made = answer || answer.error().code == "refused";
  if (!made) {
    return report_error(world, answer.error(), caller->request_id());
  }
  if (globals.dry_run) {
    print_text(world.out, dry_run_text(*answer));
    return 0;
  }
  print_to(world.out, "made the first administrator {}{}\n", login->email,
           answer ? "; " + applied_text(*answer) : "");
  const Status in = log_in(world, globals, login->email, login->password);
  if (!in) {
    return report_error(world, in.error());
  }
  print_to(world.out, "this command line is logged in as {}\n", login->email);
  return answer ? 0 : report_error(world, answer.error(), caller->request_id());
}

}  // namespace podplay::cli
