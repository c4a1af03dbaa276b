// What a daemon needs to apply rows, with a replica that holds what the test says.
#pragma once

#include <string>
#include <vector>

#include "base/runner.hpp"
#include "daemons/rows.hpp"

namespace podplay::test {

class OwnRows final : public daemons::RowSource {
 public:
  void keep(const FeedRow& row) { rows_.push_back({.row = row, .served = std::nullopt}); }
  Result<std::vector<daemons::KeptRow>> rows(RowKind kind, const std::string& prefix) override {
    std::vector<daemons::KeptRow> found;
    for (const daemons::KeptRow& one : rows_) {
      if (one.row.kind() == kind && one.row.key.starts_with(prefix)) {
        found.push_back(one);
      }
    }
    return found;
  }

 private:
  std::vector<daemons::KeptRow> rows_;
};

struct OwnRowTools {
  explicit OwnRowTools(Files& files)
      : templates(*daemons::TemplateSet::load(files, "services/apache/rootfs", "/nonexistent")),
        tools{runner, files, templates, source} {}

  ProcessRunner runner{silent_logger(), false};
  const daemons::TemplateSet templates;
  OwnRows source;
  daemons::RowTools tools;
};

}  // namespace podplay::test
