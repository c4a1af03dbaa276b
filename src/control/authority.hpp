// The pod's own certificate authority. It signs the agents' certificates on the link, and the
// certificates of hosts and domains. Its key never leaves the state volume.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "net/x509.hpp"

namespace podplay::control {

class Authority {
 public:
  // `shared_folder` gets pod-ca/ca.pem, the certificate without its key, for clients that are to
  // trust the pod.
  Authority(Files& files, Clock& clock, std::string state_folder, std::string shared_folder,
            Logger log);

  // Reads the authority, or makes it when there is none. Must come before every other call.
  Status load();
  const std::string& certificate() const { return authority_.certificate; }
  const net::CertificateAuthority& keys() const { return authority_; }

 private:
  Status read(const std::string& certificate_path, const std::string& key_path);
  Status make(const std::string& certificate_path, const std::string& key_path);

  Files& files_;
  Clock& clock_;
  std::string state_folder_;
  std::string shared_folder_;
  Logger log_;
  // Constant after load().
  net::CertificateAuthority authority_;
};

}  // namespace podplay::control
