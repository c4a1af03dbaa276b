// `podplay test ...`: the journeys, walked as a person does, by HTTP and with the mails that
// arrive. Accounts that are made for it have names of their own, and are gone afterwards, also when
// a step failed.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/mailbox_reader.hpp"
#include "cli/show/exit_code.hpp"
#include "cli/show/table.hpp"
#include "model/settings.hpp"

namespace podplay::cli {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

constexpr auto kMailDeadline = 15'000ms;
constexpr const char* kWait = "20";

std::unexpected<Error> unexpected_answer(std::string message) {
  return fail(ErrorKind::refused, "test_failed", std::move(message));
}

Status expect(bool holds, const char* what) {
  return holds ? Status{} : unexpected_answer(fmt::format("it does not hold that {}", what));
}

// Succeeds when the call was refused with this code.
Status expect_refusal(const Result<Json>& answer, std::string_view code) {
  if (!answer && answer.error().code == code) {
    return {};
  }
  return unexpected_answer(fmt::format(
      "the answer should be {}, and it was {}", code,
      answer ? std::string("a success") : answer.error().code + ": " + answer.error().message));
}

// A mailbox outside, as the journeys see it: its mails are read one after the other.
struct Inbox {
  std::string email;
  Secret password;
  std::size_t seen = 0;
};

// What all journeys share: who asks, what was made, and what has to be undone.
class Walk {
 public:
  Walk(const Invocation& invocation, Caller admin, Caller person, ImapServer imap,
       std::string domain)
      : world_(invocation.world),
        admin_(std::move(admin)),
        person_(std::move(person)),
        imap_(std::move(imap)),
        domain_(std::move(domain)) {}

  Clock& clock() { return world_.clock; }
  World& world() { return world_; }
  const std::string& domain() const { return domain_; }
  const std::set<std::string>& secrets() const { return secrets_; }
  const std::set<std::string>& made() const { return made_; }

  std::string new_address(std::string_view what) {
    std::string name = lower_hex();
    return fmt::format("journey-test-{}-{}@{}", what, name, domain_);
  }
  Secret new_password() {
    const std::string text = random_token(18);
    secrets_.insert(text);
    return Secret(text);
  }

  Result<Json> as_admin(const char* method, const std::string& path, const Json& body = {},
                        bool waits = false) {
    return call(admin_, method, path, body, waits);
  }
  Result<Json> as_person(const char* method, const std::string& path, const Json& body = {},
                         bool waits = false) {
    return call(person_, method, path, body, waits);
  }

  Result<Inbox> make_mailbox(std::string_view what) {
    Inbox inbox{.email = new_address(what), .password = new_password()};
    will_make(inbox.email);
    TRY(as_admin("POST", "/api/users",
                 {{"email", inbox.email}, {"password", inbox.password.reveal()}}, true));
    return inbox;
  }
  // The account is deleted at the end, if it is there then.
  void will_make(const std::string& email) { made_.insert(email); }

  Result<ReadMail> next_mail(Inbox& inbox) {
    TRY(auto mail, wait_for_mail(world_.clock, imap_, inbox.email, inbox.password, inbox.seen + 1,
                                 kMailDeadline));
    ++inbox.seen;
    if (!mail.token.empty()) {
      secrets_.insert(mail.token);
    }
    return mail;
  }
  Result<ReadMail> next_link(Inbox& inbox) {
    TRY(auto mail, next_mail(inbox));
    if (mail.token.empty()) {
      return unexpected_answer(fmt::format("the mail '{}' has no link", mail.subject));
    }
    TRY(expect(mail.html.find(mail.token) != mail.html.npos, "the HTML has the same link"));
    return mail;
  }

  Status log_in(const std::string& email, const Secret& password) {
    person_.forget_token();
    TRY(const auto answer,
        as_person("POST", "/api/login", {{"email", email}, {"password", password.reveal()}}));
    const std::string token = answer.value("token", "");
    secrets_.insert(token);
    person_.use_token(Secret(token));
    return {};
  }
  Status log_in_by_imap(const std::string& email, const Secret& password) {
    return try_imap_login(imap_, email, password);
  }
  void log_out() {
    static_cast<void>(as_person("POST", "/api/logout"));
    person_.forget_token();
  }
  Status download(const std::string& path, std::string& into) {
    return person_.download({.method = "GET", .path = path},
                            [&](std::string_view piece) { into += piece; });
  }

