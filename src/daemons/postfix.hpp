// Postfix: SMTP and submission. It also runs mail's commands queue, queue_act, send and test.
#pragma once

#include "daemons/certificate_proof.hpp"
#include "daemons/daemon.hpp"
#include "net/line_client.hpp"

namespace podplay::daemons {

// What a look-up of recipients says of an address that nobody has.
inline constexpr std::string_view kUserUnknown = "User unknown";

class Postfix final : public Daemon {
 public:
  std::string_view name() const override { return "postfix"; }
  ProcessSpec process() const override;
  Status prepare(Runner& runner) override;
  Result<std::vector<ReleaseFile>> render(const Snapshot& snapshot,
                                          const TemplateSet& templates) const override;
  Status check(Runner& runner, const std::string& release) override;
  Status reload(Runner& runner, std::span<const std::string> changed) override;
  std::vector<ProbeStatus> probe(const Snapshot& snapshot,
                                 std::chrono::milliseconds timeout) override;
  std::vector<ProbeStatus> inspect() override;
  Result<bool> try_waiting(Runner& runner, const DomainSource& domains) override;
  std::optional<DirectoryProbe> probe_directory(std::span<const FeedRow> rows) override;
  void warm_up() override;
  bool knows(std::string_view verb) const override;
  Result<std::string> command(Runner& runner, std::string_view verb,
                              const std::string& arguments) override;

  // Postfix looks its TLS names up (tls_server_sni_maps), so certificates need not be told to it,
  // only proven.
  bool takes(RowKind kind) const override;
  std::vector<RowVerdict> prove_rows(std::span<const FeedRow> rows,
                                     std::chrono::milliseconds timeout) override;
  std::vector<RowVerdict> recheck_rows(std::span<const FeedRow> rows,
                                       std::chrono::milliseconds timeout) override;

 private:
  Result<std::string> ask_recipient(const std::string& address);
  Status open_session();

  // Owned by the calling thread, one at a time.
  HostCertificateProof host_proof_{tls_ports_of("postfix")};

  // Owned by the follower's thread. The session is kept between changes, because a new smtpd takes
  // longer than the look-up.
  std::unique_ptr<net::LineClient> session_;
  // Counts of this session, because smtpd slows down clients that only ask.
  int asked_ = 0;
  int refused_ = 0;
  std::chrono::steady_clock::time_point opened_{};
};

}  // namespace podplay::daemons
