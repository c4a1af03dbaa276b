// The rows that travel to the agents one by one: everything of which there may be thousands.
// The control plane numbers every change of a row with a growing sequence. A row appears once in
// its service's feed, with its newest sequence, so a replica that has applied all rows up to `seq`
// is complete (docs/pipe.md, "The feed").
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "model/service.hpp"

namespace podplay {

// One immutable version of a certificate, in
// /data/certificates/<name>/versions/<version>/{fullchain,privkey,cert,chain}.pem.
struct CertificateRef {
  // Its folder.
  std::string name;
  // SHA-256 of the leaf's DER, lower-case hex.
  std::string version;
  bool operator==(const CertificateRef&) const = default;
};

// A domain that mail is taken for. Key: its name.
struct DomainRow {
  bool enabled = true;
  bool operator==(const DomainRow&) const = default;
};

// Key: the e-mail address.
struct MailboxRow {
  bool enabled = true;
  // $argon2id$..., or another scheme and its hash (auth/password_scheme.hpp). Empty: only app
  // passwords let mail programs in.
  std::string password_hash;
  // Bytes; 0 is unlimited.
  std::int64_t quota = 0;
  // Drawn at random when the user is created. The same address with another owner is another
  // mailbox. 0: not known.
  std::int64_t owner = 0;
  bool operator==(const MailboxRow&) const = default;
};

// Key: the address, or "@domain" for a catch-all.
struct AliasRow {
  bool enabled = true;
  std::vector<std::string> targets;
  bool operator==(const AliasRow&) const = default;
};

// A certificate that TLS clients get when they ask for one of its names (SNI, RFC 6066 section 3).
// Key: the certificate's name.
struct CertificateRow {
  std::string version;
  std::vector<std::string> names;
  bool operator==(const CertificateRow&) const = default;
};

// A web site. Key: its domain.
struct SiteRow {
  // False: not served, but its pages stay where they are. Those of a deleted row are put aside.
  bool enabled = true;
  // Further names that it answers to.
  std::vector<std::string> aliases;
  CertificateRef certificate;
  bool operator==(const SiteRow&) const = default;
};

// The records of one name and type in a zone (RFC 2181 section 5). Key: "ZONE NAME TYPE", NAME
// relative to the zone, "@" for the apex. Rows of this kind take effect with the next row of their
// zone.
struct RrsetRow {
  // Seconds.
  std::int64_t ttl = 3600;
  // Presentation format (RFC 1035 section 5.1), sorted.
  std::vector<std::string> data;
  bool operator==(const RrsetRow&) const = default;
};

// A zone's SOA. Key: the zone's name. It follows the rows of its RRsets: with it, the zone is what
// those rows say.
struct ZoneRow {
  // RFC 1982; raised whenever the content changes, never lowered.
  std::uint32_t serial = 1;
  // SOA MNAME, absolute without trailing dot.
  std::string primary;
  // SOA RNAME, as a name without trailing dot.
  std::string contact;
  bool operator==(const ZoneRow&) const = default;
};

// How a certificate authority is shown that a name is ours, by the web server (RFC 8555
// section 8.3, RFC 8737). Key: the challenge's token, base64url.
struct ChallengeRow {
  // "http-01" or "tls-alpn-01".
  std::string type;
  // The DNS name or IP address that is to be shown, without "*.".
  std::string identifier;
  // RFC 8555 section 8.1: the answer to http-01; its SHA-256 is in the certificate of tls-alpn-01.
  std::string key_authorization;
  bool operator==(const ChallengeRow&) const = default;
};

// A password of one mail program of a mailbox. Key: its id, in decimal.
struct AppPasswordRow {
  // The mailbox, and its owner: the app password is of no use to a later one.
  std::string email;
  std::int64_t owner = 0;
  // SHA-256 in hex of a random password.
  std::string hash;
  // Where it may be used: "imap", "pop3", "smtp", "sieve".
  std::vector<std::string> protocols;
  bool operator==(const AppPasswordRow&) const = default;
};

// In the order of RowContent.
enum class RowKind {
  domain,
  mailbox,
  alias,
  certificate,
  site,
  rrset,
  zone,
  challenge,
  app_password,
};
using RowContent = std::variant<DomainRow, MailboxRow, AliasRow, CertificateRow, SiteRow, RrsetRow,
                                ZoneRow, ChallengeRow, AppPasswordRow>;
std::string_view to_text(RowKind kind);
Result<RowKind> parse_row_kind(std::string_view text);

// Keys are ASCII, so those that begin with `prefix` are from `prefix` up to this, exclusive.
inline std::string end_of_keys(const std::string& prefix) { return prefix + '\x7f'; }

struct FeedRow {
  std::uint64_t seq = 0;
  Revision revision = 0;
  std::string key;
  // The content then says only the kind.
  bool deleted = false;
  RowContent content;

  RowKind kind() const { return static_cast<RowKind>(content.index()); }
};

// The highest numbers that a store has given out. A restored store raises its own to what the
// agents have seen, so that no number is given out twice.
struct NumberMarks {
  Revision revision = 0;
  std::int64_t id = 0;
};

// How far a replica has followed which history. A store gets a new generation when it is created or
// restored. Each start of the control plane begins a new epoch; by it the control plane finds out
// that a store was restored from a backup of the same generation (store/history.hpp).
struct FeedPosition {
  std::string generation;
  std::string epoch;
  std::uint64_t seq = 0;
  NumberMarks marks{};
};

// One answer of the feed: rows with a sequence above the asked one, in order.
template <class Row>
struct FeedPart {
  std::string generation;
  std::string epoch;
  std::vector<Row> rows;
  // Of the last row, or the asked one when empty.
  std::uint64_t seq = 0;
  // False: there is more; ask again at once.
  bool complete = true;
  // When complete: all changes of this service's rows up to this revision are in.
  Revision revision = 0;
  NumberMarks marks{};
};

// A row as the store keeps it and the link carries it. The content is JSON text (wire/feed.hpp), so
// nothing is parsed or printed when rows are given to an agent.
struct FeedRecord {
  RowKind kind = RowKind::domain;
  std::string key;
  std::uint64_t seq = 0;
  Revision revision = 0;
  bool deleted = false;
  std::string content;
};

// What the agent reads, and what the control plane sends.
using FeedBatch = FeedPart<FeedRow>;
using FeedPage = FeedPart<FeedRecord>;

}  // namespace podplay
