// The lock is held only to look at what is kept, never while the provider is asked.
#include "control/identity/outside_provider.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;
using namespace std::chrono;

constexpr hours kKept{1};
constexpr seconds kFailureKept{10};
constexpr minutes kKeysAgain{1};
constexpr milliseconds kConnectTimeout{3000};
constexpr milliseconds kTimeout{5000};
constexpr std::size_t kMostBody = 256U << 10;
// Requests at once.
constexpr int kMostAsking = 8;
constexpr std::size_t kLongestWord = 40;

std::unexpected<Error> unavailable(const std::string& why) {
  return fail(ErrorKind::unavailable, "outside_unavailable",
              fmt::format("the provider does not answer as it should: {}", why),
              "log in with your password, or try again later");
}

// Counts a request for as long as it lasts.
class Turn {
 public:
  explicit Turn(std::atomic<int>& asking) : asking_(asking), taken_(++asking <= kMostAsking) {}
  ~Turn() { --asking_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool taken() const { return taken_; }

 private:
  std::atomic<int>& asking_;
  bool taken_;
};

bool names(const Json& json, const char* member, std::string_view word) {
  const auto list = json.find(member);
  return list != json.end() && list->is_array() &&
         std::ranges::find(*list, Json(word)) != list->end();
}

bool is_https(const std::string& url) {
  return url.starts_with("https://") && net::split_url(url).has_value() &&
         std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7f; }) &&
         url.find('#') == url.npos;
}

Result<ProviderFacts> read_facts(const Json& json, const std::string& issuer) {
  const std::string named = claim_text(json, "issuer");
  if (named != issuer) {
    return unavailable(fmt::format("it calls itself '{}', but PODPLAY_OUTSIDE_LOGIN_ISSUER is '{}'",
                                   named, issuer));
  }
  ProviderFacts facts{.authorization_endpoint = claim_text(json, "authorization_endpoint"),
                      .token_endpoint = claim_text(json, "token_endpoint"),
                      .userinfo_endpoint = claim_text(json, "userinfo_endpoint"),
                      .jwks_uri = claim_text(json, "jwks_uri")};
  for (const std::string* needed :
       {&facts.authorization_endpoint, &facts.token_endpoint, &facts.jwks_uri}) {
    if (!is_https(*needed)) {
      return unavailable(fmt::format("'{}' is no https URL", *needed));
    }
  }
  if (!is_https(facts.userinfo_endpoint)) {
    facts.userinfo_endpoint.clear();
  }
  // Without the member, the header is what it takes (Discovery section 3).
  const char* methods = "token_endpoint_auth_methods_supported";
  facts.secret_in_body =
      names(json, methods, "client_secret_post") && !names(json, methods, "client_secret_basic");
  const auto named_back = json.find("authorization_response_iss_parameter_supported");
  facts.answers_name_issuer = named_back != json.end() && *named_back == true;
  return facts;
}

std::string form_of(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, net::url_encode(value));
  }
  return text;
}

// A code of RFC 6749 section 5.2; anything else is not repeated.
std::string error_word(const std::string& body) {
  const std::string word = claim_text(Json::parse(body, nullptr, false), "error");
  const bool plain =
      !word.empty() && word.size() <= kLongestWord &&
      std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  return plain ? word : "no reason";
}

}  // namespace

Result<net::HttpResponse> OutsideProvider::send(const ProviderAccess& access,
                                                const std::string& url, net::HttpRequest request) {
  const Turn turn(asking_);
  if (!turn.taken()) {
    return unavailable("too many logins wait for it");
  }
  TRY(const auto parts, net::split_url(url));
  TRY(const auto client, net::HttpClient::make({.base_url = parts.origin,
                                                .ca = access.ca,
                                                .connect_timeout = kConnectTimeout,
                                                .timeout = kTimeout,
                                                .most_body = kMostBody}));
  request.path = parts.target;
  request.headers["User-Agent"] = "podplay/" PODPLAY_VERSION;
  request.headers["Accept"] = "application/json";
  auto response = client->send(request);
  if (!response) {
    return unavailable(response.error().message);
  }
  return response;
}

Result<Json> OutsideProvider::read(const ProviderAccess& access, const std::string& url,
                                   net::HttpRequest request) {
  TRY(const auto response, send(access, url, std::move(request)));
  Json json = Json::parse(response.body, nullptr, false);
  if (response.status != 200 || !json.is_object()) {
    return unavailable(
        fmt::format("{} answered HTTP {} without a JSON object", url, response.status));
  }
  return json;
}

