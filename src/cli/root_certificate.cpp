// What comes is a certificate that signed itself and may sign others, or it is refused.
#include "cli/root_certificate.hpp"

#include <fmt/format.h>

#include "net/chain.hpp"
#include "net/http.hpp"
#include "net/inspection.hpp"

namespace podplay::cli {
namespace {

constexpr std::size_t kLargest = std::size_t{64} << 10;

// Digits alone: systems show fingerprints with colons, and in capital letters.
std::string digits_of(const std::string& fingerprint) {
  std::string digits;
  for (const char c : fingerprint) {
    if (c != ':' && c != ' ') {
      digits += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return digits;
}

}  // namespace

Result<std::string> fetch_root(const std::string& base_url, const std::string& ca, bool insecure) {
  TRY(auto client, net::HttpClient::make({.base_url = base_url,
                                          .ca = ca,
                                          .system_cas_too = true,
                                          .insecure = insecure,
                                          .identity = {},
                                          .most_body = kLargest}));
  TRY(const auto response, client->send({.path = "/ca.pem"}));
  const auto chain = net::split_chain(response.body);
  const auto traits = chain ? net::read_traits(chain->front()) : Result<net::CertificateTraits>{};
  if (response.status != 200 || !chain || !traits || !traits->authority || !traits->self_signed) {
    return fail(
        ErrorKind::unavailable, "bad_answer",
        fmt::format("{}/ca.pem is no root certificate (status {})", base_url, response.status),
        "check --base-url");
  }
  return chain->front();
}

Status check_fingerprint(const std::string& base_url, const std::string& wanted,
                         const std::string& fingerprint) {
  if (digits_of(wanted) == fingerprint) {
    return {};
  }
  return fail(ErrorKind::forbidden, "other_fingerprint",
              fmt::format("the root certificate of {} has the fingerprint {}, not {}", base_url,
                          fingerprint, wanted),
              "somebody else may have answered; ask the server's administrator");
}

}  // namespace podplay::cli
