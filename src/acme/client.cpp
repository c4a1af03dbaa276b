// A nonce is used once. When the authority does not know it (any more), its answer brings a new
// one, and the same request is signed again with that (RFC 8555 section 6.5).
#include "acme/client.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "acme/problem.hpp"
#include "base/json_text.hpp"
#include "base/numbers.hpp"

namespace podplay::acme {
namespace {

constexpr int kMostNonceTries = 20;
// An order of 100 names has 40 kB, a chain 10 kB.
// Less than servers wait for another request.
constexpr std::chrono::milliseconds kLongestIdle{1000};
constexpr std::size_t kMostBody = 1 << 20;
constexpr std::chrono::seconds kLongestRetryAfter = std::chrono::days(30);

Json parse_body(const std::string& text) {
  Json body = Json::parse(text, nullptr, false);
  return body.is_discarded() ? Json() : body;
}

bool is_problem(const net::HttpResponse& response) { return response.status >= 400; }

}  // namespace

Result<std::unique_ptr<Client>> Client::open(ClientOptions options, Clock& clock, Logger log) {
  TRY(const std::string url, directory_url(options.directory));
  std::unique_ptr<Client> client(new Client(std::move(options), clock, std::move(log)));
  TRY(const auto answer, client->get(url, "read the authority's directory"));
  TRY(client->directory_, directory_from(answer.body, url));
  return client;
}

Result<Answer> Client::get(const std::string& url, const std::string& purpose) {
  TRY(const auto response, send(url, {.method = "GET"}));
  return answer_of(response, url, purpose);
}

Result<Answer> Client::post(const std::string& url, const Json& payload,
                            const std::string& purpose) {
  return post_as(account_, url, json_text(payload), purpose);
}

Result<Answer> Client::post_as_get(const std::string& url, const std::string& purpose,
                                   const std::string& accept) {
  return post_as(account_, url, "", purpose, accept);
}

Result<Answer> Client::post_as(const Signer& signer, const std::string& url,
                               const std::string& payload, const std::string& purpose,
                               const std::string& accept) {
  for (int tries = 1;; ++tries) {
    TRY(const std::string nonce, fresh_nonce());
    Json header{{"nonce", nonce}, {"url", url}};
    if (signer.account.empty()) {
      TRY(header["jwk"], public_jwk(signer.key));
    } else {
      header["kid"] = signer.account;
    }
    TRY(auto body, sign_jws(signer.key, std::move(header), payload));
    TRY(const auto response,
        send(url, {.method = "POST",
                   .headers = {{"Content-Type", "application/jose+json"}, {"Accept", accept}},
                   .body = std::move(body)}));
    const bool bad_nonce =
        is_problem(response) && problem_from(parse_body(response.body)).type == "badNonce";
    if (!bad_nonce || tries == kMostNonceTries) {
      return answer_of(response, url, purpose);
    }
    nonces_.clear();
    nonces_.put(response.header("Replay-Nonce"));
  }
}

Result<std::string> Client::fresh_nonce() {
  if (auto kept = nonces_.take()) {
    return std::move(*kept);
  }
  TRY(send(directory_.new_nonce, {.method = "HEAD"}));
  if (auto given = nonces_.take()) {
    return std::move(*given);
  }
  return fail(ErrorKind::unavailable, "acme_no_nonce",
              fmt::format("{} gave no nonce", directory_.new_nonce), "try again later");
}

Result<net::HttpResponse> Client::send(const std::string& url, net::HttpRequest request) {
  TRY(auto parts, net::split_url(url));
  if (!parts.origin.starts_with("https://")) {
    return fail(ErrorKind::unavailable, "acme_bad_url",
                fmt::format("the authority named '{}', which is not https", url.substr(0, 200)));
  }
  auto& [server, used] = servers_[parts.origin];
  const SteadyTime now = clock_.steady();
  // Servers close connections that are idle. A request that meets such an end may have been taken
  // or not, so it could not be sent again without the risk of a second order.
  if (!server || now - used > kLongestIdle) {
    TRY(server, net::HttpClient::make({.base_url = parts.origin,
                                       .ca = options_.ca,
                                       .connect_timeout = options_.connect_timeout,
                                       .timeout = options_.timeout,
                                       .most_body = kMostBody}));
  }
  request.path = parts.target;
  // RFC 8555 section 6.1.
  request.headers["User-Agent"] = "podplay/" PODPLAY_VERSION;
  request.headers["Accept-Language"] = "en";
  auto response = server->send(request);
  used = clock_.steady();
  log_.debug("asked the authority", {{"method", request.method},
                                     {"url", url},
                                     {"status", response ? response->status : 0},
                                     {"why", response ? std::string() : response.error().message}});
  if (!response) {
    servers_.erase(parts.origin);
    return response;
  }
  nonces_.put(response->header("Replay-Nonce"));
  if (const auto date = parse_http_date(response->header("Date"))) {
    clock_ahead_ = *date - clock_.now();
  }
  return response;
}

Result<Answer> Client::answer_of(const net::HttpResponse& response, const std::string& url,
                                 const std::string& purpose) const {
  const auto retry_after = retry_after_of(response);
  if (is_problem(response)) {
    return std::unexpected(to_error(problem_from(parse_body(response.body), response.status),
                                    purpose, retry_after.value_or(std::chrono::seconds(0))));
  }
  if (response.status >= 300) {
    return fail(ErrorKind::unavailable, "acme_unexpected",
                fmt::format("cannot {}: {} answered HTTP {}", purpose, url, response.status),
                "check the URL of the directory");
  }
  std::string location = response.header("Location");
  if (location.starts_with('/')) {
    TRY(const auto parts, net::split_url(url));
    location = parts.origin + location;
  }
  return Answer{.status = response.status,
                .body = parse_body(response.body),
                .text = response.body,
                .location = std::move(location),
                .link = response.header("Link"),
                .retry_after = retry_after};
}

std::optional<std::chrono::seconds> Client::retry_after_of(
    const net::HttpResponse& response) const {
  // RFC 9110 section 10.2.3: seconds, or a date.
  const std::string text = response.header("Retry-After");
  std::optional<std::chrono::seconds> wait;
  if (const auto seconds = parse_number<std::uint32_t>(text)) {
    wait = std::chrono::seconds(*seconds);
  } else if (const auto date = parse_http_date(text)) {
    wait = std::chrono::ceil<std::chrono::seconds>(*date - clock_.now());
  }
  return wait ? std::optional(std::clamp(*wait, std::chrono::seconds(0), kLongestRetryAfter))
              : wait;
}

}  // namespace podplay::acme
