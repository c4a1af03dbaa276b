// One HTTP call of the CLI: base URL and token of the session, an Idempotency-Key on POST so that
// it can be sent again after a lost answer, problems as Errors.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/session.hpp"
#include "net/http.hpp"

namespace podplay::cli {

struct CallerOptions {
  // shows request and status lines on stderr, never a secret
  bool verbose = false;
  bool insecure = false;
  // PEM
  std::string ca{};
};

class Caller {
 public:
  Caller(Session session, CallerOptions options)
      : session_(std::move(session)), options_(std::move(options)) {}
  Result<nlohmann::json> call(net::HttpRequest request);
  const Session& session() const { return session_; }
  // of the last answer
  const std::string& request_id() const { return request_id_; }
  // of the last refusal, whole
  const std::optional<nlohmann::json>& problem() const { return problem_; }

 private:
  Session session_;
  CallerOptions options_;
  std::string request_id_;
  std::optional<nlohmann::json> problem_;
};

}  // namespace podplay::cli
