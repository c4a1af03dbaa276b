// "allow" comes before a try and "report" after it, both as JSON. Status -1 refuses the try, and
// the client is shown the message; 0 lets it go on.
#include "agent/guard/policy.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "base/numbers.hpp"
#include "wire/shape.hpp"

namespace podplay::agent {
namespace {

constexpr const char* kKeyHeader = "X-PodPlay-Key";
constexpr std::size_t kLongestDoor = 16;
constexpr std::size_t kLongestAddress = 64;

guard::LoginTry try_of(const wire::Json& body) {
  return {.account = wire::text_or(body, "login"),
          .address = wire::text_or(body, "remote").substr(0, kLongestAddress),
          .door = wire::text_or(body, "protocol").substr(0, kLongestDoor),
          .mark = wire::text_or(body, "pwhash")};
}

net::HttpResponse answer_json(int status, const wire::Json& body) {
  return {status, {{"Content-Type", "application/json"}}, json_text(body)};
}

net::HttpResponse let_go_on() { return answer_json(200, {{"status", 0}, {"msg", ""}}); }

}  // namespace

LoginPolicy::LoginPolicy(guard::LoginLimiter& logins, AppPasswordUses& uses, Clock& clock,
                         Logger log)
    : logins_(logins), uses_(uses), clock_(clock), log_(std::move(log)), key_(random_token()) {}

net::HttpResponse LoginPolicy::answer(const net::HttpRequest& request) {
  // The probe of Dovecot's logins asks this.
  if (request.method == "GET" && request.path == "/readyz") {
    return answer_json(200, {{"ready", true}});
  }
  if (!equal_constant_time(request.header(kKeyHeader), key_.reveal())) {
    return answer_json(403, {{"msg", "only Dovecot may ask"}});
  }
  const wire::Json body = wire::Json::parse(request.body, nullptr, false);
  const auto command = request.query.find("command");
  if (request.method != "POST" || command == request.query.end() || !body.is_object()) {
    return answer_json(400, {{"msg", "this is no question about a login"}});
  }
  const guard::LoginTry attempt = try_of(body);
  if (command->second == "allow") {
    const auto refusal = logins_.begin(attempt);
    if (!refusal) {
      return let_go_on();
    }
    log_.info("refused a login", {{"account", attempt.account},
                                  {"from", attempt.address},
                                  {"door", attempt.door},
                                  {"why", refusal->words()}});
    return answer_json(200, {{"status", -1}, {"msg", refusal->words()}});
  }
  // A try that was refused above is reported as well, and has been counted.
  if (command->second == "report" && !wire::boolean_or(body, "policy_reject", false)) {
    const bool success = wire::boolean_or(body, "success", false);
    const std::string why = wire::text_or(body, "fail_type");
    if (success) {
      logins_.succeeded(attempt);
      // The passdb of app passwords says which one it was.
      if (const auto app = parse_number<std::int64_t>(wire::text_or(body, "app"))) {
        uses_.note(
            {.id = *app, .at = clock_.now(), .address = attempt.address, .protocol = attempt.door});
      }
    } else if (why == "credentials" || why == "account" || why == "disabled" || why == "expired") {
      logins_.failed(attempt);
    }
  }
  return let_go_on();
}

std::string LoginPolicy::dovecot_settings(int port, const Secret& nonce) const {
  return fmt::format(
      "# Written by podplay-agent at its start: who may try to log in, and how often.\n"
      "auth_policy_server_url = http://127.0.0.1:{}/logins\n"
      "auth_policy_server_api_header = \"{}: {}\"\n"
      "auth_policy_hash_nonce = \"{}\"\n",
      port, kKeyHeader, key_.reveal(), nonce.reveal());
}

}  // namespace podplay::agent
