// `podplay test ...`: the journeys, walked as a person does, by HTTP and with the mails that
// arrive. Accounts that are made for it have names of their own, and are gone afterwards, also when
// a step failed.
#include <fmt/format.h>

#include <functional>
#include <set>

#include "base/encoding.hpp"
#include "base/print.hpp"
#include "cli/invocation.hpp"
#include "cli/journey_walk.hpp"
#include "cli/show/exit_code.hpp"

namespace podplay::cli {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

constexpr auto kExportDeadline = 15'000ms;

// Somebody who has registered, and can be reached elsewhere.
struct Person {
  std::string email;
  Secret password;
  Inbox outside;
};

Result<Person> walk_registration(Walk& walk) {
  TRY(walk.open_registration());
  TRY(auto outside, walk.make_mailbox("outside"));
  Person person{.email = walk.new_address("new"),
                .password = walk.new_password(),
                .outside = std::move(outside)};
  walk.will_make(person.email);
  TRY(walk.as_person("POST", "/api/register",
                     {{"email", person.email},
                      {"password", person.password.reveal()},
                      {"recovery_address", person.outside.email},
                      {"language", "de"}}));
  TRY(expect_refusal(
      walk.as_person("POST", "/api/login",
                     {{"email", person.email}, {"password", person.password.reveal()}}),
      "login_failed"));
  TRY(const auto mail, walk.next_link(person.outside));
  TRY(expect(mail.subject.find("bestätigen") != mail.subject.npos, "the mail is in German"));
  TRY(const auto view, walk.as_person("POST", "/api/links/look", {{"token", mail.token}}));
  TRY(expect(view.value("email", "") == person.email, "the link names the account"));
  TRY(const auto confirmed, walk.as_person("POST", "/api/confirm", {{"token", mail.token}}, true));
  TRY(expect(confirmed.value("state", "") == "active", "the account is active"));
  TRY(expect_refusal(walk.as_person("POST", "/api/confirm", {{"token", mail.token}}),
                     "link_invalid"));
  TRY(walk.log_in(person.email, person.password));
  TRY(const auto account, walk.as_person("GET", "/api/account"));
  TRY(expect(account.value("recovery_address", "") == person.outside.email,
             "the account has the recovery address"));
  TRY(walk.log_in_by_imap(person.email, person.password));
  return person;
}

Status walk_taken_address(Walk& walk, Person& person) {
  TRY(walk.as_person("POST", "/api/register",
                     {{"email", person.email},
                      {"password", walk.new_password().reveal()},
                      {"recovery_address", person.outside.email}}));
  TRY(const auto mail, walk.next_mail(person.outside));
  return expect(mail.token.empty(), "an address that is taken gets no link");
}

Status walk_reset(Walk& walk, Person& person) {
  const Json wanted{{"email", person.email}};
  TRY(walk.as_person("POST", "/api/password-reset", wanted));
  TRY(const auto mail, walk.next_link(person.outside));
  const Secret before = person.password;
  person.password = walk.new_password();
  TRY(walk.as_person("POST", "/api/password-reset/confirm",
                     {{"token", mail.token}, {"password", person.password.reveal()}}, true));
  // The person is told, here and in the mailbox.
  TRY(const auto told, walk.next_mail(person.outside));
  TRY(expect(told.token.empty(), "the news of the change has no link"));
  TRY(expect_refusal(walk.as_person("GET", "/api/account"), "token_invalid"));
  TRY(expect_refusal(walk.as_person("POST", "/api/login",
                                    {{"email", person.email}, {"password", before.reveal()}}),
                     "login_failed"));
  TRY(walk.log_in(person.email, person.password));
  return walk.log_in_by_imap(person.email, person.password);
}

// The answers are the same for an account that does not exist, and there is a limit.
Status walk_reset_limit(Walk& walk) {
  const Json wanted{{"email", walk.new_address("nobody")}};
  Result<Json> answer = walk.as_person("POST", "/api/password-reset", wanted);
  TRY(const auto first, answer);
  TRY(expect(first.value("state", "") == "mail_sent", "nobody is told who exists"));
  constexpr int kMoreThanAllowed = 1000;
  for (int i = 0; answer && i < kMoreThanAllowed; ++i) {
    answer = walk.as_person("POST", "/api/password-reset", wanted);
  }
  TRY(expect_refusal(answer, "too_many_requests"));
  return expect(answer.error().retry_after > 0s, "the refusal says how long to wait");
}

Status walk_recovery_address(Walk& walk, Person& person) {
  TRY(auto elsewhere, walk.make_mailbox("elsewhere"));
  TRY(const auto asked, walk.as_person("PUT", "/api/account/recovery-address",
                                       {{"address", elsewhere.email},
                                        {"current_password", person.password.reveal()}}));
  TRY(expect(asked.value("waits_for", Json::array()).size() == 2, "both addresses must confirm"));
  TRY(const auto to_new, walk.next_link(elsewhere));
  TRY(const auto to_old, walk.next_link(person.outside));
  TRY(const auto half, walk.as_person("POST", "/api/confirm", {{"token", to_new.token}}));
  TRY(expect(half.value("state", "") == "waiting_for_other", "one of two is not enough"));
  TRY(const auto whole, walk.as_person("POST", "/api/confirm", {{"token", to_old.token}}));
  TRY(expect(whole.value("state", "") == "changed", "both are enough"));
  person.outside = std::move(elsewhere);
  TRY(const auto account, walk.as_person("GET", "/api/account"));
  return expect(account.value("recovery_address", "") == person.outside.email,
                "the recovery address is changed");
}

Status walk_invitation(Walk& walk, Person& person) {
  TRY(const auto made, walk.make_mailbox("invited"));
  // The outside mailbox got nothing else since the address was changed.
  TRY(walk.as_admin("POST", fmt::format("/api/users/{}/invite", net::url_encode(made.email)),
                    {{"address", person.outside.email}}));
  TRY(const auto mail, walk.next_link(person.outside));
  const Secret password = walk.new_password();
  TRY(walk.as_person("POST", "/api/password-reset/confirm",
                     {{"token", mail.token}, {"password", password.reveal()}}, true));
  return walk.log_in_by_imap(made.email, password);
}

Status walk_export(Walk& walk, Person& person) {
  TRY(walk.as_person("POST", "/api/account/export",
                     {{"current_password", person.password.reveal()}}));
  const SteadyTime until = walk.clock().steady() + kExportDeadline;
  std::string state;
  while (state != "ready") {
    TRY(const auto copy, walk.as_person("GET", "/api/account/export"));
    state = copy.value("state", "");
    if (state == "failed" || walk.clock().steady() > until) {
      return unexpected_answer(fmt::format("the copy is {}: {}", state, copy.value("words", "")));
    }
    walk.clock().sleep(50ms);
  }
  std::string archive;
  TRY(walk.download("/api/account/export/file", archive));
  TRY(expect(archive.find(person.email + "/account.json") != archive.npos,
             "the copy has the account"));
  TRY(expect(archive.find("PASSWORD_CHANGED") != archive.npos, "the copy has the audit"));
  return expect(archive.find("Auto-Submitted") != archive.npos, "the copy has the mail");
}

Status walk_deletion(Walk& walk, Person& person) {
  TRY(walk.as_person("POST", "/api/account/deletion",
                     {{"current_password", person.password.reveal()}}, true));
  TRY(expect_refusal(
      walk.as_person("POST", "/api/login",
                     {{"email", person.email}, {"password", person.password.reveal()}}),
      "login_failed"));
  TRY(const auto mail, walk.next_link(person.outside));
  TRY(const auto kept, walk.as_person("POST", "/api/confirm", {{"token", mail.token}}, true));
  TRY(expect(kept.value("state", "") == "kept", "the link keeps the account"));
  TRY(walk.log_in(person.email, person.password));
  return walk.log_in_by_imap(person.email, person.password);
}

Status walk_why_locked(Walk& walk, const Person& person) {
  TRY(expect_refusal(
      walk.as_person("POST", "/api/login", {{"email", person.email}, {"password", "wrong"}}),
      "login_failed"));
  const std::string path = "/api/users/" + net::url_encode(person.email);
  TRY(const auto lock, walk.as_admin("GET", path + "/lock"));
  const Json tries = lock.value("tries", Json::array());
  TRY(expect(!tries.empty() && tries[0].value("door", "") == "http" &&
                 !tries[0].value("address", "").empty(),
             "the wrong password is explained by door, address and time"));
  TRY(walk.as_admin("POST", path + "/unlock"));
  TRY(const auto after, walk.as_admin("GET", path + "/lock"));
  return expect(after.value("wrong_passwords", std::int64_t{1}) == 0, "unlocking forgets it");
}

// Prints what came of each step. Stops at the first that failed.
class Report {
 public:
  explicit Report(World& world) : world_(world), began_(world.clock.steady()) {}