  // Registration is open at the domain until the end.
  Status open_registration() {
    const std::string path = rule_path();
    TRY(rule_before_, as_admin("GET", path));
    TRY(as_admin("PUT", path,
                 {{"mode", "open"}, {"allowed_domains", Json::array()}, {"most_pending", 0}}));
    return {};
  }

  // Returns what could not be undone.
  std::vector<std::string> clean_up() {
    std::vector<std::string> left;
    const auto note = [&](const Result<Json>& answer, const std::string& what) {
      const bool gone = !answer && (answer.error().kind == ErrorKind::not_found);
      if (!answer && !gone) {
        left.push_back(fmt::format("{}: {}", what, describe(answer.error())));
      }
      return answer.has_value();
    };
    log_out();
    for (const std::string& email : made_) {
      const std::string path = "/api/users/" + net::url_encode(email);
      const auto deleted = as_admin("DELETE", path, {}, true);
      if (note(deleted, email)) {
        const auto revision = deleted->value("revision", std::int64_t{0});
        note(as_admin("DELETE",
                      fmt::format("/api/mail/deleted/{}-{}", net::url_encode(email), revision)),
             "the mail of " + email);
      }
      // One that was never confirmed.
      note(as_admin("POST", fmt::format("/api/registrations/{}/refuse", net::url_encode(email))),
           "the registration of " + email);
    }
    if (!rule_before_.is_null()) {
      const bool own = rule_before_.value("own", false);
      note(as_admin("PUT", rule_path(),
                    own ? Json{{"mode", rule_before_["mode"]},
                               {"allowed_domains", rule_before_["allowed_domains"]},
                               {"most_pending", rule_before_["most_pending"]}}
                        : Json{{"mode", ""}}),
           "how " + domain_ + " takes registrations");
    }
    return left;
  }

 private:
  static std::string lower_hex() {
    std::uint64_t value = 0;
    random_bytes(&value, sizeof value);
    return fmt::format("{:012x}", value & 0xffffffffffffULL);
  }
  std::string rule_path() const { return fmt::format("/api/domains/{}/registration", domain_); }

  static Result<Json> call(Caller& caller, const char* method, const std::string& path,
                           const Json& body, bool waits) {
    net::HttpRequest request{.method = method, .path = path};
    if (!body.is_null()) {
      request.body = body.dump();
    }
    if (waits) {
      request.query["wait"] = kWait;
    }
    return caller.call(std::move(request));
  }

  World& world_;
  Caller admin_;
  // Somebody without a login, and then with that of a person.
  Caller person_;
  const ImapServer imap_;
  const std::string domain_;
  // Null: it was not changed.
  Json rule_before_;
  std::set<std::string> made_;
  // Tokens and passwords, which no log may have.
  std::set<std::string> secrets_;
};

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
  const SteadyTime until = walk.clock().steady() + kMailDeadline;
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

Result<ImapServer> imap_server(const std::string& given, const Settings& settings) {
  if (given.empty()) {
    const std::string& address = settings.text("PODPLAY_HOST_ADDRESS");
    return ImapServer{.address = address == "0.0.0.0" ? "127.0.0.1" : address,
                      .port = static_cast<int>(settings.integer("PODPLAY_HOST_IMAPS_PORT"))};
  }
  const std::size_t colon = given.rfind(':');
  const auto port = colon == given.npos
                        ? std::nullopt
                        : parse_number<int>(std::string_view(given).substr(colon + 1));
  if (!port) {
    return fail_faults({{.field = "--imap",
                         .code = "bad_address",
                         .message = fmt::format("'{}' is no address and port", given),
                         .remedy = "write it like 127.0.0.1:2993"}});
  }
  return ImapServer{.address = given.substr(0, colon), .port = *port};
}

Result<Walk> begin_walk(const Invocation& invocation) {
  World& world = invocation.world;
  TRY(const auto settings, effective_settings(world.environment));
  TRY(auto imap, imap_server(invocation.options.text("--imap"), settings));
  TRY(auto admin, make_caller(world, invocation.globals));
  TRY(auto person, make_caller(world, invocation.globals));
  person.forget_token();
  const std::string& given = invocation.options.text("--domain");
  return Walk(invocation, std::move(admin), std::move(person), std::move(imap),
              given.empty() ? settings.text("PODPLAY_DOMAIN") : given);
}

int walk_all(const Invocation& invocation,
             const std::function<void(Walk&, Report&, Person&)>& more) {
  World& world = invocation.world;
  auto walk = begin_walk(invocation);
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
  TRY(const auto answer, walk.as_admin("GET", "/api/system/logs"));
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
