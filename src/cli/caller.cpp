// Calls the API. A token goes only to the server that gave it, and a POST is sent twice only when
// its Idempotency-Key makes that harmless.
#include "cli/caller.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "model/settings.hpp"
#include "wire/problem.hpp"

namespace podplay::cli {

Result<std::unique_ptr<net::HttpClient>> Caller::prepare(net::HttpRequest& request) const {
  TRY(auto client, net::HttpClient::make({.base_url = session_.base_url,
                                          .ca = session_.ca,
                                          .system_cas_too = true,
                                          .insecure = options_.insecure,
                                          .timeout = options_.timeout}));
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
  return client;
}

Result<net::HttpResponse> Caller::take_answer(Result<net::HttpResponse> response) {
  if (!response) {
    Error error = response.error();
    error.message = fmt::format("the control plane does not answer: {}", error.message);
    if (error.remedy.empty()) {
      error.remedy = "start the pod with `podplay up`; `podplay doctor` says what the host lacks";
    }
    return std::unexpected(std::move(error));
  }
  request_id_ = response->header("X-Request-Id");
  if (options_.verbose) {
    std::fprintf(stderr, "< %d request=%s\n", response->status, request_id_.c_str());
  }
  if (response->status >= 400) {
    auto body = nlohmann::json::parse(response->body, nullptr, false);
    if (body.is_object()) {
      problem_ = std::move(body);
    }
    Error error = wire::error_from_problem(response->status, response->body);
    // RFC 9110 section 10.2.3; our servers say it in seconds.
    error.retry_after = std::chrono::seconds(
        parse_number<std::uint32_t>(response->header("Retry-After")).value_or(0));
    return std::unexpected(std::move(error));
  }
  return response;
}

Result<nlohmann::json> Caller::call(net::HttpRequest request) {
  TRY(const auto client, prepare(request));
  auto response = client->send(request);
  // After a lost connection a call is sent once more. The server remembers the key of a POST only
  // for a user who is logged in; the other methods are idempotent (RFC 9110, 9.2.2).
  const bool safe = request.method != "POST" || !session_.token.empty();
  if (!response && safe && response.error().code == "no_answer") {
    response = client->send(request);
  }
  TRY(const auto answer, take_answer(std::move(response)));
  auto body = nlohmann::json::parse(answer.body, nullptr, false);
  if (body.is_discarded()) {
    return fail(ErrorKind::unavailable, "bad_answer",
                fmt::format("{} does not answer like PodPlay's API", session_.base_url),
                "check --base-url");
  }
  return body;
}

Status Caller::call_lines(net::HttpRequest request,
                          const std::function<void(const nlohmann::json&)>& on_line) {
  TRY(const auto client, prepare(request));
  std::string rest;
  request.take = [&](std::string_view piece) {
    rest += piece;
    for (std::size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      const auto line = nlohmann::json::parse(rest.substr(0, end), nullptr, false);
      rest.erase(0, end + 1);
      if (line.is_object()) {
        on_line(line);
      }
    }
  };
  TRY(take_answer(client->send(request)));
  return {};
}

Status Caller::download(net::HttpRequest request,
                        const std::function<void(std::string_view)>& on_piece) {
  TRY(const auto client, prepare(request));
  request.take = on_piece;
  TRY(take_answer(client->send(request)));
  return {};
}

Result<Caller> make_caller(World& world, const Globals& globals) {
  TRY(auto session, load_session(world.files, session_folder(world.environment), globals.session));
  std::string wanted = globals.base_url;
  // A session knows where it was made, but a URL or port in the environment comes first.
  const bool named = world.environment.contains("PODPLAY_URL") ||
                     world.environment.contains("PODPLAY_HOST_API_PORT");
  if (wanted.empty() && (session.base_url.empty() || named)) {
    TRY(const auto settings, effective_settings(world.environment));
    wanted = settings.text("PODPLAY_URL");
  }
  if (!wanted.empty() && wanted != session.base_url) {
    // A token goes only to the server that gave it, and an authority is that of one server.
    if (!session.base_url.empty()) {
      session.token = Secret();
      session.ca.clear();
    }
    session.base_url = wanted;
  }
  if (!globals.ca.empty()) {
    TRY(session.ca, world.files.read(globals.ca));
  }
  return Caller(std::move(session), {.verbose = globals.verbose, .insecure = globals.insecure});
}

}  // namespace podplay::cli
