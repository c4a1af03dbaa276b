// The first Dovecot: the sessions of IMAP, POP3 and ManageSieve, LMTP, and the passwords. Clients
// connect to the second one (dovecot_login.hpp).
#pragma once

#include <sys/types.h>

#include "daemons/account_lookup.hpp"
#include "daemons/daemon.hpp"

namespace podplay::daemons {

// The agent answers Dovecot's questions about logins here (agent/guard/policy).
inline constexpr int kLoginPolicyPort = 8614;
// The lines of `doveadm -f tab who -1`. Its heading names the columns: username, pid, and user_app
// when a session was begun with an app password.
std::vector<OpenSession> read_sessions(std::string_view who);

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
  std::optional<DirectoryProbe> probe_directory(std::span<const FeedRow> rows) override;
  Status end_sessions(Runner& runner, const LostLogin& lost) override;
  // Knows the deleted_ verbs.
  bool knows(std::string_view verb) const override;
  Result<std::string> command(Runner& runner, std::string_view verb,
                              const std::string& arguments) override;

 private:
  static constexpr const char* kAccounts = "/run/dovecot/auth-userdb";
  // A busy auth is not a broken one: 50 logins at once keep it busy for some seconds.
  static constexpr std::chrono::milliseconds kLookupTimeout{5000};

  // Owned by the thread that calls probe().
  AccountLookup probe_accounts_{kAccounts, kLookupTimeout};
  // Owned by the thread that calls probe_directory().
  AccountLookup row_accounts_{kAccounts, kLookupTimeout};
};

}  // namespace podplay::daemons
