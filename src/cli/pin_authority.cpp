// The certificate comes over a connection that nobody has verified, so it is worth nothing before
// its fingerprint is compared. The password is sent only after that.
#include "cli/pin_authority.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/print.hpp"
#include "cli/options.hpp"
#include "cli/root_certificate.hpp"

namespace podplay::cli {

Result<std::string> confirm_authority(World& world, const std::string& base_url,
                                      const std::string& fingerprint) {
  TRY(auto root, fetch_root(base_url, "", true));
  TRY(const auto info, net::read_certificate(root));
  print_to(world.err,
           "This system does not know who signed the certificate of {}.\n  {}, valid until {}\n  "
           "SHA-256 {}\n",
           base_url, info.common_name, to_rfc3339(info.not_after).substr(0, 10), info.fingerprint);
  if (!fingerprint.empty()) {
    TRY(check_fingerprint(base_url, fingerprint, info.fingerprint));
    return root;
  }
  if (::isatty(::fileno(world.in)) == 0) {
    return fail(ErrorKind::forbidden, "fingerprint_missing",
                fmt::format("nobody has verified that {} answered", base_url),
                "compare the fingerprint with that of `podplay certificates trust --dry-run` on "
                "the server, and give it: --fingerprint SHA256; or name the CA: --ca FILE");
  }
  print_text(world.err,
             "Compare it with what `podplay certificates trust --dry-run` shows on the server.\n"
             "Is it the same? Type yes: ");
  TRY(const auto answer, read_line(world.in));
  if (answer != "yes") {
    return fail(ErrorKind::forbidden, "other_fingerprint", "the certificate was not accepted",
                "ask the server's administrator for its fingerprint");
  }
  return root;
}

}  // namespace podplay::cli
