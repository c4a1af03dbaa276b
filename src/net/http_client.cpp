// The HTTP client over cpp-httplib. The connection is opened with the first request and opened
// again when the server has closed it.
#include <fmt/format.h>
#include <httplib.h>

#include "base/ascii.hpp"
#include "base/numbers.hpp"
#include "net/http.hpp"
#include "net/system_cas.hpp"
#include "net/tls_context.hpp"

namespace podplay::net {
namespace {

// The library adds the system's CAs to the store that it is given, unless it has a folder of
// others. This one cannot exist.
constexpr const char* kNoFolder = "/dev/null/none";

struct Target {
  bool tls = false;
  std::string host;
  int port = 0;
  std::string base_path;
};

Result<Target> parse_url(const std::string& url) {
  const auto bad = [&url] {
    return fail(ErrorKind::invalid, "bad_url", fmt::format("'{}' is not an HTTP URL", url),
                "write http://host:port or https://host");
  };
  Target target;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    target.tls = true;
  } else if (!rest.starts_with("http://")) {
    return bad();
  }
  rest.remove_prefix(target.tls ? 8 : 7);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  target.base_path = std::string(rest.substr(slash));
  while (target.base_path.ends_with('/')) {
    target.base_path.pop_back();
  }
  rest = rest.substr(0, slash);
  target.port = target.tls ? 443 : 80;
  const std::size_t colon = rest.rfind(':');
  if (colon != rest.npos && rest.back() != ']') {
    const auto port = parse_number<std::uint16_t>(rest.substr(colon + 1));
    if (!port || *port == 0) {
      return bad();
    }
    target.port = *port;
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) {
    rest = rest.substr(1, rest.size() - 2);
  }
  if (rest.empty()) {
    return bad();
  }
  target.host = std::string(rest);
  return target;
}

// Cookies have commas of their own (RFC 6265 section 3), so the first one stays.
void add_header(Headers& headers, const std::string& name, const std::string& value) {
  const auto [known, added] = headers.emplace(name, value);
  static constexpr NoCase kBefore;
  const bool cookie = !kBefore(name, "Set-Cookie") && !kBefore("Set-Cookie", name);
  if (!added && !cookie) {
    known->second += ", " + value;
  }
}

class Client final : public HttpClient {
 public:
  Client(Target target, HttpClientOptions options)
      : target_(std::move(target)), options_(std::move(options)) {}

  Status open() {
    if (!target_.tls) {
      client_ = std::make_unique<httplib::ClientImpl>(target_.host, target_.port);
    } else {
      TRY(auto client, make_tls());
      client_ = std::move(client);
    }
    client_->set_keep_alive(true);
    client_->set_tcp_nodelay(true);
    client_->set_url_encode(false);
    client_->set_connection_timeout(options_.connect_timeout);
    client_->set_read_timeout(options_.timeout);
    client_->set_write_timeout(options_.timeout);
    return {};
  }

  Result<HttpResponse> send(const HttpRequest& in) override {
    httplib::Request out;
    out.method = in.method;
    out.path = target_.base_path + in.path;
    if (out.path.empty()) {
      // RFC 9112 section 3.2.1.
      out.path = "/";
    }
    char separator = '?';
    for (const auto& [name, value] : in.query) {
      out.path += fmt::format("{}{}={}", separator, url_encode(name), url_encode(value));
      separator = '&';
    }
    for (const auto& [name, value] : in.headers) {
      out.headers.emplace(name, value);
    }
    out.body = in.body;
    std::string limited;
    bool too_large = false;
    if (options_.most_body > 0) {
      out.content_receiver = [&](const char* data, std::size_t size, auto&&...) {
        too_large = limited.size() + size > options_.most_body;
        limited.append(data, too_large ? 0 : size);
        return !too_large;
      };
    }
    // The answer's status comes before its body.
    int status = 0;
    std::string problem;
    if (in.take) {
      out.response_handler = [&](const httplib::Response& response) {
        status = response.status;
        return true;
      };
      out.content_receiver = [&](const char* data, std::size_t size, auto&&...) {
        if (status < 400) {
          in.take({data, size});
        } else {
          problem.append(data, size);
        }
        return true;
      };
    }
    auto result = client_->send(out);
    if (too_large) {
      return fail(ErrorKind::unavailable, "answer_too_large",
                  fmt::format("{} sent more than {} octets", where(), options_.most_body));
    }
    if (!result) {
      return no_answer(result.error());
    }
    std::string& body = options_.most_body > 0 ? limited : result->body;
    HttpResponse response{result->status, {}, std::move(in.take ? problem : body)};
    for (const auto& [name, value] : result->headers) {
      add_header(response.headers, name, value);
    }
    return response;
  }

