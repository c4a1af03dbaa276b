// An authority's directory: its addresses, and what it asks and offers (RFC 8555 section 7.1.1).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "acme/jws.hpp"
#include "base/result.hpp"

namespace podplay::acme {

struct Directory {
  // Where it came from: accounts and certificates belong to this address.
  std::string url{};
  std::string new_nonce{};
  std::string new_account{};
  std::string new_order{};
  std::string revoke{};
  std::string key_change{};
  // Empty without ACME Renewal Information (RFC 9773).
  std::string renewal_info{};
  // The page with the terms of service; empty without terms.
  std::string terms{};
  std::string website{};
  // The names that stand for this authority in CAA records (RFC 8659).
  std::vector<std::string> caa_identities{};
  bool external_account_required = false;
  // What a certificate can be like: name and description (draft-ietf-acme-profiles).
  std::map<std::string, std::string> profiles{};
};

// An error when an address is missing or is no https URL.
Result<Directory> directory_from(const Json& json, const std::string& url);

// The URL of "letsencrypt" and "letsencrypt-staging", or an https URL as it stands.
Result<std::string> directory_url(std::string_view name_or_url);

}  // namespace podplay::acme
