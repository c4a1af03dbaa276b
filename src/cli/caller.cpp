// Calling the API.
#include "cli/caller.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "wire/problem.hpp"

namespace podplay::cli {

Result<nlohmann::json> Caller::call(net::HttpRequest request) {
  TRY(auto client, net::HttpClient::make({.base_url = session_.base_url,
                                          .ca = options_.ca,
                                          .insecure = options_.insecure,
                                          .timeout = std::chrono::minutes(2)}));
  if (!session_.token.empty()) {
    request.headers["Authorization"] = "Bearer " + session_.token.reveal();
  }
  if (request.method == "POST") {
    request.headers.emplace("Idempotency-Key", random_token(18));
  }
  if (!request.body.empty()) {
    request.headers.emplace("Content-Type", "application/json");
  }
  if (options_.verbose) {
    std::fprintf(stderr, "> %s %s%s\n", request.method.c_str(), session_.base_url.c_str(),
                 request.path.c_str());
  }
  auto response = client->send(request);
  // The connection was lost: the key makes it safe to send a POST again, where there is somebody
  // whose key it is; the other methods are idempotent.
  const bool safe = request.method != "POST" || !session_.token.empty();
  if (!response && safe && response.error().code == "no_answer") {
    response = client->send(request);
  }
  if (!response) {
    Error error = response.error();
    error.message = fmt::format("the control plane does not answer: {}", error.message);
    if (error.remedy.empty()) {
      error.remedy = "start the pod with `podplay up`; `podplay doctor` tells what the host lacks";
    }
    return std::unexpected(std::move(error));
  }
  request_id_ = response->header("X-Request-Id");
  if (options_.verbose) {
    std::fprintf(stderr, "< %d request=%s\n", response->status, request_id_.c_str());
  }
  auto body = nlohmann::json::parse(response->body, nullptr, false);
  if (response->status >= 400 && !(request.path == "/readyz" && body.is_object())) {
    if (body.is_object()) {
      problem_ = body;
    }
    return std::unexpected(wire::error_from_problem(response->status, response->body));
  }
  if (body.is_discarded()) {
    return fail(ErrorKind::unavailable, "bad_answer",
                fmt::format("{} does not answer like PodPlay's API", session_.base_url),
                "check --base-url");
  }
  return body;
}

}  // namespace podplay::cli
