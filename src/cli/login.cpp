// The login of this command line: `login` makes a token of its own, `logout` revokes it, and
// `bootstrap` makes it together with the first administrator. A token is written to the session
// file and never printed.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/pin_authority.hpp"
#include "cli/pod_commands.hpp"
#include "cli/show/change.hpp"
#include "cli/show/exit_code.hpp"
#include "model/settings.hpp"

namespace podplay::cli {
namespace {

// How the login is called in the lists of its user: whoever loses a laptop must find it there.
std::string login_name(const Globals& globals) {
  char host[256] = "this machine";
  static_cast<void>(::gethostname(host, sizeof host - 1));
  const std::string name = fmt::format("podplay on {}", host);
  return globals.session == "default" ? name : fmt::format("{}, session {}", name, globals.session);
}

// Calls the server. When nobody knows who signed its certificate, a person may take its authority.
Result<Json> call_pinned(World& world, const Globals& globals, Caller& caller,
                         const net::HttpRequest& request, const std::string& fingerprint) {
  auto answer = caller.call(request);
  const bool unknown =
      !answer && answer.error().code == "tls" && caller.session().ca.empty() && globals.ca.empty();
  const bool can_ask = !fingerprint.empty() || ::isatty(::fileno(world.in)) != 0;
  if (!unknown || !can_ask) {
    return answer;
  }
  TRY(auto root, confirm_authority(world, caller.session().base_url, fingerprint));
  caller.use_authority(std::move(root));
  return caller.call(request);
}

bool has_factor(const Json& answer, std::string_view factor) {
  const Json factors = answer.value("factors", Json::array());
  return std::ranges::any_of(factors, [&](const Json& one) { return one == factor; });
}

// Six digits are what an authenticator app shows; recovery codes look different.
bool looks_like_totp(const std::string& code) {
  return code.size() == 6 && code.find_first_not_of("0123456789") == code.npos;
}

// Finishes a login that asked for a second factor.
Result<Json> give_factor(World& world, const Options& options, Caller& caller, const Json& half) {
  const bool totp = has_factor(half, "totp");
  const bool recovery = has_factor(half, "recovery_code");
  if (!totp && !recovery) {
    return fail(ErrorKind::forbidden, "passkey_only",
                "this account has only a passkey, which needs a browser",
                "make a token in the browser, and log in with it: podplay login --token-stdin");
  }
  const char* prompt =
      totp ? "Code of your authenticator app, or a recovery code: " : "Recovery code: ";
  TRY(const auto code, options.secret(world, "--factor", prompt));
  const bool as_totp = totp && looks_like_totp(code.reveal());
  return caller.call({.method = "POST",
                      .path = "/api/login/factor",
                      .body = Json{{"ticket", half.value("ticket", "")},
                                   {"factor", as_totp ? "totp" : "recovery_code"},
                                   {"code", code.reveal()}}
                                  .dump()});
}

// Sends the login and saves its token.
Status log_in(World& world, const Globals& globals, const std::string& email,
              const Secret& password, const Options& options, const std::string& fingerprint) {
  TRY(auto caller, make_caller(world, globals));
  caller.forget_token();
  const net::HttpRequest request{
      .method = "POST",
      .path = "/api/login",
      .body = Json{{"email", email}, {"password", password.reveal()}, {"name", login_name(globals)}}
                  .dump()};
  TRY(auto answer, call_pinned(world, globals, caller, request, fingerprint));
  if (answer.value("second_factor_required", false)) {
    TRY(answer, give_factor(world, options, caller, answer));
  }
  Session session = caller.session();
  session.email = email;
  session.token = Secret(answer.value("token", ""));
  return save_session(world.files, world.environment, globals.session, session);
}

// Saves a token that was made elsewhere, if the server knows it. Gives whose it is.
Result<std::string> take_token(World& world, const Globals& globals, const Options& options) {
  TRY(auto token, options.secret(world, "--token", "Token: "));
  TRY(auto caller, make_caller(world, globals));
  caller.use_token(token);
  TRY(const auto answer,
      call_pinned(world, globals, caller, {.path = "/api/session"}, options.text("--fingerprint")));
  Session session = caller.session();
  session.email = answer.value("email", "");
  session.token = std::move(token);
  TRY(save_session(world.files, world.environment, globals.session, session));
  return session.email;
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
  if (invocation.options.has_secret("--token")) {
    const auto whose = take_token(world, invocation.globals, invocation.options);
    if (!whose) {
      return report_error(world, whose.error());
    }
    print_to(world.out, "logged in as {}\n", *whose);
    return 0;
  }
  const auto email = wanted_email(invocation);
  if (!email) {
    return report_error(world, email.error());
  }
  const auto password = invocation.options.password(world, "Password: ");
  if (!password) {
    return report_error(world, password.error());
  }
  const Status done = log_in(world, invocation.globals, *email, *password, invocation.options,
                             invocation.options.text("--fingerprint"));
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
  const Status in = log_in(world, globals, login->email, login->password, invocation.options, "");
  if (!in) {
    return report_error(world, in.error());
  }
  print_to(world.out, "this command line is logged in as {}\n", login->email);
  return answer ? 0 : report_error(world, answer.error(), caller->request_id());
}

}  // namespace podplay::cli
