// BIND: the authoritative zones of every domain.
#pragma once

#include "daemons/daemon.hpp"
#include "daemons/probing.hpp"

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

 private:
  // zones and their serials
  SeenThings served_;
};

}  // namespace podplay::daemons
