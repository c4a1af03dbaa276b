// The HTTP API: from a request through login, permission and the route's handler to an answer or a
// problem.
#pragma once

#include <optional>
#include <string>

#include "api/logs.hpp"
#include "api/request.hpp"
#include "api/routes.hpp"
#include "control/answers.hpp"

namespace podplay::api {

// Called by the server's threads at the same time. `context_` is constant after construction;
// the other members guard themselves.
class Api {
 public:
  explicit Api(control::Context& context) : context_(context) {}
  net::HttpResponse handle(const net::HttpRequest& request);
  // The problem for a client that may not send this request, given before its large body is read:
  // strangers may send only small ones. Nothing for other clients (net::HttpServerOptions::admit).
  std::optional<net::HttpResponse> admit(const net::HttpRequest& head);
  control::Context& context() { return context_; }

 private:
  Result<control::Actor> actor_of(const net::HttpRequest& request, const Route& route);
  // `who` gets the actor's address once it is known, for the log.
  Result<Answer> answer(const net::HttpRequest& http, const FoundRoute& found,
                        const std::string& request_id, std::string& who);
  Result<Answer> answer_once(Request& request, const Route& route);
  void log_request(const net::HttpRequest& request, const net::HttpResponse& response,
                   const std::string& who, const Error& problem);

  // `route`: nullptr when there is none.
  void count_request(const Route* route, const net::HttpRequest& request, int status,
                     SteadyTime began);

  control::Context& context_;
  control::Answers answers_;
  Slots followers_{kMostFollowers};
  Slots searches_{kMostSearches};
};

}  // namespace podplay::api