 private:
  Result<std::unique_ptr<httplib::ClientImpl>> make_tls() const {
    LeafAndKey pair;
    if (options_.identity && !read_identity(*options_.identity, pair)) {
      return fail(ErrorKind::invalid, "bad_identity",
                  "the client certificate or its key cannot be read");
    }
    auto client = std::make_unique<httplib::SSLClient>(target_.host, target_.port, pair.certificate,
                                                       pair.key);
    client->enable_server_certificate_verification(!options_.insecure);
    const bool named_only = !options_.ca.empty() && !options_.system_cas_too;
    client->set_ca_cert_path("", named_only ? kNoFolder : system_ca_folder());
    if (!options_.ca.empty()) {
      X509_STORE* store = make_store(options_.ca);
      if (store == nullptr) {
        return fail(ErrorKind::invalid, "bad_ca", "the CA certificate cannot be read");
      }
      // The client frees the store.
      client->set_ca_cert_store(store);
    }
    return client;
  }

  std::string where() const {
    return fmt::format("{}://{}:{}", target_.tls ? "https" : "http", target_.host, target_.port);
  }

  Result<HttpResponse> no_answer(httplib::Error error) const {
    if (error == httplib::Error::Read) {
      return fail(ErrorKind::timeout, "no_answer",
                  fmt::format("{} closed the connection or gave no answer within {} ms", where(),
                              options_.timeout.count()));
    }
    if (error == httplib::Error::SSLServerVerification || error == httplib::Error::SSLConnection ||
        error == httplib::Error::SSLLoadingCerts) {
      return fail(
          ErrorKind::unavailable, "tls",
          fmt::format("no trusted TLS connection to {}: {}", where(), httplib::to_string(error)),
          "check the server's certificate, or name its CA");
    }
    std::string why = httplib::to_string(error);
    if (error == httplib::Error::Connection) {
      why = "the connection was refused, or nothing answers there";
    }
    return fail(ErrorKind::unavailable, "no_connection",
                fmt::format("cannot reach {}: {}", where(), why));
  }

  Target target_;
  HttpClientOptions options_;
  std::unique_ptr<httplib::ClientImpl> client_;
};

std::string find_header(const Headers& headers, std::string_view name) {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

}  // namespace

bool NoCase::operator()(std::string_view a, std::string_view b) const {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return lower(x) < lower(y); });
}

std::string HttpRequest::header(std::string_view name) const { return find_header(headers, name); }
std::string HttpResponse::header(std::string_view name) const { return find_header(headers, name); }

Result<std::unique_ptr<HttpClient>> HttpClient::make(HttpClientOptions options) {
  TRY(auto target, parse_url(options.base_url));
  auto client = std::make_unique<Client>(std::move(target), std::move(options));
  TRY(client->open());
  return client;
}

Result<UrlParts> split_url(const std::string& url) {
  TRY(parse_url(url));
  const std::size_t host = url.find("://") + 3;
  const std::size_t slash = std::min(url.find('/', host), url.size());
  return UrlParts{url.substr(0, slash), slash == url.size() ? "/" : url.substr(slash)};
}

std::string url_encode(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

}  // namespace podplay::net
