// ACME is HTTPS only (RFC 8555 section 6.1), so every address must be such a URL.
#include "acme/directory.hpp"

#include <fmt/format.h>

#include "acme/reading.hpp"
#include "net/http.hpp"

namespace podplay::acme {
namespace {

struct KnownAuthority {
  std::string_view name;
  std::string_view url;
};
constexpr KnownAuthority kKnown[] = {
    {"letsencrypt", "https://acme-v02.api.letsencrypt.org/directory"},
    {"letsencrypt-staging", "https://acme-staging-v02.api.letsencrypt.org/directory"},
};

bool is_https(const std::string& url) {
  return url.starts_with("https://") && net::split_url(url).has_value() &&
         url.find_first_of(" \t\r\n") == url.npos;
}

}  // namespace

Result<Directory> directory_from(const Json& json, const std::string& url) {
  const Json& meta = part_at(json, "meta");
  Directory directory{.url = url,
                      .new_nonce = text_at(json, "newNonce"),
                      .new_account = text_at(json, "newAccount"),
                      .new_order = text_at(json, "newOrder"),
                      .revoke = text_at(json, "revokeCert"),
                      .key_change = text_at(json, "keyChange"),
                      .renewal_info = text_at(json, "renewalInfo"),
                      .terms = text_at(meta, "termsOfService"),
                      .website = text_at(meta, "website"),
                      .caa_identities = texts_at(meta, "caaIdentities"),
                      .external_account_required = flag_at(meta, "externalAccountRequired"),
                      .profiles = map_at(meta, "profiles")};
  for (const std::string* needed :
       {&directory.new_nonce, &directory.new_account, &directory.new_order, &directory.revoke,
        &directory.key_change}) {
    if (!is_https(*needed)) {
      return fail(
          ErrorKind::unavailable, "acme_bad_directory",
          fmt::format("{} is no ACME directory: an address is missing or is not https", url),
          "give the URL of the authority's ACME version 2 directory");
    }
  }
  // A directory without this member has no renewal information.
  if (!is_https(directory.renewal_info)) {
    directory.renewal_info.clear();
  }
  return directory;
}

Result<std::string> directory_url(std::string_view name_or_url) {
  for (const KnownAuthority& known : kKnown) {
    if (known.name == name_or_url) {
      return std::string(known.url);
    }
  }
  std::string url(name_or_url);
  if (is_https(url)) {
    return url;
  }
  return fail_faults({{.field = "directory",
                       .code = "bad_directory",
                       .message = fmt::format("'{}' is no ACME directory", url.substr(0, 200)),
                       .remedy = "write letsencrypt, letsencrypt-staging, or an https URL"}});
}

}  // namespace podplay::acme
