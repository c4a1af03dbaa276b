// The HTTP calls of the command line: base URL and token of the session, an Idempotency-Key on POST
// so that it can be sent again after a lost answer, and problems as Errors.
#pragma once

#include <chrono>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "net/http.hpp"

namespace podplay::cli {

struct CallerOptions {
  // Shows request and status lines on standard error, never a secret.
  bool verbose = false;
  bool insecure = false;
  std::chrono::milliseconds timeout = std::chrono::minutes(2);
};

// Owned by the main thread.
class Caller {
 public:
  Caller(Session session, CallerOptions options)
      : session_(std::move(session)), options_(std::move(options)) {}
  Result<nlohmann::json> call(net::HttpRequest request);
  // The same for an answer of JSON lines, each of which is handed on when it comes. Sent once.
  Status call_lines(net::HttpRequest request,
                    const std::function<void(const nlohmann::json&)>& on_line);
  // The same for a document, whose pieces are handed on when they come. Sent once.
  Status download(net::HttpRequest request, const std::function<void(std::string_view)>& on_piece);
  // How long the server may take to answer the next calls.
  void limit_time(std::chrono::milliseconds longest) { options_.timeout = longest; }
  // The next calls are made without a login.
  void forget_token() { session_.token = Secret(); }
  // The next calls are made with this login, and to a server of this authority.
  void use_token(Secret token) { session_.token = std::move(token); }
  void use_authority(std::string ca) { session_.ca = std::move(ca); }
  const Session& session() const { return session_; }
  // The request id of the last answer.
  const std::string& request_id() const { return request_id_; }
  // The whole body of the last failed answer.
  const std::optional<nlohmann::json>& problem() const { return problem_; }

 private:
  Result<std::unique_ptr<net::HttpClient>> prepare(net::HttpRequest& request) const;
  // The answer, or the problem that it is.
  Result<net::HttpResponse> take_answer(Result<net::HttpResponse> response);
  Session session_;
  CallerOptions options_;
  std::string request_id_;
  std::optional<nlohmann::json> problem_;
};

// A caller with the session and the server that the globals, the environment and the session file
// name.
Result<Caller> make_caller(World& world, const Globals& globals);

}  // namespace podplay::cli
