// Numbers for Prometheus: counters, gauges and durations, and its text format 0.0.4. A family is a
// constant of the code that counts; its labels must have few values, none of them a person's.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace podplay {

enum class MetricType { counter, gauge, histogram, summary };

struct MetricFamily {
  // With the unit in it, and _total at the end of a counter.
  std::string_view name;
  MetricType type = MetricType::counter;
  // One sentence.
  std::string_view help;
};

struct MetricLabel {
  std::string_view name;
  std::string value;
};
using MetricLabels = std::vector<MetricLabel>;

// Upper limits of a histogram's buckets, in seconds.
inline constexpr std::array kDurationBuckets{0.005, 0.025, 0.1, 0.5, 2.5, 10.0};

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

// One document in the text format. All samples of a family must be written one after the other.
class MetricText {
 public:
  // `labels` are added to every sample.
  explicit MetricText(MetricLabels labels = {}) : common_(std::move(labels)) {}

  void family(const MetricFamily& family);
  // `suffix`: of a part of a histogram, such as "_sum".
  void sample(const MetricFamily& family, const MetricLabels& labels, double value,
              std::string_view suffix = {});
  // A family with one sample.
  void one(const MetricFamily& family, double value, const MetricLabels& labels = {});
  std::string take() { return std::move(text_); }

 private:
  MetricLabels common_;
  std::string text_;
};

// For any thread. A family is told by its address.
class Metrics {
 public:
  void add(const MetricFamily& family, const MetricLabels& labels = {}, double amount = 1);
  void set(const MetricFamily& family, const MetricLabels& labels, double value);
  void observe(const MetricFamily& family, const MetricLabels& labels, double seconds);
  void write(MetricText& text) const;

 private:
  struct Series {
    MetricLabels labels;
    // Of a histogram: the sum.
    double value = 0;
    std::uint64_t count = 0;
    std::array<std::uint64_t, kDurationBuckets.size()> buckets{};
  };
  // nullptr when the family has too many. Call it with the mutex held.
  Series* find(const MetricFamily& family, const MetricLabels& labels);

  mutable std::mutex mutex_;
  // Guarded by mutex_. By name, then by the labels' values.
  std::map<std::string_view, std::pair<const MetricFamily*, std::map<std::string, Series>>>
      families_;
};

// Joins documents of several programs: each family is written once, with the samples of all. Lines
// that are not of the text format are left out.
std::string join_metrics(const std::vector<std::string>& documents);
// The value of the sample `series`, as it is written in the document: `name{a="b"}`. The labels may
// be only some of the sample's, in their order. The largest of several; `found` is false when there
// is none.
struct MetricValue {
  bool found = false;
  double value = 0;
};
MetricValue largest_metric(std::string_view document, std::string_view name,
                           const MetricLabels& labels = {});

}  // namespace podplay
