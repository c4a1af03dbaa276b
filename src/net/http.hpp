// HTTP/1.1 server and client, plain and over (mutual) TLS. The only place that knows the library
// (cpp-httplib). Blocking handlers on a thread pool: straight-line code.
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
  // decoded, without query
  std::string path;
  std::map<std::string, std::string> query{};
  Headers headers{};
  std::string body{};
  // server side
  std::string remote_address{};
  // mutual TLS: the client certificate's common name
  std::string peer_name{};
  // empty when missing
  std::string header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  Headers headers{};
  std::string body{};
  std::string header(std::string_view name) const;
};

// PEM texts. A server with `client_ca` set asks for a client certificate and refuses unknown ones;
// a connection without any is let in only when `client_optional` (the handler then sees an empty
// peer_name).
struct TlsIdentity {
  // leaf first, then the chain
  std::string certificate;
  Secret key;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  // 0: any free one
  int port = 0;
  // a kept connection holds one
  int threads = 16;
  // bytes; more is 413
  std::size_t max_body = 1 << 20;
  std::chrono::seconds read_timeout{10};
  std::chrono::seconds keep_alive{30};
  // A larger limit for single paths, e.g. {"/api/users/import", 64 MiB}. Before such a body is
  // read, `admit` sees the request without it; an answer refuses it.
  std::map<std::string, std::size_t> body_limits{};
  std::function<std::optional<HttpResponse>(const HttpRequest& head)> admit{};
  std::optional<TlsIdentity> tls{};
  // PEM
  std::string client_ca{};
  bool client_optional = false;
};

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

class HttpServer {
 public:
  static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, HttpHandler handler,
                                                   Logger log);
  // stops
  virtual ~HttpServer() = default;
  virtual int port() const = 0;
  // lets running requests end
  virtual void stop() = 0;
  // for new connections, without a restart
  virtual void renew(TlsIdentity identity) = 0;
};

struct HttpClientOptions {
  // http://host:port or https://host:port
  std::string base_url;
  // PEM; empty: the system's
  std::string ca{};
  // do not verify the server (only for --insecure of the CLI)
  bool insecure = false;
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

// one path segment or query value
std::string url_encode(std::string_view text);

}  // namespace podplay::net
