// Postfix's question whether a message fits (SMTPD_POLICY_README): at RCPT with the size that the
// client announced, and at the end of a message with its real size. Dovecot's quota-status knows
// mailboxes only, so aliases are followed here.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/lookups/tables.hpp"

namespace podplay::agent {

// Used by one thread.
class QuotaPolicy {
 public:
  // Asks Dovecot about one mailbox: its action ("DUNNO", "552 5.2.2 ...").
  using Ask = std::function<Result<std::string>(const std::string& mailbox, std::string_view size)>;
  QuotaPolicy(LookupOptions options, Files& files, Ask ask);

  // `request`: lines name=value, of which `recipient`, `size` and `policy_context`
  // (SMALL/HOST/ADMIN) count. The refusal when no mailbox behind the recipient has room. Nothing
  // when one has, when Dovecot does not answer (delivery asks for the quota again), or when a
  // message with several recipients has ended: then no single one of them can be refused.
  Result<std::optional<std::string>> answer(std::string_view request);

 private:
  // Constant after construction.
  const Ask ask_;

  // Owned by the calling thread.
  LookupTables tables_;
};

// Asks Dovecot's quota-status.
Result<std::string> ask_quota_status(const std::string& mailbox, std::string_view size);

}  // namespace podplay::agent
