// A chain ends below its root: the last certificate's issuer is the root's name.
#include "acme/certificate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "acme/reading.hpp"
#include "net/chain.hpp"

namespace podplay::acme {
namespace {

constexpr std::size_t kMostAlternates = 8;

Result<bool> ends_in(const Chain& chain, const std::string& root) {
  TRY(const auto last, net::read_certificate(chain.back()));
  return last.issuer == root || last.common_name == root;
}

std::unexpected<Error> unusable(std::string code, const std::string& why) {
  return fail(ErrorKind::refused, std::move(code),
              fmt::format("the certificate that the authority issued cannot be used: {}", why),
              "order again; the one in use stays");
}

}  // namespace

Result<Download> download_chain(Client& client, const std::string& url) {
  TRY(const auto answer,
      client.post_as_get(url, "download the certificate", "application/pem-certificate-chain"));
  TRY(auto chain, net::split_chain(answer.text));
  auto alternates = links(answer.link, "alternate");
  alternates.resize(std::min(alternates.size(), kMostAlternates));
  return Download{std::move(chain), std::move(alternates)};
}

Result<Chain> download_certificate(Client& client, const std::string& url,
                                   const std::string& root) {
  TRY(auto first, download_chain(client, url));
  if (root.empty()) {
    return std::move(first.chain);
  }
  TRY(const bool wanted, ends_in(first.chain, root));
  if (wanted) {
    return std::move(first.chain);
  }
  for (const std::string& alternate : first.alternates) {
    TRY(auto other, download_chain(client, alternate));
    TRY(const bool found, ends_in(other.chain, root));
    if (found) {
      return std::move(other.chain);
    }
  }
  client.log().warn("no chain of the certificate ends in the chosen root", {{"root", root}});
  return std::move(first.chain);
}

Status check_issued(const Chain& chain, const Secret& key,
                    const std::vector<Identifier>& identifiers, WallTime now) {
  if (chain.empty()) {
    return unusable("no_certificate", "there is none");
  }
  TRY(const auto info, net::read_certificate(chain.front()));
  if (!net::check_key_matches(chain.front(), key)) {
    return unusable("key_mismatch", "it is for another key");
  }
  auto names = info.names;
  names.insert(names.end(), info.addresses.begin(), info.addresses.end());
  std::ranges::sort(names);
  auto wanted = texts_of(identifiers);
  std::ranges::sort(wanted);
  if (!std::ranges::includes(names, wanted)) {
    return unusable("other_names", fmt::format("it is for {} instead of {}", fmt::join(names, ", "),
                                               fmt::join(wanted, ", ")));
  }
  if (now < info.not_before || info.not_after <= now) {
    return unusable("not_valid_now", fmt::format("it is valid from {} to {}, and it is {} here",
                                                 to_rfc3339(info.not_before),
                                                 to_rfc3339(info.not_after), to_rfc3339(now)));
  }
  // No authority's root signs servers' certificates itself, so clients need at least one more.
  if (chain.size() < 2) {
    return unusable("incomplete_chain",
                    fmt::format("it came without the certificate of its issuer {}", info.issuer));
  }
  if (const auto built = net::check_chain(chain); !built) {
    return unusable("broken_chain", built.error().message);
  }
  return {};
}

}  // namespace podplay::acme
