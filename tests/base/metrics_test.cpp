#include "base/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace podplay {
namespace {

constexpr MetricFamily kSeen{.name = "podplay_seen_total", .help = "Things seen"};
constexpr MetricFamily kTook{
    .name = "podplay_took_seconds", .type = MetricType::histogram, .help = "How long things took"};

std::string text_of(const Metrics& metrics) {
  MetricText text({{"service", "mail"}});
  metrics.write(text);
  return text.take();
}

TEST(Metrics, AreWrittenInTheTextFormat) {
  Metrics metrics;
  metrics.add(kSeen, {{"kind", "a\"b\\c\nd"}});
  metrics.add(kSeen, {{"kind", "a\"b\\c\nd"}}, 2);
  EXPECT_EQ(text_of(metrics),
            "# HELP podplay_seen_total Things seen\n# TYPE podplay_seen_total counter\n"
            "podplay_seen_total{service=\"mail\",kind=\"a\\\"b\\\\c\\nd\"} 3\n");
}

TEST(Metrics, CountADurationInEveryBucketAboveIt) {
  Metrics metrics;
  metrics.observe(kTook, {}, 0.05);
  metrics.observe(kTook, {}, 100);
  const std::string text = text_of(metrics);
  EXPECT_NE(text.find("podplay_took_seconds_bucket{service=\"mail\",le=\"0.025\"} 0\n"), text.npos);
  EXPECT_NE(text.find("podplay_took_seconds_bucket{service=\"mail\",le=\"0.1\"} 1\n"), text.npos);
  EXPECT_NE(text.find("podplay_took_seconds_bucket{service=\"mail\",le=\"+Inf\"} 2\n"), text.npos);
  EXPECT_NE(text.find("podplay_took_seconds_sum{service=\"mail\"} 100.05\n"), text.npos);
  EXPECT_NE(text.find("podplay_took_seconds_count{service=\"mail\"} 2\n"), text.npos);
}

TEST(Metrics, OfAFamilyHaveALimit) {
  Metrics metrics;
  for (int i = 0; i < 5000; ++i) {
    metrics.add(kSeen, {{"kind", std::to_string(i)}});
  }
  const std::string text = text_of(metrics);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1002);
}

TEST(Metrics, OfSeveralProgramsAreJoinedByFamily) {
  const std::string first =
      "# HELP a A\n# TYPE a gauge\na{s=\"1\"} 1\n# HELP b B\n# TYPE b gauge\nb 2\n";
  const std::string second = "# HELP a A\n# TYPE a gauge\na{s=\"2\"} 3\n";
  EXPECT_EQ(join_metrics({first, second}),
            "# HELP a A\n# TYPE a gauge\na{s=\"1\"} 1\na{s=\"2\"} 3\n"
            "# HELP b B\n# TYPE b gauge\nb 2\n");
}

TEST(Metrics, AreFoundByNameAndLabels) {
  const std::string text = "a{x=\"1\",y=\"2\"} 3\na{x=\"1\",y=\"3\"} 4.5\nab 9\nb 1\n";
  EXPECT_EQ(largest_metric(text, "a").value, 4.5);
  EXPECT_EQ(largest_metric(text, "a", {{"y", "2"}}).value, 3);
  EXPECT_FALSE(largest_metric(text, "a", {{"y", "4"}}).found);
  EXPECT_EQ(largest_metric(text, "b").value, 1);
}

}  // namespace
}  // namespace podplay
