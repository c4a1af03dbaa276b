// Counts the log lines that pass.
#pragma once

#include <algorithm>
#include <memory>

#include "base/log.hpp"
#include "base/metrics.hpp"

namespace podplay {

inline constexpr MetricFamily kLogLines{.name = "podplay_log_lines_total",
                                        .help = "Log lines that were written"};

// For any thread. `metrics` outlives it.
class CountedLines final : public LogSink {
 public:
  // `to`: where they go; may be empty.
  CountedLines(std::shared_ptr<LogSink> to, Metrics& metrics, MetricLabels labels)
      : to_(std::move(to)), metrics_(metrics), labels_(std::move(labels)) {}
  // `line` may be several, with newlines between them.
  void write(std::string_view line) override {
    metrics_.add(kLogLines, labels_, 1 + static_cast<double>(std::ranges::count(line, '\n')));
    if (to_) {
      to_->write(line);
    }
  }

 private:
  // Constant after construction.
  const std::shared_ptr<LogSink> to_;
  Metrics& metrics_;
  const MetricLabels labels_;
};

}  // namespace podplay