  bool step(const char* name, const std::function<Status()>& work) {
    if (failed_) {
      return false;
    }
    const SteadyTime begun = world_.clock.steady();
    const Status done = work();
    const auto took = duration_cast<milliseconds>(world_.clock.steady() - begun).count();
    if (done) {
      print_to(world_.out, "ok    {:<20} {:>6} ms\n", name, took);
    } else {
      print_to(world_.out, "FAIL  {:<20} {:>6} ms  {}\n", name, took, describe(done.error()));
      failed_ = true;
    }
    std::fflush(world_.out);
    return !failed_;
  }
  int finish(Walk& walk) {
    for (const std::string& left : walk.clean_up()) {
      print_to(world_.out, "LEFT  {}\n", left);
      failed_ = true;
    }
    const auto took = duration_cast<milliseconds>(world_.clock.steady() - began_).count();
    print_to(world_.out, "{} in {} ms\n", failed_ ? "failed" : "passed", took);
    return failed_ ? 1 : 0;
  }

 private:
  World& world_;
  const SteadyTime began_;
  bool failed_ = false;
};

int walk_all(const Invocation& invocation,
             const std::function<void(Walk&, Report&, Person&)>& more) {
  World& world = invocation.world;
  auto walk = Walk::begin(invocation);
  if (!walk) {
    return report_error(world, walk.error());
  }
  Report report(world);
  Person person;
  report.step("registration", [&]() -> Status {
    TRY(person, walk_registration(*walk));
    return {};
  });
  more(*walk, report, person);
  return report.finish(*walk);
}

// The lines of all logs that an administrator sees.
Result<std::string> all_logs(Walk& walk) {
  TRY(const auto answer, walk.as_admin("GET", "/api/system/logs?lines=1000"));
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Status verify_events(Walk& walk, const Person& person) {
  TRY(const auto answer, walk.as_admin("GET", "/api/audit"));
  std::set<std::string> seen;
  for (const Json& event : answer.value("items", Json::array())) {
    if (event.value("subject", "") == person.email) {
      seen.insert(event.value("event", ""));
    }
  }
  for (const char* event :
       {"REGISTRATION_PENDING", "USER_CONFIRMED", "USER_CREATED", "LOGIN_SUCCESS"}) {
    if (!seen.contains(event)) {
      return unexpected_answer(fmt::format("the audit has no {} of {}", event, person.email));
    }
  }
  return {};
}

Status verify_secrets(Walk& walk, const Person& person) {
  TRY(const auto logs, all_logs(walk));
  TRY(expect(logs.find(person.email) != logs.npos, "the logs name the account"));
  TRY(const auto audit, walk.as_admin("GET", "/api/audit"));
  const std::string all = logs + audit.dump(-1, ' ', false, Json::error_handler_t::replace);
  for (const std::string& secret : walk.secrets()) {
    if (!secret.empty() && (all.find(secret) != all.npos || all.find(base64(secret)) != all.npos)) {
      return unexpected_answer("a password or token of this test is in a log or in the audit");
    }
  }
  return {};
}

}  // namespace

int run_registration_test(const Invocation& invocation) {
  return walk_all(invocation, [](Walk&, Report&, Person&) {});
}

int run_all_tests(const Invocation& invocation) {
  return walk_all(invocation, [](Walk& walk, Report& report, Person& person) {
    report.step("taken address", [&] { return walk_taken_address(walk, person); });
    report.step("why locked", [&] { return walk_why_locked(walk, person); });
    report.step("password reset", [&] { return walk_reset(walk, person); });
    report.step("limit of resets", [&] { return walk_reset_limit(walk); });
    report.step("export", [&] { return walk_export(walk, person); });
    report.step("recovery address", [&] { return walk_recovery_address(walk, person); });
    report.step("invitation", [&] { return walk_invitation(walk, person); });
    report.step("deletion", [&] { return walk_deletion(walk, person); });
  });
}

int run_log_test(const Invocation& invocation) {
  return walk_all(invocation, [](Walk& walk, Report& report, Person& person) {
    report.step("password reset", [&] { return walk_reset(walk, person); });
    report.step("events", [&] { return verify_events(walk, person); });
    report.step("no secrets in logs", [&] { return verify_secrets(walk, person); });
  });
}

}  // namespace podplay::cli
