// Dovecot: IMAP, POP3, ManageSieve, LMTP and the logins of Postfix.
#pragma once

#include "daemons/daemon.hpp"

namespace podplay::daemons {

// The agent answers Dovecot's questions about logins here (agent/guard/policy).
inline constexpr int kLoginPolicyPort = 8614;

class Dovecot final : public Daemon {
 public:
  std::string_view name() const override { return "dovecot"; }
  ProcessSpec process() const override;
  Status prepare(Runner& runner) override;
  Result<std::vector<ReleaseFile>> render(const Snapshot& snapshot,
                                          const TemplateSet& templates) const override;
  Status check(Runner& runner, const std::string& release) override;
  Status reload(Runner& runner, std::span<const std::string> changed) override;
  std::vector<ProbeStatus> probe(const Snapshot& snapshot,
                                 std::chrono::milliseconds timeout) override;
  void end_sessions(Runner& runner, std::span<const std::string> mailboxes) override;
  // Knows the deleted_ verbs.
  bool knows(std::string_view verb) const override;
  Result<std::string> command(Runner& runner, std::string_view verb,
                              const std::string& arguments) override;

  bool takes(RowKind kind) const override;
  std::vector<RowVerdict> apply_rows(RowTools& tools, std::span<const FeedRow> rows) override;
  bool rows_wait() const override;
  Status reload_rows(Runner& runner) override;
  std::vector<RowVerdict> prove_rows(std::span<const FeedRow> rows,
                                     std::chrono::milliseconds timeout) override;

 private:
  RowVerdict put_certificate(RowTools& tools, const FeedRow& row);
  RowVerdict drop_certificate(RowTools& tools, const FeedRow& row);
  static Result<std::string> render_certificate(RowTools& tools, const FeedRow& row);

  // Owned by the calling thread, one at a time. True when files have changed that Dovecot has not
  // read yet.
  bool certificates_wait_ = false;
};

}  // namespace podplay::daemons
