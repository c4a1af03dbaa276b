// The HTTP server over cpp-httplib. Requests without a body are answered before the library matches
// patterns. Bodies are read here and counted after decoding, so that the limit of a path holds
// whatever a client says about lengths and encodings. Octets of a body that were not read would be
// taken for the next request (RFC 9112 section 9.3), so the connection ends then.
#include <fmt/format.h>
#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "base/control_character.hpp"
#include "base/numbers.hpp"
#include "net/header_field.hpp"
#include "net/http.hpp"
#include "net/plain_server.hpp"
#include "net/request_length.hpp"
#include "net/tls_context.hpp"
#include "net/tls_server.hpp"
#include "net/waiting_room.hpp"

namespace podplay::net {
namespace {

// Bytes beyond a limit that are read and dropped, so that a client that is still sending gets the
// answer.
constexpr std::size_t kDrained = 8U << 20;
// Octets. The library's pattern matching recurses once per character, with 600 octets of stack
// each.
constexpr std::size_t kLongestPath = 1024;

// Whether the other side will send nothing more. An error of the connection counts as well.
bool is_hung_up(int socket) {
  pollfd one{.fd = socket, .events = POLLRDHUP, .revents = 0};
  return ::poll(&one, 1, 0) > 0;
}

// Everything of a request but its body.
HttpRequest to_request(const httplib::Request& in) {
  HttpRequest out;
  out.method = in.method;
  out.path = in.path;
  for (const auto& [name, value] : in.params) {
    out.query.emplace(name, value);
  }
  // A repeated header is one list (RFC 9110 section 5.3).
  for (const auto& [name, value] : in.headers) {
    if (const auto [known, first] = out.headers.emplace(name, value); !first) {
      known->second += ", " + value;
    }
  }
  out.remote_address = in.remote_addr;
  if (in.ssl != nullptr) {
    out.peer_name = peer_common_name(in.ssl);
    out.hung_up = [socket = SSL_get_fd(in.ssl)] { return is_hung_up(socket); };
  }
  return out;
}

void fill_response(HttpResponse&& in, httplib::Response& out) {
  out.status = in.status;
  std::string type = "application/octet-stream";
  for (auto& [name, value] : in.headers) {
    if (NoCase{}(name, "Content-Type") || NoCase{}("Content-Type", name)) {
      out.set_header(name, value);
    } else {
      type = value;
    }
  }
  if (in.pieces && in.length == 0) {
    out.set_chunked_content_provider(
        type, [pieces = std::move(in.pieces)](std::size_t, httplib::DataSink& sink) {
          const auto piece = pieces();
          if (piece && piece->empty()) {
            sink.done();
            return true;
          }
          return piece && sink.write(piece->data(), piece->size());
        });
    return;
  }
  if (in.pieces) {
    out.set_content_provider(
        in.length, type,
        [pieces = std::move(in.pieces)](std::size_t, std::size_t, httplib::DataSink& sink) {
          const auto piece = pieces();
          return piece && !piece->empty() && sink.write(piece->data(), piece->size());
        });
    return;
  }
  if (!in.body.empty()) {
    out.set_content(std::move(in.body),
                    type);  // NOLINT(performance-move-const-arg): newer httplib moves
  }
}

class Server final : public HttpServer {
 public:
  Server(HttpServerOptions options, HttpHandler handler, Logger log)
      : options_(std::move(options)), handler_(std::move(handler)), log_(std::move(log)) {}
  ~Server() override { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Status open() {
    if (options_.tls) {
      identities_ = std::make_shared<ServerIdentities>(*options_.tls);
      TRY(identities_->check());
      auto secured = std::make_unique<TlsServer>(
          [this](SSL_CTX& context) {
            return set_up_server(context, identities_, options_.client_ca,
                                 options_.client_optional);
          },
          options_.read_timeout, options_.keep_alive);
      secured_ = secured.get();
      server_ = std::move(secured);
    } else {
      return open_plain();
    }
    if (!server_->is_valid()) {
      return fail(ErrorKind::io, "tls_setup",
                  "the TLS server cannot start: certificate, key or CA is not usable");
    }
    configure();
    if (options_.port == 0) {
      port_ = server_->bind_to_any_port(options_.address);
    } else if (server_->bind_to_port(options_.address, options_.port)) {
      port_ = options_.port;
    }
    if (port_ <= 0) {
      return fail(ErrorKind::conflict, "port_in_use",
                  fmt::format("cannot listen on {} port {}", options_.address, options_.port),
                  "end the program that uses the port, or set another one");
    }
    listener_ = std::thread([this] { server_->listen_after_bind(); });
    // The socket accepts connections since the bind, but stop() works only after the accept loop
    // has started.
    while (!server_->is_running()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {};
  }

  int port() const override { return port_; }

  void stop() override {
    const std::scoped_lock lock(stop_mutex_);
    stopping_ = true;
    if (room_) {
      room_->stop();
    }
    if (!listener_.joinable()) {
      return;
    }
    secured_->end_connections();
    server_->stop();
    listener_.join();
  }

  void renew(TlsIdentity identity) override {
    if (identities_) {
      identities_->set(std::move(identity));
    }
  }

 private:
  // Without TLS, connections wait in a room of their own, and the library parses what has come.
  Status open_plain() {
    auto plain = std::make_unique<PlainServer>(options_.read_timeout);
    PlainServer& server = *plain;
    server_ = std::move(plain);
    configure();
    TRY(auto room, WaitingRoom::open({.address = options_.address,
                                      .port = options_.port,
                                      .threads = options_.threads,
                                      .keep_alive = options_.keep_alive},
                                     [&server](int socket, const std::string& address) {
                                       return server.serve(socket, address);
                                     }));
    room_ = std::move(room);
    port_ = room_->port();
    return {};
  }

  // The limit of a path in bytes.
  std::size_t limit_of(const httplib::Request& in) const {
    const auto row = options_.body_limits.find(in.path);
    return row == options_.body_limits.end() ? options_.max_body : row->second;
  }

  // Whether the body is more than what the waiting room waits for.
  static bool is_large(const httplib::Request& in) {
    const auto length = parse_number<std::size_t>(in.get_header_value("Content-Length"));
    return !length || *length > kSmallBody;
  }

  void answer(const httplib::Request& in, HttpRequest&& request, httplib::Response& out) {
    try {
      fill_response(handler_(request), out);
    } catch (const std::exception& error) {
      log_.error("a request ended with an exception",
                 {{"path", request.path}, {"what", error.what()}});
      fill_response(problem({.status = 500, .code = "internal", .title = "A defect in PodPlay"}),
                    out);
    }
    if (stopping_ && in.ssl != nullptr) {
      // The answer is the connection's last one.
      out.set_header("Connection", "close");
    }
  }

  void answer_with_body(const httplib::Request& in, httplib::Response& out,
                        const httplib::ContentReader& read) {
    const std::size_t limit = limit_of(in);
    std::string body;
    std::size_t length = 0;
    const bool whole = read([&](const char* data, std::size_t count) {
      length += count;
      if (length <= limit) {
        body.append(data, count);
      } else {
        body = {};
      }
      return length <= std::max(limit, kDrained);
    });
    if (length > limit) {
      fill_response(
          problem({.status = 413,
                   .code = "too_large",
                   .title = "Too large",
                   .detail = fmt::format("the body is larger than the limit of {} octets", limit),
                   .remedy = "send a smaller body"}),
          out);
    } else if (!whole) {
      fill_response(problem({.status = 400,
                             .code = "bad_body",
                             .title = "The body cannot be read",
                             .detail = "the body ended early, or its encoding is not known",
                             .remedy = "send a Content-Length, or Content-Encoding gzip or none"}),
                    out);
    } else {
      HttpRequest request = to_request(in);
      request.body = std::move(body);
      answer(in, std::move(request), out);
    }
    if (!whole) {
      close_after(out);
    }
  }

  // A problem document (RFC 9457), written here because wire is above this module. The texts are
  // this file's own and need no escaping.
  struct Problem {
    int status;
    std::string_view code;
    std::string_view title;
    std::string detail{};
    std::string_view remedy{};
  };
  static HttpResponse problem(const Problem& what) {
    return {.status = what.status,
            .headers = {{"Content-Type", "application/problem+json"}},
            .body = fmt::format(R"({{"type":"urn:podplay:problem:{}","title":"{}","status":{},)"
                                R"("code":"{}","detail":"{}","remedy":"{}"}})",
                                what.code, what.title, what.status, what.code, what.detail,
                                what.remedy)};
  }

  // Ends the connection after this answer. The library does so only when writing an answer fails,
  // so this one writes all of its text and then fails.
  static void close_after(httplib::Response& out) {
    out.set_header("Connection", "close");
    const std::string type = out.get_header_value("Content-Type");
    out.headers.erase("Content-Type");
    const std::string text = std::exchange(out.body, {});
    out.set_content_provider(
        text.size(), type, [text](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
          sink.write(text.data() + offset, length);
          return false;
        });
  }

  // True with one Content-Length of digits, or with Transfer-Encoding where the library reads it,
  // but not with both (RFC 9112 section 6.3).
  static bool is_plain_length(const httplib::Request& in) {
    const std::string length = in.get_header_value("Content-Length");
    if (!in.has_header("Transfer-Encoding")) {
      return in.get_header_value_count("Content-Length") == 1 &&
             length.find_first_not_of("0123456789") == length.npos;
    }
    return length.empty() && in.method != "DELETE";
  }

  httplib::Server::HandlerResponse before_routing(const httplib::Request& in,
                                                  httplib::Response& out) {
    using enum httplib::Server::HandlerResponse;
    const bool takes_body =
        in.method == "POST" || in.method == "PUT" || in.method == "PATCH" || in.method == "DELETE";
    const std::string length = in.get_header_value("Content-Length");
    const bool has_body = (!length.empty() && length != "0") || in.has_header("Transfer-Encoding");
    std::optional<HttpResponse> refused;
    if (in.path.size() > kLongestPath) {
      refused = problem({.status = 414,
                         .code = "path_too_long",
                         .title = "Too long",
                         .detail = fmt::format("the path is longer than {} octets", kLongestPath)});
    } else if (std::ranges::any_of(in.path, is_control)) {
      // The library's pattern does not match a path with a line end, and would answer with nothing.
      refused = problem({.status = 404,
                         .code = "no_such_path",
                         .title = "Not found",
                         .detail = "the path has a control character"});
    } else if (!std::ranges::all_of(in.headers, [](const auto& header) {
                 return is_header_field(header.first, header.second);
               })) {
      refused = problem({.status = 400,
                         .code = "bad_header",
                         .title = "Wrong header",
                         .detail = "a header field has a name or a value with octets that must not "
                                   "be there (RFC 9110 section 5)",
                         .remedy = "send it without them"});
    } else if (in.get_header_value("Content-Type").starts_with("multipart/")) {
      refused = problem({.status = 415,
                         .code = "bad_content_type",
                         .title = "Wrong content type",
                         .detail = "multipart bodies are not accepted",
                         .remedy = "send application/json"});
    } else if (has_body && (!takes_body || !is_plain_length(in))) {
      refused = problem({.status = 400,
                         .code = "bad_body",
                         .title = "Wrong body",
                         .detail = "this request may not have such a body",
                         .remedy = "send it without a body"});
    } else if (has_body && options_.admit && is_large(in)) {
      refused = options_.admit(to_request(in));
    }
    if (refused) {
      fill_response(std::move(*refused), out);
      if (has_body) {
        close_after(out);
      }
      return Handled;
    }
    if (has_body) {
      return Unhandled;
    }
    answer(in, to_request(in), out);
    return Handled;
  }

  void configure() {
    std::size_t most = std::max(options_.max_body, kDrained);
    for (const auto& [path, limit] : options_.body_limits) {
      most = std::max(most, limit);
    }
    // answer_with_body() enforces the limits. The library itself drops what is announced as longer.
    server_->set_payload_max_length(most);
    server_->set_tcp_nodelay(true);
    server_->set_keep_alive_max_count(1'000'000'000);
    server_->set_keep_alive_timeout(options_.keep_alive.count());
    server_->set_read_timeout(options_.read_timeout.count());
    server_->new_task_queue = [threads = options_.threads] {
      return new httplib::ThreadPool(static_cast<std::size_t>(threads));
    };
    server_->set_pre_routing_handler(
        [this](const auto& in, auto& out) { return before_routing(in, out); });
    const auto handle = [this](const httplib::Request& in, httplib::Response& out,
                               const httplib::ContentReader& read) {
      answer_with_body(in, out, read);
    };
    server_->Post(".*", handle);
    server_->Put(".*", handle);
    server_->Patch(".*", handle);
    server_->Delete(".*", handle);
  }

  // Constant after open().
  HttpServerOptions options_;
  HttpHandler handler_;
  Logger log_;
  // Guards itself. nullptr without TLS.
  std::shared_ptr<ServerIdentities> identities_;
  std::unique_ptr<httplib::Server> server_;
  // The same with TLS, else nullptr.
  TlsServer* secured_ = nullptr;
  // nullptr with TLS.
  std::unique_ptr<WaitingRoom> room_;
  int port_ = 0;

  std::mutex stop_mutex_;
  // Set once, by stop().
  std::atomic<bool> stopping_ = false;
  // Guarded by stop_mutex_. Runs the accept loop; handlers run in the pool of server_.
  std::thread listener_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options,
                                                      HttpHandler handler, Logger log) {
  auto server = std::make_unique<Server>(std::move(options), std::move(handler), std::move(log));
  TRY(server->open());
  return server;
}

}  // namespace podplay::net
