// Rows of the feed by name, for tests. The revision of a row is its sequence unless a test says
// otherwise.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/feed.hpp"

namespace podplay::test {

inline FeedRow row(std::uint64_t seq, const std::string& key, RowContent content) {
  return {.seq = seq, .revision = seq, .key = key, .content = std::move(content)};
}
inline FeedRow domain(std::uint64_t seq, const std::string& name, bool enabled = true) {
  return row(seq, name, DomainRow{.enabled = enabled});
}
inline FeedRow mailbox(std::uint64_t seq, const std::string& email, MailboxRow content) {
  return row(seq, email, std::move(content));
}
inline FeedRow mailbox(std::uint64_t seq, const std::string& email) {
  return mailbox(seq, email, {.password_hash = "$argon2id$v=19$x", .quota = 1000});
}
inline FeedRow alias(std::uint64_t seq, const std::string& address,
                     std::vector<std::string> targets) {
  return row(seq, address, AliasRow{.enabled = true, .targets = std::move(targets)});
}
inline FeedRow app_password(std::uint64_t seq, const std::string& id, const std::string& email,
                            std::vector<std::string> protocols = {"imap", "smtp"}) {
  return row(
      seq, id,
      AppPasswordRow{
          .email = email, .owner = 7, .hash = "hash of " + id, .protocols = std::move(protocols)});
}
inline FeedRow site(std::uint64_t seq, const std::string& domain, const std::string& version) {
  return row(seq, domain, SiteRow{.aliases = {}, .certificate = {domain, version}});
}
inline FeedRow rrset(std::uint64_t seq, const std::string& key, std::vector<std::string> data) {
  return row(seq, key, RrsetRow{.data = std::move(data)});
}
inline FeedRow zone(std::uint64_t seq, const std::string& name, std::uint32_t serial) {
  return row(seq, name,
             ZoneRow{.serial = serial, .primary = "ns1." + name, .contact = "admin." + name});
}
inline FeedRow challenge(std::uint64_t seq, const std::string& type, const std::string& token,
                         const std::string& identifier) {
  return row(
      seq, token,
      ChallengeRow{.type = type, .identifier = identifier, .key_authorization = token + ".print"});
}
inline FeedRow http_challenge(std::uint64_t seq, const std::string& token,
                              const std::string& identifier) {
  return challenge(seq, "http-01", token, identifier);
}
inline FeedRow tls_challenge(std::uint64_t seq, const std::string& token,
                             const std::string& identifier) {
  return challenge(seq, "tls-alpn-01", token, identifier);
}
// A deleted row of this kind.
template <class Content>
FeedRow gone(std::uint64_t seq, const std::string& key) {
  return {.seq = seq, .revision = seq, .key = key, .deleted = true, .content = Content{}};
}

}  // namespace podplay::test
