// HTTP/1.1 server and client, plain and over (mutual) TLS. The only place that knows the library (cpp-httplib).
// Blocking handlers on a thread pool: straight-line code.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::net {

struct NoCase {
  bool operator()(std::string_view a, std::string_view b) const;
  using is_transparent = void;
};
using Headers = std::map<std::string, std::string, NoCase>;

struct HttpRequest {
  std::string method = "GET";
  std::string path;  // decoded, without query
  std::map<std::string, std::string> query{};
  Headers headers{};
  std::string body{};
  std::string remote_address{};                     // server side
  std::string peer_name{};                          // mutual TLS: the client certificate's common name
  std::string header(std::string_view name) const;  // empty when missing
};

struct HttpResponse {
  int status = 200;
  Headers headers{};
  std::string body{};
  std::string header(std::string_view name) const;
};

// PEM texts. A server with `client_ca` set asks for a client certificate and refuses unknown ones; a connection without
// any is let in only when `client_optional` (the handler then sees an empty peer_name).
struct TlsIdentity {
  std::string certificate;  // leaf first, then the chain
  Secret key;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  int port = 0;                    // 0: any free one
  int threads = 16;                // a kept connection holds one
  std::size_t max_body = 1 << 20;  // bytes; more is 413
  std::chrono::seconds read_timeout{10};
  std::chrono::seconds keep_alive{30};
  // A larger limit for single paths, e.g. {"/api/users/import", 64 MiB}. Before such a body is read, `admit` sees the request without
  // it; an answer refuses it.
  std::map<std::string, std::size_t> body_limits{};
  std::function<std::optional<HttpResponse>(const HttpRequest& head)> admit{};
  std::optional<TlsIdentity> tls{};
  std::string client_ca{};  // PEM
  bool client_optional = false;
};

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

class HttpServer {
 public:
  static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, HttpHandler handler, Logger log);
  virtual ~HttpServer() = default;  // stops
  virtual int port() const = 0;
  virtual void stop() = 0;                       // lets running requests end
  virtual void renew(TlsIdentity identity) = 0;  // for new connections, without a restart
};

struct HttpClientOptions {
  std::string base_url;   // http://host:port or https://host:port
  std::string ca{};       // PEM; empty: the system's
  bool insecure = false;  // do not verify the server (only for --insecure of the CLI)
  std::optional<TlsIdentity> identity{};
  std::chrono::milliseconds connect_timeout{3000};
  std::chrono::milliseconds timeout{30000};
};

// One kept connection; not for use by two threads at once.
class HttpClient {
 public:
  static Result<std::unique_ptr<HttpClient>> make(HttpClientOptions options);
  virtual ~HttpClient() = default;
  // An Error only when no answer came (unavailable, timeout); any status is a response.
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

std::string url_encode(std::string_view text);  // one path segment or query value

}  // namespace podplay::net