Result<ProviderFacts> OutsideProvider::ask_for_facts(const ProviderAccess& access) {
  std::string url = access.issuer;
  while (url.ends_with('/')) {
    url.pop_back();
  }
  TRY(const auto json, read(access, url + "/.well-known/openid-configuration", {}));
  return read_facts(json, access.issuer);
}

Result<ProviderFacts> OutsideProvider::facts(const ProviderAccess& access) {
  {
    const std::scoped_lock lock(mutex_);
    const SteadyTime now = clock_.steady();
    if (issuer_ == access.issuer && facts_ && now < facts_until_) {
      return *facts_;
    }
    if (issuer_ == access.issuer && failure_ && now < failed_until_) {
      return std::unexpected(*failure_);
    }
  }
  auto asked = ask_for_facts(access);
  const std::scoped_lock lock(mutex_);
  if (issuer_ != access.issuer) {
    issuer_ = access.issuer;
    keys_.clear();
    keys_until_ = keys_again_ = SteadyTime{};
  }
  if (asked) {
    facts_ = *asked;
    facts_until_ = clock_.steady() + kKept;
    failure_.reset();
  } else {
    facts_.reset();
    failure_ = asked.error();
    failed_until_ = clock_.steady() + kFailureKept;
  }
  return asked;
}

Result<std::vector<ProviderKey>> OutsideProvider::keys_for(const ProviderAccess& access,
                                                           const IdToken& token) {
  TRY(const auto known, facts(access));
  {
    const std::scoped_lock lock(mutex_);
    const SteadyTime now = clock_.steady();
    const bool recent = !keys_.empty() && now < keys_until_;
    if (recent && (has_key_for(token, keys_) || now < keys_again_)) {
      return keys_;
    }
  }
  TRY(const auto json, read(access, known.jwks_uri, {}));
  auto keys = read_provider_keys(json);
  if (keys.empty()) {
    return unavailable("it has no key for ES256 or RS256");
  }
  const std::scoped_lock lock(mutex_);
  keys_ = keys;
  keys_until_ = clock_.steady() + kKept;
  keys_again_ = clock_.steady() + kKeysAgain;
  return keys;
}

Result<ProviderTokens> OutsideProvider::redeem(const ProviderAccess& access,
                                               const CodeRedemption& redemption) {
  TRY(const auto known, facts(access));
  std::vector<std::pair<std::string, std::string>> fields{{"grant_type", "authorization_code"},
                                                          {"code", redemption.code},
                                                          {"redirect_uri", redemption.redirect_uri},
                                                          {"code_verifier", redemption.verifier}};
  net::HttpRequest request{.method = "POST"};
  if (access.client_secret.empty() || known.secret_in_body) {
    fields.emplace_back("client_id", access.client_id);
    if (!access.client_secret.empty()) {
      fields.emplace_back("client_secret", access.client_secret.reveal());
    }
  } else {
    request.headers["Authorization"] =
        "Basic " + base64(net::url_encode(access.client_id) + ":" +
                          net::url_encode(access.client_secret.reveal()));
  }
  request.headers["Content-Type"] = "application/x-www-form-urlencoded";
  request.body = form_of(fields);
  TRY(const auto response, send(access, known.token_endpoint, std::move(request)));
  if (response.status == 200) {
    const Json json = Json::parse(response.body, nullptr, false);
    ProviderTokens tokens{.id_token = claim_text(json, "id_token"),
                          .access_token = Secret(claim_text(json, "access_token"))};
    if (tokens.id_token.empty()) {
      return unavailable("it gave no identity token");
    }
    return tokens;
  }
  const std::string word = error_word(response.body);
  if (word == "invalid_client" || word == "unauthorized_client" || response.status >= 500) {
    return unavailable(
        fmt::format("its token endpoint answered HTTP {} ({}); an administrator looks at "
                    "PODPLAY_OUTSIDE_LOGIN_CLIENT_ID and PODPLAY_OUTSIDE_LOGIN_CLIENT_SECRET",
                    response.status, word));
  }
  return fail(ErrorKind::unauthorized, "outside_refused",
              fmt::format("the provider refused the login: {}", word),
              "begin again on the login page");
}

Result<Json> OutsideProvider::user_info(const ProviderAccess& access, const Secret& token) {
  TRY(const auto known, facts(access));
  if (known.userinfo_endpoint.empty() || token.empty()) {
    return Json::object();
  }
  return read(access, known.userinfo_endpoint,
              {.headers = {{"Authorization", "Bearer " + token.reveal()}}});
}

}  // namespace podplay::control
