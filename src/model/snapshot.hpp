// What one service must look like at a revision: all that its templates may use, and nothing else of the pod.
// Pure words; JSON in wire/snapshot. A service only ever sees its own.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "model/service.hpp"

namespace podplay {

// A certificate in /data/certificates/<name>/{fullchain,privkey,cert,chain}.pem.
struct CertificateRef {
  std::string name;         // its folder
  std::string fingerprint;  // SHA-256 of the leaf's DER, lower-case hex; a new one is a new release
};

struct ApacheSite {
  std::string name;                  // the domain: ServerName
  std::vector<std::string> aliases;  // www., mail., autoconfig., ...
  CertificateRef certificate;
};

struct ApacheSnapshot {
  std::string host_name;  // PODPLAY_HOST_NAME: the default site, where /api is answered
  std::string admin_email;
  std::string log_level;  // ERROR WARN INFO DEBUG TRACE
  int https_port = 443;   // as seen from outside, for redirects
  int api_port = 8600;
  CertificateRef certificate;     // of host_name
  std::vector<ApacheSite> sites;  // sorted by name
};

struct ZoneRecord {
  std::string name;  // relative to the zone; "@" is the apex (RFC 1035 section 5.1)
  std::int64_t ttl = 3600;
  std::string type;  // "A", "MX", ...
  std::string data;  // presentation format
};

struct Zone {
  std::string name;                 // without trailing dot
  std::uint32_t serial = 1;         // RFC 1982
  std::string primary;              // SOA MNAME, absolute without trailing dot
  std::string contact;              // SOA RNAME, as a name without trailing dot
  std::vector<ZoneRecord> records;  // sorted
};

struct BindSnapshot {
  std::string host_name;
  std::string log_level;
  std::vector<std::string> forwarders;   // addresses; empty: recursion off
  std::vector<std::string> secondaries;  // addresses that may transfer; empty: nobody
  std::vector<Zone> zones;               // forward and reverse, sorted by name
};

struct MailDomain {
  std::string name;
  CertificateRef certificate;
};

struct MailSnapshot {
  std::string host_name;    // PODPLAY_MAIL_SERVER_NAME: myhostname, HELO, banner
  std::string admin_email;  // PODPLAY_ADMIN_EMAIL: who gets postmaster's mail
  std::string log_level;
  std::string outbound;                  // "direct", "relay" or "none"
  std::string relay_host;                // "host:port" when outbound is relay
  std::int64_t message_size = 26214400;  // bytes
  CertificateRef certificate;            // of host_name
  std::vector<MailDomain> domains;       // for SNI; look-ups use the directory
};

struct Snapshot {
  ServiceName service = ServiceName::apache;
  Revision revision = 0;
  std::variant<ApacheSnapshot, BindSnapshot, MailSnapshot> body;
};

// One file of a release: path below the release folder is its destination, e.g. "etc/postfix/main.cf".
struct ReleaseFile {
  std::string path;
  std::string content;
  unsigned mode = 0644;
};

}  // namespace podplay
