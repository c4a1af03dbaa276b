// Each function promises something of what it accepts: what was parsed is read the same again, and
// holds nothing that a configuration file or a header would take for more than text.
#include "fuzz/targets.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "api/conditions.hpp"
#include "api/cookies.hpp"
#include "api/import_rows.hpp"
#include "api/routes.hpp"
#include "auth/webauthn.hpp"
#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "control/identity/id_token.hpp"
#include "logs/line.hpp"
#include "logs/redaction.hpp"
#include "model/names.hpp"
#include "net/header_field.hpp"
#include "net/plain_server.hpp"
#include "net/request_length.hpp"
#include "wire/users.hpp"

namespace podplay::fuzz {
namespace {

bool is_one_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void fuzz_addresses(std::string_view input) {
  for (const auto& parsed : {EmailAddress::parse(input), EmailAddress::parse_own(input)}) {
    if (!parsed) {
      promise(!parsed.error().faults.empty(), "a refusal names its field");
      continue;
    }
    const std::string& text = parsed->text();
    promise(is_one_line(text), "an address is one line");
    promise(text.size() <= 254, "an address has at most 254 octets");
    const auto again = EmailAddress::parse(text);
    promise(again && again->text() == text, "an address is read the same again");
  }
  if (const auto alias = AliasAddress::parse(input)) {
    promise(is_one_line(alias->text()), "an alias is one line");
    const auto again = AliasAddress::parse(alias->text());
    promise(again && again->text() == alias->text(), "an alias is read the same again");
  }
}

void fuzz_domains(std::string_view input) {
  for (const auto& parsed : {DomainName::parse(input), DomainName::parse_own(input)}) {
    if (!parsed) {
      promise(!parsed.error().faults.empty(), "a refusal names its field");
      continue;
    }
    const std::string& text = parsed->text();
    promise(is_one_line(text) && text.find_first_of(" ;{}\"'\\/") == text.npos,
            "a domain name is a word of a configuration file");
    promise(text.size() <= 253, "a domain name has at most 253 octets");
    const auto again = DomainName::parse(text);
    promise(again && again->text() == text, "a domain name is read the same again");
  }
}

// The first octet chooses the shape.
void fuzz_json(std::string_view input) {
  if (input.empty()) {
    return;
  }
  static const std::vector<const wire::Shape*> kShapes = [] {
    std::vector<const wire::Shape*> shapes;
    for (const api::Route& route : api::routes()) {
      if (route.body != nullptr) {
        shapes.push_back(route.body);
      }
    }
    return shapes;
  }();
  const wire::Shape& shape = *kShapes[static_cast<unsigned char>(input[0]) % kShapes.size()];
  input.remove_prefix(1);
  if (const auto body = wire::read_body(shape, input)) {
    promise(wire::check_shape(shape, *body).empty(), "a body that was read has its shape");
    promise(wire::read_body(shape, json_text(*body)).has_value(), "and is read again");
  }
  if (const auto patch = wire::read_patch(shape, input)) {
    for (const auto& [name, member] : patch->items()) {
      promise(!member.is_null(), "no null is left in a merge patch");
    }
  }
}

// The first octet chooses the form.
void fuzz_import(std::string_view input) {
  static constexpr std::array<std::string_view, 3> kTypes{"application/x-ndjson", "text/csv",
                                                          "application/yaml"};
  if (input.empty()) {
    return;
  }
  const std::string_view type = kTypes[static_cast<unsigned char>(input[0]) % kTypes.size()];
  input.remove_prefix(1);
  const auto rows = api::open_import(wire::kUserImport, type, input);
  if (!rows) {
    return;
  }
  std::int64_t last = 0;
  for (;;) {
    const auto row = (*rows)->next();
    if (!row || !*row) {
      return;
    }
    promise((*row)->number > last, "rows are numbered upwards");
    last = (*row)->number;
    promise(!(*row)->object || wire::check_shape(wire::kUserImport, *(*row)->object).empty(),
            "a row that was read has its shape");
  }
}

void fuzz_cookies(std::string_view input) {
  const std::string value = api::cookie_value(input, api::kSessionCookie);
  promise(input.find(value) != input.npos, "a cookie's value stands in the header");
  promise(value.find(';') == value.npos && is_one_line(value), "a cookie's value ends at ;");
}

void fuzz_etags(std::string_view input) {
  net::HttpRequest request;
  request.headers["If-Match"] = std::string(input);
  request.headers["If-None-Match"] = std::string(input);
  control::WriteOptions options;
  if (api::read_conditions(request, options)) {
    promise(options.if_match.has_value() && options.if_none_match.has_value(), "both were given");
    for (const std::string& tag : options.if_match->tags) {
      promise(tag.find('"') == tag.npos, "a tag has no quotes");
    }
  }
}

void fuzz_client_data(std::string_view input) {
  if (const auto data = auth::read_client_data(input)) {
    promise(!data->type.empty(), "a type was read");
  }
}

// A registration whose attestation is the input, and a login whose data are.
void fuzz_attestation(std::string_view input) {
  static const auth::RelyingParty kParty{.id = "control.example.test",
                                         .origins = {"https://control.example.test"}};
  static const std::string kClientData =
      R"({"type":"webauthn.create","challenge":"Y2hhbGxlbmdl",)"
      R"("origin":"https://control.example.test","crossOrigin":false})";
  const auto made = auth::check_registration(
      kParty, "challenge", {.client_data = kClientData, .attestation_object = std::string(input)});
  promise(!made || !made->credential.empty(), "a passkey has an id");
  const auth::Passkey passkey{
      .credential = "id", .algorithm = -7, .public_key = std::string(64, 'k')};
  const auto used = auth::check_assertion(kParty, "challenge", passkey,
                                          {.client_data = kClientData,
                                           .authenticator_data = std::string(input),
                                           .signature = std::string(input)});
  promise(!used, "nobody signs with a key that does not exist");
}

// The header, the claims and the keys of a provider, each on a line of its own; and the whole as it
// is.
void fuzz_id_token(std::string_view input) {
  static_cast<void>(control::read_id_token(input));
  const std::size_t first = std::min(input.find('\n'), input.size());
  const std::size_t second = std::min(input.find('\n', first + 1), input.size());
  const std::string text =
      base64url(input.substr(0, first)) + "." +
      base64url(input.substr(std::min(first + 1, second), second - std::min(first + 1, second)));
  const auto keys =
      control::read_provider_keys(wire::Json::parse(input.substr(second), nullptr, false));
  const auto token = control::read_id_token(text + "." + base64url(std::string(64, 's')));
  if (token) {
    const control::IdTokenRules rules{.issuer = "https://login.test", .client_id = "podplay"};
    promise(!control::check_id_token(*token, keys, rules), "nobody signed this token");
  }
}

void fuzz_arrival(std::string_view input) {
  const net::Arrival whole = net::judge_arrival(input);
  // What has come can only make a request more whole.
  const net::Arrival part = net::judge_arrival(input.substr(0, input.size() / 2));
  promise(part != net::Arrival::too_long || whole == net::Arrival::too_long,
          "a head that is too long stays so");
}

// A request over a connection, through the parser of the server.
void fuzz_request(std::string_view input) {
  int ends[2] = {-1, -1};
  if (input.size() > 60'000 || ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
    return;
  }
  static net::PlainServer* const server = [] {
    auto* made = new net::PlainServer(std::chrono::milliseconds(1));
    made->set_payload_max_length(1U << 20U);
    made->set_pre_routing_handler([](const httplib::Request& in, httplib::Response& out) {
      promise(is_one_line(in.method), "a method is one line");
      for (const auto& [name, value] : in.headers) {
        // As HttpServer does: other fields are refused.
        if (!net::is_header_field(name, value)) {
          out.status = 400;
          return httplib::Server::HandlerResponse::Handled;
        }
        promise(is_one_line(name), "a header's name is one line");
        promise(is_one_line(value), "a header's value is one line");
      }
      out.set_content("{}", "application/json");
      return httplib::Server::HandlerResponse::Handled;
    });
    return made;
  }();
  const ssize_t sent = ::send(ends[0], input.data(), input.size(), MSG_NOSIGNAL);
  ::shutdown(ends[0], SHUT_WR);
  if (sent == static_cast<ssize_t>(input.size())) {
    static_cast<void>(server->serve(ends[1], "127.0.0.1"));
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

// A line of a log: written again it is read the same, and a secret behind a key is gone.
void fuzz_log_line(std::string_view input) {
  if (const auto line = logs::parse_line(input)) {
    for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
      const std::string once = logs::format_line(*line, format);
      promise(is_one_line(once), "a line of a log is one line");
      const auto again = logs::parse_line(once);
      promise(again.has_value(), "a line that was written is read");
      promise(again->level == line->level && again->time == line->time, "the head stays the same");
    }
  }
  std::string secret;
  for (const char c : input.substr(0, 200)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      secret += c;
    }
  }
  const std::string clean = logs::redact(fmt::format("{} password={}", input, secret));
  promise(secret.size() < 8 || !clean.ends_with(secret), "a password is hidden");
}

constexpr std::array kTargets = std::to_array<Target>({
    {.name = "addresses", .run = fuzz_addresses, .help = "e-mail addresses and aliases"},
    {.name = "domains", .run = fuzz_domains, .help = "domain names"},
    {.name = "json", .run = fuzz_json, .help = "JSON bodies into the shapes of the API"},
    {.name = "import", .run = fuzz_import, .help = "rows of an import: JSON lines, CSV, YAML"},
    {.name = "cookies", .run = fuzz_cookies, .help = "the Cookie header"},
    {.name = "etags", .run = fuzz_etags, .help = "If-Match and If-None-Match"},
    {.name = "client_data", .run = fuzz_client_data, .help = "what a browser says of a passkey"},
    {.name = "attestation", .run = fuzz_attestation, .help = "CBOR of an authenticator"},
    {.name = "id_token", .run = fuzz_id_token, .help = "what an outside provider says of a person"},
    {.name = "arrival", .run = fuzz_arrival, .help = "how much of a request has come"},
    {.name = "request", .run = fuzz_request, .help = "a whole HTTP request"},
    {.name = "log_line", .run = fuzz_log_line, .help = "a line of a log, with secrets"},
});

}  // namespace

std::span<const Target> targets() { return kTargets; }

const Target* find_target(std::string_view name) {
  const auto found = std::ranges::find(kTargets, name, &Target::name);
  return found == kTargets.end() ? nullptr : &*found;
}

void promise(bool kept, const char* what) {
  if (!kept) {
    std::fprintf(stderr, "a promise is broken: %s\n", what);
    std::abort();
  }
}

}  // namespace podplay::fuzz
