// Certificates that an authority issued: downloaded, chosen among its chains, and checked before
// anything uses them (RFC 8555 section 7.4.2).
#pragma once

#include <string>
#include <vector>

#include "acme/client.hpp"
#include "acme/identifier.hpp"

namespace podplay::acme {

// Certificates in PEM, the leaf first.
using Chain = std::vector<std::string>;

struct Download {
  Chain chain;
  // Where the same leaf is with other chains.
  std::vector<std::string> alternates;
};
Result<Download> download_chain(Client& client, const std::string& url);
// The chain that ends in the root with this common name, among the first one and its alternates.
// The first one when `root` is empty or no chain ends there; this is logged.
Result<Chain> download_certificate(Client& client, const std::string& url,
                                   const std::string& root = {});

// An error unless the leaf is for this key and for all these names, is valid now, and the chain is
// in order and has the leaf's issuer.
Status check_issued(const Chain& chain, const Secret& key,
                    const std::vector<Identifier>& identifiers, WallTime now);

}  // namespace podplay::acme
