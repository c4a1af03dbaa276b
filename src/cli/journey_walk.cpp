// Everything that a walk makes is noted before it is made, so that it is undone also when the
// answer was lost.
#include "cli/journey_walk.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "model/settings.hpp"

namespace podplay::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kMailDeadline = 15'000ms;
// Seconds.
constexpr const char* kWait = "20";

std::string random_name() {
  std::uint64_t value = 0;
  random_bytes(&value, sizeof value);
  return fmt::format("{:012x}", value & 0xffffffffffffULL);
}

Result<Json> call(Caller& caller, const char* method, const std::string& path, const Json& body,
                  bool waits) {
  net::HttpRequest request{.method = method, .path = path};
  if (!body.is_null()) {
    request.body = body.dump();
  }
  if (waits) {
    request.query["wait"] = kWait;
  }
  return caller.call(std::move(request));
}

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

}  // namespace

std::unexpected<Error> unexpected_answer(std::string message) {
  return fail(ErrorKind::refused, "test_failed", std::move(message));
}

Status expect(bool holds, const char* what) {
  return holds ? Status{} : unexpected_answer(fmt::format("it does not hold that {}", what));
}

Status expect_refusal(const Result<Json>& answer, std::string_view code) {
  if (!answer && answer.error().code == code) {
    return {};
  }
  const std::string was =
      answer ? "a success" : answer.error().code + ": " + answer.error().message;
  return unexpected_answer(fmt::format("the answer should be {}, and it was {}", code, was));
}

Result<Walk> Walk::begin(const Invocation& invocation) {
  World& world = invocation.world;
  TRY(const auto settings, effective_settings(world.environment));
  TRY(auto imap, imap_server(invocation.options.text("--imap"), settings));
  TRY(auto admin, make_caller(world, invocation.globals));
  TRY(auto person, make_caller(world, invocation.globals));
  person.forget_token();
  const std::string& given = invocation.options.text("--domain");
  return Walk(world, std::move(admin), std::move(person), std::move(imap),
              given.empty() ? settings.text("PODPLAY_DOMAIN") : given);
}

std::string Walk::new_address(std::string_view what) const {
  return fmt::format("journey-test-{}-{}@{}", what, random_name(), domain_);
}

Secret Walk::new_password() {
  const std::string text = random_token(18);
  secrets_.insert(text);
  return Secret(text);
}

Result<Json> Walk::as_admin(const char* method, const std::string& path, const Json& body,
                            bool waits) {
  return call(admin_, method, path, body, waits);
}

Result<Json> Walk::as_person(const char* method, const std::string& path, const Json& body,
                             bool waits) {
  return call(person_, method, path, body, waits);
}

Status Walk::download(const std::string& path, std::string& into) {
  return person_.download({.method = "GET", .path = path},
                          [&](std::string_view piece) { into += piece; });
}

Result<Inbox> Walk::make_mailbox(std::string_view what) {
  Inbox inbox{.email = new_address(what), .password = new_password()};
  will_make(inbox.email);
  TRY(as_admin("POST", "/api/users",
               {{"email", inbox.email}, {"password", inbox.password.reveal()}}, true));
  return inbox;
}

Result<ReadMail> Walk::next_mail(Inbox& inbox) {
  TRY(auto mail, wait_for_mail(world_.clock, imap_, inbox.email, inbox.password, inbox.seen + 1,
                               kMailDeadline));
  ++inbox.seen;
  if (!mail.token.empty()) {
    secrets_.insert(mail.token);
  }
  return mail;
}

Result<ReadMail> Walk::next_link(Inbox& inbox) {
  TRY(auto mail, next_mail(inbox));
  if (mail.token.empty()) {
    return unexpected_answer(fmt::format("the mail '{}' has no link", mail.subject));
  }
  TRY(expect(mail.html.find(mail.token) != mail.html.npos, "the HTML has the same link"));
  return mail;
}

Status Walk::log_in(const std::string& email, const Secret& password) {
  person_.forget_token();
  TRY(const auto answer,
      as_person("POST", "/api/login", {{"email", email}, {"password", password.reveal()}}));
  const std::string token = answer.value("token", "");
  secrets_.insert(token);
  person_.use_token(Secret(token));
  return {};
}

Status Walk::log_in_by_imap(const std::string& email, const Secret& password) const {
  return try_imap_login(imap_, email, password);
}

std::string Walk::rule_path() const { return fmt::format("/api/domains/{}/registration", domain_); }

Status Walk::open_registration() {
  TRY(rule_before_, as_admin("GET", rule_path()));
  TRY(as_admin("PUT", rule_path(),
               {{"mode", "open"}, {"allowed_domains", Json::array()}, {"most_pending", 0}}));
  return {};
}

std::vector<std::string> Walk::clean_up() {
  std::vector<std::string> left;
  // True when there was something to undo.
  const auto note = [&](const Result<Json>& answer, const std::string& what) {
    if (!answer && answer.error().kind != ErrorKind::not_found) {
      left.push_back(fmt::format("{}: {}", what, describe(answer.error())));
    }
    return answer.has_value();
  };
  if (!person_.session().token.empty()) {
    // It may have ended already.
    static_cast<void>(as_person("POST", "/api/logout"));
  }
  for (const std::string& email : made_) {
    const std::string name = net::url_encode(email);
    const auto deleted = as_admin("DELETE", "/api/users/" + name, {}, true);
    if (note(deleted, email)) {
      const auto revision = deleted->value("revision", std::int64_t{0});
      note(as_admin("DELETE", fmt::format("/api/mail/deleted/{}-{}", name, revision)),
           "the mail of " + email);
    }
    // One that was never confirmed.
    note(as_admin("POST", fmt::format("/api/registrations/{}/refuse", name)),
         "the registration of " + email);
  }
  if (!rule_before_.is_null()) {
    Json rule{{"mode", ""}};
    if (rule_before_.value("own", false)) {
      for (const char* name : {"mode", "allowed_domains", "most_pending"}) {
        rule[name] = rule_before_[name];
      }
    }
    note(as_admin("PUT", rule_path(), rule), "how " + domain_ + " takes registrations");
  }
  return left;
}

}  // namespace podplay::cli
