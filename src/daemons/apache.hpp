// Apache: a site per domain, and /api in front of the control plane.
#pragma once

#include "daemons/apache_challenges.hpp"
#include "daemons/apache_sites.hpp"
#include "daemons/certificate_proof.hpp"
#include "daemons/daemon.hpp"
#include "daemons/rereading.hpp"

namespace podplay::daemons {

// Where Apache tells its figures (mod_status), only for this pod.
inline constexpr const char* kApacheFigures = "http://127.0.0.1:8621";
inline constexpr const char* kApacheFiguresPath = "/server-status?auto";

class Apache final : public Daemon {
 public:
  Apache();
  std::string_view name() const override { return "apache"; }
  ProcessSpec process() const override;
  Status prepare(Runner& runner) override;
  Result<std::vector<ReleaseFile>> render(const Snapshot& snapshot,
                                          const TemplateSet& templates) const override;
  Status check(Runner& runner, const std::string& release) override;
  Status reload(Runner& runner, std::span<const std::string> changed) override;
  std::vector<ProbeStatus> probe(const Snapshot& snapshot,
                                 std::chrono::milliseconds timeout) override;
  // Knows the deleted_ verbs.
  bool knows(std::string_view verb) const override;
  Result<std::string> command(Runner& runner, std::string_view verb,
                              const std::string& arguments) override;

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
  // `whole`: every name that the site's certificate covers; otherwise only the site's own.
  std::vector<RowVerdict> prove_sites(std::span<const FeedRow> rows,
                                      std::chrono::milliseconds timeout, bool whole) const;

  // Owned by the calling thread, one at a time.
  HostCertificateProof host_proof_{tls_ports_of("apache")};
  Rereading rereading_;
  ApacheSites sites_;
  ApacheChallenges challenges_;
};

}  // namespace podplay::daemons
