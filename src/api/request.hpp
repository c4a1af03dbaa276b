// A request as a handler gets it, and the answer that the handler returns.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "api/slots.hpp"
#include "control/context.hpp"
#include "net/http.hpp"
#include "wire/shape.hpp"

namespace podplay::api {

using wire::Json;

// Everything in it is checked already: login, permission, query and body.
struct Request {
  const net::HttpRequest& http;
  control::Actor actor;
  // The parameter of the path, such as {id}.
  std::string parameter;
  // Of the body, in lower case and without parameters.
  std::string media_type{};
  // Has the route's shape. Null when the route takes no body, or takes lines.
  Json body{};
  control::WriteOptions options{};
  // Seconds, of ?wait=.
  int wait = 0;
  // Of a route whose answer goes on after the handler has returned (object_or_events): asks again
  // who the login's user is, and whether they may still use the route. May be called as long as the
  // server runs.
  std::function<Result<control::Actor>()> again{};
  // Of the server: who follows logs, and who searches them.
  Slots* followers = nullptr;
  Slots* searches = nullptr;
};

struct Answer {
  Json body{};
  // An object's revision; empty: the answer has no ETag.
  std::string etag{};
  // 0: the route's own status of success.
  int status = 0;
  // A document that is not JSON, and its media type; `body` is not used then.
  std::string text{};
  std::string_view media_type{};
  // A document that is too long for the memory (net/http.hpp), and how long it is in bytes.
  std::function<Result<std::string>()> pieces{};
  std::size_t length = 0;
  // What a browser calls the document when it saves it; empty: it shows it.
  std::string file_name{};
  // Where the thing is that the request made; empty: nowhere.
  std::string location{};
  // More headers, such as Content-Security-Policy.
  net::Headers headers{};
};

using Handler = Result<Answer> (*)(control::Context&, Request&);

}  // namespace podplay::api
