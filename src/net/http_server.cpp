// The HTTP server over cpp-httplib. Requests without a body are answered before the library's pattern matching.
#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "net/http.hpp"
#include "net/tls_context.hpp"

namespace podplay::net {
namespace {

constexpr std::size_t kDrained = 4U << 20;

HttpRequest to_request(const httplib::Request& in) {
  HttpRequest out;
  out.method = in.method;
  out.path = in.path;
  for (const auto& [name, value] : in.params) out.query.emplace(name, value);
  for (const auto& [name, value] : in.headers) out.headers.emplace(name, value);
  out.body = in.body;
  out.remote_address = in.remote_addr;
  if (in.ssl != nullptr) out.peer_name = peer_common_name(in.ssl);
  return out;
}

void fill_response(HttpResponse&& in, httplib::Response& out) {
  out.status = in.status;
  std::string type = "application/octet-stream";
  for (auto& [name, value] : in.headers) {
    if (NoCase{}(name, "Content-Type") || NoCase{}("Content-Type", name)) out.set_header(name, value);
    else type = value;
  }
  if (!in.body.empty()) out.set_content(std::move(in.body), type);
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
      const Status fine = identities_->check();
      if (!fine) return fine;
      server_ = std::make_unique<httplib::SSLServer>(
          [this](SSL_CTX& context) { return set_up_server(context, identities_, options_.client_ca, options_.client_optional); });
    } else {
      server_ = std::make_unique<httplib::Server>();
    }
    if (!server_->is_valid()) return fail(ErrorKind::io, "tls_setup", "the TLS server cannot start: certificate, key or CA is not usable");
    configure();
    port_ = options_.port;
    const bool bound =
        options_.port == 0 ? (port_ = server_->bind_to_any_port(options_.address)) > 0 : server_->bind_to_port(options_.address, options_.port);
    if (!bound) {
      return fail(ErrorKind::conflict, "port_in_use", fmt::format("cannot listen on {} port {}", options_.address, options_.port),
                  "end the program that uses the port, or set another one");
    }
    listener_ = std::thread([this] { server_->listen_after_bind(); });
    // The socket listens since the bind; stop() needs the accept loop to have begun.
    while (!server_->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return {};
  }

  int port() const override { return port_; }

  void stop() override {
    const std::scoped_lock lock(stop_mutex_);
    if (!listener_.joinable()) return;
    server_->stop();
    listener_.join();
  }

  void renew(TlsIdentity identity) override {
    if (identities_) identities_->set(std::move(identity));
  }

 private:
  std::size_t limit_of(const std::string& path) const {
    const auto row = options_.body_limits.find(path);
    return row == options_.body_limits.end() ? options_.max_body : row->second;
  }

  void answer(const httplib::Request& in, httplib::Response& out) {
    try {
      const std::size_t limit = limit_of(in.path);
      fill_response(in.body.size() > limit ? too_large(in.body.size(), limit) : handler_(to_request(in)), out);
    } catch (const std::exception& error) {
      log_.error("a request ended with an exception", {{"path", in.path}, {"what", error.what()}});
      out.status = 500;
      out.set_content(R"({"type":"urn:podplay:problem:internal","title":"A defect in PodPlay","status":500,"code":"internal"})",
                      "application/problem+json");
    }
  }

  static HttpResponse too_large(std::size_t length, std::size_t limit) {
    return {413,
            {{"Content-Type", "application/problem+json"}},
            fmt::format(R"({{"type":"urn:podplay:problem:too_large","title":"Too large","status":413,"code":"too_large",)"
                        R"("detail":"the body has {} octets, at most {} are taken here","remedy":"send less at once"}})",
                        length, limit)};
  }

  // Handles what has no body. A body that is too long is refused unread; up to kDrained octets are read first, because a
  // client that is still sending would see a broken connection instead of the answer.
  httplib::Server::HandlerResponse before_routing(const httplib::Request& in, httplib::Response& out) {
    const auto length = std::strtoull(in.get_header_value("Content-Length").c_str(), nullptr, 10);
    if (length > std::max(limit_of(in.path), kDrained)) {
      fill_response(too_large(length, limit_of(in.path)), out);
      out.set_header("Connection", "close");
      return httplib::Server::HandlerResponse::Handled;
    }
    if (length > 0 || in.has_header("Transfer-Encoding")) return httplib::Server::HandlerResponse::Unhandled;
    answer(in, out);
    return httplib::Server::HandlerResponse::Handled;
  }

  void configure() {
    std::size_t most = std::max(options_.max_body, kDrained);
    for (const auto& [path, limit] : options_.body_limits) most = std::max(most, limit);
    server_->set_payload_max_length(most);
    server_->set_tcp_nodelay(true);
    server_->set_keep_alive_max_count(1'000'000'000);
    server_->set_keep_alive_timeout(options_.keep_alive.count());
    server_->set_read_timeout(options_.read_timeout.count());
    server_->new_task_queue = [threads = options_.threads] { return new httplib::ThreadPool(static_cast<std::size_t>(threads)); };
    server_->set_pre_routing_handler([this](const auto& in, auto& out) { return before_routing(in, out); });
    const auto handle = [this](const httplib::Request& in, httplib::Response& out) { answer(in, out); };
    server_->Get(".*", handle);
    server_->Post(".*", handle);
    server_->Put(".*", handle);
    server_->Patch(".*", handle);
    server_->Delete(".*", handle);
  }

  HttpServerOptions options_;
  HttpHandler handler_;
  Logger log_;
  std::shared_ptr<ServerIdentities> identities_;
  std::unique_ptr<httplib::Server> server_;
  std::thread listener_;
  std::mutex stop_mutex_;
  int port_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options, HttpHandler handler, Logger log) {
  auto server = std::make_unique<Server>(std::move(options), std::move(handler), std::move(log));
  const Status opened = server->open();
  if (!opened) return std::unexpected(opened.error());
  return server;
}

}  // namespace podplay::net
