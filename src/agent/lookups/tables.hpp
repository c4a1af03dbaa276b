// The tables that Postfix looks up in mail's replica: one function for each. Answers are in
// Postfix's words (virtual(5), access(5), postconf(5) tls_server_sni_maps).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/replica/statements.hpp"
#include "base/files.hpp"

namespace podplay::agent {

struct LookupOptions {
  // The replica's file.
  std::string replica = "/data/service/replica/replica.db";
  std::string certificates = "/data/certificates";
};

// Used by the thread of the lookup server.
//
// An address is searched the way Postfix does it: first as it is, then without the part behind '+',
// which is appended to the targets, and last by its catch-all.
class LookupTables {
 public:
  LookupTables(LookupOptions options, Files& files);

  // `table` is a name and its arguments, separated by slashes:
  //   domains                      domains that accept mail: their names
  //   mailboxes                    mailboxes that accept mail: their addresses
  //   routes                       where mail for an address goes, and whose login may send as it
  //   postmaster/HOST/ADMIN        postmaster and abuse of each of our names (RFC 5321 section
  //                                4.5.1, RFC 2142) that have no route of their own: ADMIN
  //   ours/HOST                    senders that only a login may use: a refusal
  //   recipients/SMALL             the answer to RCPT; below SMALL bytes of quota, and when a
  //                                mailbox is nearly full, Dovecot is asked
  //   sni                          key and chain of a name's certificate, in base64
  // Nothing when there is no such entry. An Error when the replica cannot be read now.
  Result<std::optional<std::string>> find(std::string_view table, std::string_view key);
  // Records that a mailbox is nine tenths full, or no longer is, as Dovecot reports. This is rare,
  // so each call opens a connection of its own.
  Status mark_nearly_full(std::string_view mailbox, bool full);
  // Whether this mailbox may log in: it is enabled, and its domain as well.
  Result<bool> may_log_in(std::string_view mailbox);

 private:
  enum class Query { domain, mailbox, targets, recipient, certificate, login };
  static constexpr std::size_t kQueries = 6;

  Status open();
  Result<std::vector<std::vector<std::string>>> rows(Query query, std::string_view key);
  Result<std::optional<std::string>> first(Query query, std::string_view key);
  Result<std::optional<std::string>> find_mailbox(std::string_view address);
  Result<std::optional<std::string>> find_route(std::string_view address);
  Result<std::optional<std::string>> find_postmaster(std::string_view address,
                                                     std::string_view host, std::string_view admin);
  Result<std::optional<std::string>> find_ours(std::string_view address, std::string_view host);
  Result<std::optional<std::string>> find_recipient(std::string_view address,
                                                    std::string_view small);
  Result<std::optional<std::string>> find_certificate(std::string_view name);
  Result<bool> is_role_of_ours(std::string_view address, std::string_view host);
  Result<bool> has_route(std::string_view address);

  // Constant after construction.
  const LookupOptions options_;
  Files& files_;

  // Owned by the calling thread; opened when first needed, and again after a failure.
  Database database_;
  std::unique_ptr<Statement> statements_[kQueries];
  bool open_ = false;
};

}  // namespace podplay::agent
