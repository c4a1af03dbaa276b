// Certificates for now: the pod's own authority signs one per domain and one for each server name,
// in /data/certificates/<name>/{fullchain,privkey,cert,chain}.pem, the key 0640 root:certgroup.
// Made before services need them, made anew when less than a third of the lifetime is left.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "model/snapshot.hpp"
#include "net/x509.hpp"

namespace podplay::control {

class Certificates {
 public:
  Certificates(Files& files, Clock& clock, std::string state_folder, std::string certificate_folder,
               Logger log);

  // Reads the authority, or makes it when there is none.
  Status load_authority();
  const std::string& authority_certificate() const { return authority_.certificate; }
  const net::CertificateAuthority& authority() const { return authority_; }

  // What services present for `name`, made when missing, not fitting `names`, or too old.
  Result<CertificateRef> ensure(const std::string& name, const std::vector<std::string>& names);
  bool exists(const std::string& name) const;
  // How many were issued so far by this program, and how many of those a committed change has told
  // the services of.
  std::uint64_t issued() const;
  std::uint64_t announced() const;
  void announced(std::uint64_t issued);
  // For a dry run, which made it only for the checkers to see.
  Status remove(const std::string& name);

 private:
  Result<CertificateRef> issue(const std::string& name, const std::vector<std::string>& names);

  Files& files_;
  Clock& clock_;
  std::string state_folder_;
  std::string folder_;
  Logger log_;
  net::CertificateAuthority authority_;
  mutable std::mutex mutex_;
  struct Known {
    std::vector<std::string> names;
    std::string fingerprint;
    WallTime renew{};
  };
  std::map<std::string, Known> known_;
  std::uint64_t issued_ = 0;
  std::uint64_t announced_ = 0;
};

struct Context;

// Makes every certificate that the newest snapshots name.
Status ensure_certificates(Context& context);
// The same, when time has passed: what is made anew is a revision of its own, which web and mail
// take without a restart. True when there was one. By the clock: a pod that nobody changes for
// months must not serve what has expired.
Result<bool> renew_certificates(Context& context);

// The names that a domain's certificate covers.
std::vector<std::string> certificate_names(const std::string& domain);

}  // namespace podplay::control
