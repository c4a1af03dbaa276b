// Dovecot: IMAP, POP3, ManageSieve, LMTP and the logins of Postfix.
#pragma once

#include "daemons/daemon.hpp"
#include "daemons/probing.hpp"

namespace podplay::daemons {

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

 private:
  // names and their certificates
  SeenThings shown_;
};

}  // namespace podplay::daemons
