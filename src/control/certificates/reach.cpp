// Our web server is known by how it refuses an unknown challenge: 404, and a Server header without
// a version. On a TLS port it is known by its certificate, which nobody else can show.
#include "control/certificates/reach.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "net/http.hpp"
#include "net/line_client.hpp"

namespace podplay::control {
namespace {

constexpr const char* kUnknownChallenge = "/.well-known/acme-challenge/podplay-looks-at-itself";
constexpr std::size_t kMostBody = 65536;
constexpr std::size_t kMostAnswerWords = 80;

std::string in_url(const std::string& address) {
  return address.find(':') == address.npos ? address : "[" + address + "]";
}

std::string shown(const net::HttpResponse& response) {
  std::string words = fmt::format("status {}", response.status);
  if (const std::string server = response.header("Server"); !server.empty()) {
    words += " from " + server.substr(0, kMostAnswerWords);
  }
  if (const std::string target = response.header("Location"); !target.empty()) {
    words += ", which leads to " + target.substr(0, kMostAnswerWords);
  }
  return words;
}

}  // namespace

Sight look_at_http(const std::string& address, int port, const std::string& name,
                   std::chrono::milliseconds timeout) {
  const auto client =
      net::HttpClient::make({.base_url = fmt::format("http://{}:{}", in_url(address), port),
                             .connect_timeout = timeout,
                             .timeout = timeout,
                             .most_body = kMostBody});
  if (!client) {
    return {.words = client.error().message};
  }
  const auto response = (*client)->send({.path = kUnknownChallenge, .headers = {{"Host", name}}});
  if (!response) {
    return {.words = response.error().message};
  }
  const bool ours = response->status == 404 && response->header("Server") == "Apache";
  return {.seen = ours ? Seen::ours : Seen::other, .words = shown(*response)};
}

Sight look_at_tls(const std::string& address, int port, const std::string& name,
                  const std::vector<std::string>& versions, std::chrono::milliseconds timeout) {
  const auto client = net::LineClient::connect(address, port, timeout);
  if (!client) {
    return {.words = client.error().message};
  }
  if (const Status started = (*client)->start_tls(name); !started) {
    return {.seen = Seen::other, .words = started.error().message};
  }
  const std::string shown_version = (*client)->fingerprint();
  const bool ours = std::ranges::find(versions, shown_version) != versions.end();
  return {.seen = ours ? Seen::ours : Seen::other,
          .words = fmt::format("a certificate with the fingerprint {}", shown_version)};
}

}  // namespace podplay::control
