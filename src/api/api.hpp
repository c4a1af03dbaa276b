// The HTTP API: from a request through authentication, permission and the route's handler to an
// answer or a problem.
#pragma once

#include <optional>
#include <string>

#include "control/answers.hpp"
#include "control/context.hpp"
#include "net/http.hpp"
#include "wire/shape.hpp"

namespace podplay::api {

using wire::Json;

// What a handler is given: everything is checked already.
struct Request {
  const net::HttpRequest& http;
  control::Actor actor;
  // the {id} of the path, decoded
  std::string parameter;
  // checked against the route's shape
  Json body;
  control::WriteOptions options;
  // seconds, ?wait=
  int wait = 0;
};

struct Answer {
  int status = 200;
  Json body;
  std::string etag{};
};

struct Route;

class Api {
 public:
  explicit Api(control::Context& context) : context_(context) {}
  net::HttpResponse handle(const net::HttpRequest& request);
  // Before a large body is read: the problem for those who may not send it
  // (net::HttpServerOptions::admit).
  std::optional<net::HttpResponse> admit(const net::HttpRequest& head);
  control::Context& context() { return context_; }

 private:
  Result<control::Actor> actor_of(const net::HttpRequest& request, const Route& route);
  Result<Answer> answer(const net::HttpRequest& request, const Route& route, std::string parameter,
                        const std::string& request_id, std::string& who);
  Result<Answer> answer_once(Request& request, const Route& route);

  control::Context& context_;
  control::Answers answers_;
};

// A token of "Authorization: Bearer ..."; empty when there is none (RFC 6750 section 2.1).
std::string bearer_token(const net::HttpRequest& request);

}  // namespace podplay::api
