// The second Dovecot: the programs that clients of IMAP, POP3 and ManageSieve log in to. It has TLS
// and all certificates, so it is the one that reloads when domains change. Its programs check
// logins at the first Dovecot, and hand the connections to it.
#pragma once

#include "daemons/certificate_proof.hpp"
#include "daemons/daemon.hpp"
#include "daemons/rereading.hpp"
#include "daemons/row_files.hpp"

namespace podplay::daemons {

struct LoginFolders {
  std::string main = "/etc/dovecot-login/dovecot.conf";
  // Included by it.
  std::string configurations = "/data/service/certificates";
  std::string certificates = "/data/certificates";
  // Where candidates are checked; they leave no trace.
  std::string scratch = "/tmp";
  // Of its master.
  std::string pid_file = "/run/dovecot-login/master.pid";
};

class DovecotLogin final : public Daemon {
 public:
  explicit DovecotLogin(LoginFolders folders = {});
  std::string_view name() const override { return "dovecot-login"; }
  ProcessSpec process() const override;
  Status prepare(Runner& runner) override;
  Result<std::vector<ReleaseFile>> render(const Snapshot& snapshot,
                                          const TemplateSet& templates) const override;
  Status check(Runner& runner, const std::string& release) override;
  Status reload(Runner& runner, std::span<const std::string> changed) override;
  std::vector<ProbeStatus> probe(const Snapshot& snapshot,
                                 std::chrono::milliseconds timeout) override;

  bool takes(RowKind kind) const override;
  std::vector<RowVerdict> apply_rows(RowTools& tools, std::span<const FeedRow> rows) override;
  bool rows_wait() const override;
  Status reload_rows(Runner& runner) override;
  bool reads_rows() override;
  std::vector<RowVerdict> prove_rows(std::span<const FeedRow> rows,
                                     std::chrono::milliseconds timeout) override;
  std::vector<RowVerdict> recheck_rows(std::span<const FeedRow> rows,
                                       std::chrono::milliseconds timeout) override;
  Status settle_rows(Files& files, std::span<const FeedRow> rows, bool served) override;

 private:
  Result<RowCandidate> candidate(const RowTools& tools, const FeedRow& row) const;
  Status send_reload() const;

  // Constant after construction.
  const LoginFolders folders_;

  // Owned by the calling thread, one at a time.
  RowFiles certificates_;
  Rereading rereading_;
  HostCertificateProof host_proof_;
};

}  // namespace podplay::daemons
