// BIND: the authoritative zones of every domain, each a row with the rows of its RRsets.
#pragma once

#include <memory>

#include "daemons/bind_zones.hpp"
#include "daemons/daemon.hpp"

namespace podplay::daemons {

class Bind final : public Daemon {
 public:
  std::string_view name() const override { return "named"; }
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
  std::vector<RowVerdict> prove_rows(std::span<const FeedRow> rows,
                                     std::chrono::milliseconds timeout) override;
  // Transfers each zone: two zones with the same serial may differ after a file was damaged or put
  // back.
  std::vector<RowVerdict> compare_rows(RowTools& tools, std::span<const FeedRow> rows,
                                       std::chrono::milliseconds timeout) override;

 private:
  RowVerdict apply_zone(RowTools& tools, const FeedRow& row);
  RowVerdict prove_zone(const FeedRow& row);
  RowVerdict compare_zone(RowTools& tools, const FeedRow& row);

  // Owned by the calling thread, one at a time; made with the first row.
  std::unique_ptr<ZoneKeeper> zones_;
};

}  // namespace podplay::daemons
