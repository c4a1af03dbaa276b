// HTTP/1.1 server and client, plain, over TLS and over mutual TLS. Only this module knows the
// library, cpp-httplib. Handlers block a thread of a pool, so they are straight-line code.
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

// Orders header names without regard to case (RFC 9110 section 5.1).
struct NoCase {
  bool operator()(std::string_view a, std::string_view b) const;
  using is_transparent = void;
};
using Headers = std::map<std::string, std::string, NoCase>;

struct HttpRequest {
  std::string method = "GET";
  // Without the query. At the server percent-decoded. From a client as it is sent; empty means "/".
  std::string path;
  std::map<std::string, std::string> query{};
  Headers headers{};
  std::string body{};
  // Set by the server: the address of the other side.
  std::string remote_address{};
  // Set by the server with mutual TLS: the common name in the client's certificate.
  std::string peer_name{};
  // Of a client: takes the body of an answer below 400 while it comes; the response has none then.
  std::function<void(std::string_view piece)> take{};
  // Set by the server with TLS: whether the client has closed its connection. For handlers that
  // wait long. Call it only in the handler's thread, while the handler runs.
  std::function<bool()> hung_up{};
  // The value of a header, empty when it is missing.
  std::string header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  // In an answer that the client got, the values of a repeated header stand together, with commas
  // (RFC 9110 section 5.2).
  Headers headers{};
  std::string body{};
  // From a server: a body that is too long for the memory. It is asked for piece after piece; an
  // empty one is the end, and an Error ends the connection, so that the client sees that something
  // is missing. `body` is not used then.
  std::function<Result<std::string>()> pieces{};
  // Of all pieces, in bytes; 0: not known, so it is sent in chunks (RFC 9112 section 7.1).
  std::size_t length = 0;
  std::string header(std::string_view name) const;
};

// A certificate and its key in PEM.
struct TlsIdentity {
  // The leaf first, then the chain.
  std::string certificate;
  Secret key;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  // 0 takes any free port.
  int port = 0;
  // Requests that are answered at the same time. With TLS, a connection that is kept alive occupies
  // one.
  int threads = 16;
  // The largest body in bytes. A larger one is answered with 413.
  std::size_t max_body = 1 << 20;
  std::chrono::seconds read_timeout{10};
  std::chrono::seconds keep_alive{30};
  // Larger limits for single paths, such as {"/api/users/import", 64 MiB}.
  std::map<std::string, std::size_t> body_limits{};
  // Called with the request's head before a body is read that is larger than 16 KiB, or whose
  // length is not known. When it returns an answer, that is sent instead.
  std::function<std::optional<HttpResponse>(const HttpRequest& head)> admit{};
  std::optional<TlsIdentity> tls{};
  // In PEM. When set, clients are asked for a certificate, and one of another CA is refused.
  std::string client_ca{};
  // Lets clients without a certificate in too. Their peer_name is empty.
  bool client_optional = false;
};

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// Listens until it is destroyed. All functions may be called from any thread.
class HttpServer {
 public:
  static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, HttpHandler handler,
                                                   Logger log);
  // Calls stop().
  virtual ~HttpServer() = default;
  virtual int port() const = 0;
  // Takes no new connection and waits for the requests that are being answered.
  virtual void stop() = 0;
  // Replaces the certificate for new connections.
  virtual void renew(TlsIdentity identity) = 0;
};

struct HttpClientOptions {
  // "http://host:port" or "https://host:port", a path may follow.
  std::string base_url;
  // In PEM. Empty means the system's CAs.
  std::string ca{};
  // Trusts the system's CAs besides `ca`. For servers whose certificate may become a public one.
  bool system_cas_too = false;
  // Does not verify the server's certificate. Only for --insecure of the CLI.
  bool insecure = false;
  std::optional<TlsIdentity> identity{};
  std::chrono::milliseconds connect_timeout{3000};
  std::chrono::milliseconds timeout{30000};
  // A longer answer is an error; 0 takes any. For servers that are not ours.
  std::size_t most_body = 0;
};

// One connection that is kept alive. Not for two threads at once.
class HttpClient {
 public:
  static Result<std::unique_ptr<HttpClient>> make(HttpClientOptions options);
  virtual ~HttpClient() = default;
  // An error, `unavailable` or `timeout`, only when no answer came. Any HTTP status is a response.
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

// A URL's server and what is asked of it: {"https://ca.test:14000", "/dir?a=b"}.
struct UrlParts {
  std::string origin;
  std::string target;
};
// `invalid` for anything but http and https URLs.
Result<UrlParts> split_url(const std::string& url);

// Percent-encodes one path segment or query value (RFC 3986 section 2.1).
std::string url_encode(std::string_view text);

}  // namespace podplay::net
