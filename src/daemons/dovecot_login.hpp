// The second Dovecot: the programs that clients of IMAP, POP3 and ManageSieve log in to. It has TLS
// and all certificates, so it is the one that reloads when domains change. Its programs check
// logins at the first Dovecot, and hand the connections to it.
#pragma once

#include "daemons/daemon.hpp"

namespace podplay::daemons {

class DovecotLogin final : public Daemon {
 public:
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
