// The tables that Postfix looks up in mail's replica: one function for each. Answers are in
// Postfix's words (virtual(5), access(5), postconf(5) tls_server_sni_maps).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/replica/statements.hpp"
#include "base/files.hpp"
#include "model/mail_way.hpp"

namespace podplay::agent {

struct LookupOptions {
  // The replica's file.
  std::string replica = "/data/service/replica/replica.db";
  std::string certificates = "/data/certificates";
};

// Used by one thread, such as that of a lookup server. Where mail for an address goes is the rule
// of model/mail_way.hpp.
class LookupTables final : private MailDirectory {
 public:
  LookupTables(LookupOptions options, Files& files);

  // `table` is a name and its arguments, separated by slashes. HOST is the mail server's own name,
  // ADMIN the administrator's address, who gets the mail of postmaster and abuse.
  //   domains                      domains that accept mail: their names
  //   mailboxes                    mailboxes that accept mail: their addresses
  //   routes/HOST/ADMIN            where mail for an address goes in the end
  //   senders/HOST/ADMIN           the logins that may send as an address
  //   ours/HOST                    senders that only a login may use: a refusal
  //   recipients/SMALL/HOST/ADMIN  the answer to RCPT; below SMALL bytes of quota, and when a
  //                                mailbox is nearly full, the quota is asked for
  //                                (quota_policy.hpp)
  //   sni/HOST/VERSION             key and chain of a name's certificate, in base64: of HOST this
  //                                version; of ".a.test" the wildcard "*.a.test"
  // Nothing when there is no such entry. An Error when the replica cannot be read now.
  Result<std::optional<std::string>> find(std::string_view table, std::string_view key);
  // The mailboxes that get mail for this address, when each of them may be too full for one more
  // message; empty when any of them has room for every message, or when no mailbox takes the mail.
  // `arguments`: SMALL/HOST/ADMIN.
  Result<std::vector<std::string>> crowded(std::string_view arguments, std::string_view address);
  // Records that a mailbox is nine tenths full, or no longer is, as Dovecot reports. This is rare,
  // so each call opens a connection of its own.
  Status mark_nearly_full(std::string_view mailbox, bool full);
  // Whether this mailbox may log in: it is enabled, and its domain as well.
  Result<bool> may_log_in(std::string_view mailbox);

 private:
  enum class Query { domain, disabled_domain, mailbox, targets, certificate, login };
  static constexpr std::size_t kQueries = 6;

  Result<DomainState> domain(const std::string& name) override;
  Result<std::optional<bool>> mailbox(const std::string& address) override;
  Result<std::vector<std::string>> targets(const std::string& address) override;

  Status open();
  Result<std::vector<Columns>> rows(Query query, std::string_view key);
  Result<std::optional<std::string>> find_domain(std::string_view name);
  Result<std::optional<std::string>> find_mailbox(std::string_view address);
  Result<std::optional<std::string>> find_route(const RoleNames& roles, std::string_view address);
  Result<std::optional<std::string>> find_senders(const RoleNames& roles, std::string_view address);
  Result<std::optional<std::string>> find_ours(std::string_view host, std::string_view address);
  Result<std::optional<std::string>> find_recipient(std::string_view arguments,
                                                    std::string_view address);
  Result<std::optional<std::string>> find_certificate(std::string_view arguments,
                                                      std::string_view name);
  Result<std::string> key_and_chain(std::string_view certificate, std::string_view version);
  Result<std::vector<std::string>> crowded_ends(const MailWay& way, std::string_view small);

  // Constant after construction.
  const LookupOptions options_;
  Files& files_;

  // Owned by the calling thread; opened when first needed, and again after a failure.
  Database database_;
  std::unique_ptr<Statement> statements_[kQueries];
  bool open_ = false;
};

}  // namespace podplay::agent
