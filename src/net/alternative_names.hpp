// Subject alternative names (RFC 5280 section 4.2.1.6) as lists of DNS names and IP addresses.
// Internal to net.
#pragma once

#include <string>
#include <vector>

#include "net/openssl.hpp"

namespace podplay::net {

// As OpenSSL's configuration files write them: "DNS:a.test,IP:192.0.2.1".
std::string alternative_names(const std::vector<std::string>& names);
// The DNS names of a certificate, sorted.
std::vector<std::string> dns_names(const X509* certificate);
// The IP addresses of a certificate in their usual text, sorted.
std::vector<std::string> ip_addresses(const X509* certificate);

inline void free_extensions(STACK_OF(X509_EXTENSION) * extensions) {
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

}  // namespace podplay::net
