// The HTTP calls of the command line: base URL and token of the session, an Idempotency-Key on POST
// so that it can be sent again after a lost answer, and problems as Errors.
#pragma once

#include <cstdio>
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
};

// Owned by the main thread.
class Caller {
 public:
  Caller(Session session, CallerOptions options)
      : session_(std::move(session)), options_(std::move(options)) {}
  Result<nlohmann::json> call(net::HttpRequest request);
  // The next calls are made without a login.
  void forget_token() { session_.token = Secret(); }
  const Session& session() const { return session_; }
  // The request id of the last answer.
  const std::string& request_id() const { return request_id_; }
  // The whole body of the last failed answer.
  const std::optional<nlohmann::json>& problem() const { return problem_; }

 private:
  Session session_;
  CallerOptions options_;
  std::string request_id_;
  std::optional<nlohmann::json> problem_;
};

// A caller with the session and the server that the globals, the environment and the session file
// name.
Result<Caller> make_caller(World& world, const Globals& globals);

}  // namespace podplay::cli
