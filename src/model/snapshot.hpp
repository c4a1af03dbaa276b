// What one service must look like at a revision: all that its templates may use, and nothing of
// other services. Plain data; wire/snapshot has its JSON.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "model/feed.hpp"

namespace podplay {

struct ApacheSnapshot {
  // PODPLAY_HOST_NAME: the name of the default site, which answers /api.
  std::string host_name;
  std::string admin_email;
  // ERROR WARN INFO DEBUG TRACE
  std::string log_level;
  // The port as seen from outside, for redirects.
  int https_port = 443;
  int api_port = 8600;
  // Of host_name.
  CertificateRef certificate;
  // Whether that certificate names an OCSP responder.
  bool responder = false;
  // Whether responders may be asked: not where nothing leaves the machine.
  bool stapling = false;
};

struct BindSnapshot {
  std::string host_name;
  std::string log_level;
  // Addresses; none: recursion is off.
  std::vector<std::string> forwarders;
  // Addresses that may transfer zones; may be empty.
  std::vector<std::string> secondaries;
};

// The public half of a key that signs tokens.
struct TokenKey {
  // Its thumbprint (RFC 7638), by which tokens name it.
  std::string id;
  std::string pem;
  bool operator==(const TokenKey&) const = default;
};

struct MailSnapshot {
  // PODPLAY_MAIL_SERVER_NAME: myhostname, HELO, banner.
  std::string host_name;
  // PODPLAY_ADMIN_EMAIL: gets postmaster's mail.
  std::string admin_email;
  std::string log_level;
  // "direct", "relay" or "none".
  std::string outbound;
  // "host:port" when outbound is "relay".
  std::string relay_host;
  // PODPLAY_MAIL_RELAY_TLS: "verify", "encrypt" or "may".
  std::string relay_tls = "verify";
  // Whether the relay wants a login. The password is not here: the init container gives it to
  // mail's container in a file.
  bool relay_login = false;
  // Bytes.
  std::int64_t message_size = 26214400;
  // Of host_name.
  CertificateRef certificate;
  // Who signs the tokens that mail programs may log in with, and the keys.
  std::string token_issuer;
  std::vector<TokenKey> token_keys;
};

struct Snapshot {
  ServiceName service = ServiceName::apache;
  Revision revision = 0;
  std::variant<ApacheSnapshot, BindSnapshot, MailSnapshot> body;
  // Of the agent's own log; empty: as its environment says.
  std::string agent_level{};
  // The request that made the revision, for the log; empty: none. Not part of the state.
  std::string request{};
  // Of the store that it was made from (docs/words.md). Not part of the state.
  std::string generation{};
};

// One file of a release: path below the release folder is its destination, e.g.
// "etc/postfix/main.cf".
struct ReleaseFile {
  std::string path;
  std::string content;
  unsigned mode = 0644;
};

}  // namespace podplay
