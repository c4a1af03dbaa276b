// What one service must look like at a revision: all that its templates may use, and nothing else
// of the pod. Pure words; JSON in wire/snapshot. A service only ever sees its own.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "model/feed.hpp"

namespace podplay {

struct ApacheSnapshot {
  // PODPLAY_HOST_NAME: the default site, where /api is answered
  std::string host_name;
  std::string admin_email;
  // ERROR WARN INFO DEBUG TRACE
  std::string log_level;
  // as seen from outside, for redirects
  int https_port = 443;
  int api_port = 8600;
  // of host_name
  CertificateRef certificate;
};

struct BindSnapshot {
  std::string host_name;
  std::string log_level;
  // addresses; empty: recursion off
  std::vector<std::string> forwarders;
  // addresses that may transfer; empty: nobody
  std::vector<std::string> secondaries;
};

struct MailSnapshot {
  // PODPLAY_MAIL_SERVER_NAME: myhostname, HELO, banner
  std::string host_name;
  // PODPLAY_ADMIN_EMAIL: who gets postmaster's mail
  std::string admin_email;
  std::string log_level;
  // "direct", "relay" or "none"
  std::string outbound;
  // "host:port" when outbound is relay
  std::string relay_host;
  // bytes
  std::int64_t message_size = 26214400;
  // of host_name
  CertificateRef certificate;
};

struct Snapshot {
  ServiceName service = ServiceName::apache;
  Revision revision = 0;
  std::variant<ApacheSnapshot, BindSnapshot, MailSnapshot> body;
};

// One file of a release: path below the release folder is its destination, e.g.
// "etc/postfix/main.cf".
struct ReleaseFile {
  std::string path;
  std::string content;
  unsigned mode = 0644;
};

}  // namespace podplay
