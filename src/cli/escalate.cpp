// `certificates escalate`: from the pod's own authority to one that signs for tests, and from there
// to one that browsers trust. A step is taken only when the one before has worked, since failures
// at a trusted authority are counted.
#include <fmt/format.h>

#include <algorithm>

#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/follow.hpp"
#include "cli/invocation.hpp"
#include "cli/show/certificates.hpp"
#include "cli/show/exit_code.hpp"
#include "cli/show/table.hpp"

namespace podplay::cli {
namespace {

// Longer than an order takes.
constexpr int kMostSeconds = 600;

std::string path_of(const std::string& name) {
  return "/api/certificates/" + net::url_encode(name);
}

// The accounts that can order, those of test authorities first.
Result<Json> list_usable_accounts(Caller& caller) {
  TRY(const auto answer, caller.call({.method = "GET", .path = "/api/acme/accounts"}));
  Json usable = Json::array();
  for (const bool trusted : {false, true}) {
    for (const Json& account : answer.value("items", Json::array())) {
      if (account.value("state", "") == "valid" && account.value("trusted", false) == trusted) {
        usable.push_back(account);
      }
    }
  }
  return usable;
}

std::unexpected<Error> no_account() {
  return fail(
      ErrorKind::not_found, "no_account",
      "there is no account at a certificate authority that could order",
      "podplay acme create --directory letsencrypt-staging, then the same with letsencrypt");
}

std::unexpected<Error> step_before_failed(const Json& certificate) {
  const std::string name = member(certificate, "name");
  const std::string error = member(certificate, "last_error");
  return fail(ErrorKind::conflict, "step_before_open",
              fmt::format("{} has no certificate of {} yet{}", name, member(certificate, "issuer"),
                          error.empty() ? "" : ": " + error),
              fmt::format("get that one first: podplay certificates order {}", name));
}

// The next better issuer; empty when the certificate has one that browsers trust, or a version
// that an operator gave.
Result<std::string> next_issuer(const Json& certificate, const Json& accounts) {
  const std::string now = certificate.value("issuer", "");
  if (now == "file") {
    return "";
  }
  if (now == "internal") {
    return accounts.empty() ? Result<std::string>(no_account())
                            : accounts.front().value("name", "");
  }
  const auto is_present = [&](const Json& account) { return account.value("name", "") == now; };
  const auto present = std::ranges::find_if(accounts, is_present);
  if (present != accounts.end() && present->value("trusted", false)) {
    return "";
  }
  if (certificate.value("version_issuer", "") != now) {
    return step_before_failed(certificate);
  }
  const auto is_trusted = [](const Json& account) { return account.value("trusted", false); };
  const auto best = std::ranges::find_if(accounts, is_trusted);
  if (best == accounts.end()) {
    return fail(ErrorKind::not_found, "no_trusted_account",
                "there is no account at an authority that browsers trust",
                "podplay acme create --directory letsencrypt");
  }
  return best->value("name", "");
}

struct Step {
  // The issuer had been the best one already.
  bool at_the_end = false;
  int exit_code = 0;
};

Result<Step> take_step(const Invocation& invocation, Caller& caller, const std::string& name) {
  World& world = invocation.world;
  const Globals& globals = invocation.globals;
  TRY(const auto certificate, caller.call({.method = "GET", .path = path_of(name)}));
  TRY(const auto accounts, list_usable_accounts(caller));
  TRY(const auto issuer, next_issuer(certificate, accounts));
  const std::string now = member(certificate, "issuer");
  if (issuer.empty()) {
    print_to(world.out, "{} has the best issuer already: {}\n", name, now);
    return Step{.at_the_end = true};
  }
  net::HttpRequest request{
      .method = "PUT", .path = path_of(name), .body = Json{{"issuer", issuer}}.dump()};
  if (globals.dry_run) {
    request.query["dry_run"] = "1";
  }
  TRY(const auto changed, caller.call(std::move(request)));
  if (globals.dry_run) {
    print_to(world.out, "{}: {} would follow {}\n{}", name, issuer, now, findings_text(changed));
    return Step{.at_the_end = true, .exit_code = outcome_code(changed)};
  }
  print_to(world.out, "{}: {} follows {}; {}\n", name, issuer, now, member(changed, "next_step"));
  if (!changed.contains("job") || globals.wait == 0) {
    return Step{.at_the_end = globals.wait == 0};
  }
  const std::chrono::seconds longest(std::max(globals.wait, kMostSeconds));
  return Step{.exit_code =
                  follow_job(world, caller, changed["job"], longest, globals.json).exit_code};
}

}  // namespace

int run_escalate(const Invocation& invocation) {
  World& world = invocation.world;
  auto caller = make_caller(world, invocation.globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  const bool all = invocation.options.flag("--all");
  for (;;) {
    const auto step = take_step(invocation, *caller, invocation.options.text("name"));
    if (!step) {
      return report_error(world, step.error(), caller->request_id());
    }
    if (!all || step->at_the_end || step->exit_code != 0) {
      return step->exit_code;
    }
  }
}

}  // namespace podplay::cli
