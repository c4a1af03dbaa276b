// The text format: https://prometheus.io/docs/instrumenting/exposition_formats/
#include "base/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace podplay {
namespace {

// Labels have few values by construction; this holds when somebody makes a mistake.
constexpr std::size_t kMostSeries = 1000;

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::counter: return "counter";
    case MetricType::gauge: return "gauge";
    case MetricType::summary: return "summary";
    case MetricType::histogram: break;
  }
  return "histogram";
}

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') {
      text += '\\';
    }
    text += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return text;
}

std::string number(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (value == std::floor(value) && std::abs(value) < 1e15) {
    return fmt::format("{:.0f}", value);
  }
  return fmt::format("{:.9g}", value);
}

std::string label_text(const MetricLabels& common, const MetricLabels& labels) {
  std::string text;
  for (const MetricLabels* list : {&common, &labels}) {
    for (const MetricLabel& label : *list) {
      text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", label.name, escaped(label.value));
    }
  }
  return text.empty() ? text : "{" + text + "}";
}

std::optional<double> parse_value(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// "podplay_x" of "# TYPE podplay_x counter"; empty for other lines.
std::string_view described(std::string_view line, std::string_view what) {
  if (!line.starts_with(what)) {
    return {};
  }
  line.remove_prefix(what.size());
  return line.substr(0, line.find(' '));
}

}  // namespace

void MetricText::family(const MetricFamily& family) {
  text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", family.name, type_name(family.type),
                       family.help);
}

void MetricText::sample(const MetricFamily& family, const MetricLabels& labels, double value,
                        std::string_view suffix) {
  text_ +=
      fmt::format("{}{}{} {}\n", family.name, suffix, label_text(common_, labels), number(value));
}

void MetricText::one(const MetricFamily& family, double value, const MetricLabels& labels) {
  this->family(family);
  sample(family, labels, value);
}

Metrics::Series* Metrics::find(const MetricFamily& family, const MetricLabels& labels) {
  auto& [known, series] = families_[family.name];
  known = &family;
  std::string key;
  for (const MetricLabel& label : labels) {
    key += label.value + '\0';
  }
  const auto found = series.find(key);
  if (found != series.end()) {
    return &found->second;
  }
  if (series.size() >= kMostSeries) {
    return nullptr;
  }
  return &series.emplace(key, Series{.labels = labels}).first->second;
}

void Metrics::add(const MetricFamily& family, const MetricLabels& labels, double amount) {
  const std::scoped_lock lock(mutex_);
  if (Series* const series = find(family, labels)) {
    series->value += amount;
  }
}

void Metrics::set(const MetricFamily& family, const MetricLabels& labels, double value) {
  const std::scoped_lock lock(mutex_);
  if (Series* const series = find(family, labels)) {
    series->value = value;
  }
}

void Metrics::observe(const MetricFamily& family, const MetricLabels& labels, double seconds) {
  const std::scoped_lock lock(mutex_);
  Series* const series = find(family, labels);
  if (series == nullptr) {
    return;
  }
  series->value += seconds;
  ++series->count;
  for (std::size_t i = 0; i < kDurationBuckets.size(); ++i) {
    series->buckets.at(i) += seconds <= kDurationBuckets.at(i) ? 1 : 0;
  }
}

void Metrics::write(MetricText& text) const {
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, entry] : families_) {
    const auto& [family, all] = entry;
    text.family(*family);
    for (const auto& [key, series] : all) {
      if (family->type != MetricType::histogram) {
        text.sample(*family, series.labels, series.value);
        continue;
      }
      MetricLabels labels = series.labels;
      labels.push_back({"le", ""});
      for (std::size_t i = 0; i < kDurationBuckets.size(); ++i) {
        labels.back().value = fmt::format("{}", kDurationBuckets.at(i));
        text.sample(*family, labels, static_cast<double>(series.buckets.at(i)), "_bucket");
      }
      labels.back().value = "+Inf";
      text.sample(*family, labels, static_cast<double>(series.count), "_bucket");
      text.sample(*family, series.labels, series.value, "_sum");
      text.sample(*family, series.labels, static_cast<double>(series.count), "_count");
    }
  }
}

std::string join_metrics(const std::vector<std::string>& documents) {
  struct Family {
    std::string head;
    std::string samples;
  };
  std::map<std::string, Family, std::less<>> families;
  for (const std::string& document : documents) {
    std::string_view rest = document;
    Family* family = nullptr;
    bool new_head = false;
    while (!rest.empty()) {
      const std::string_view line = next_line(rest);
      if (const auto name = described(line, "# HELP "); !name.empty()) {
        family = &families[std::string(name)];
        new_head = family->head.empty();
        family->head += new_head ? std::string(line) + "\n" : "";
      } else if (!described(line, "# TYPE ").empty() && family != nullptr) {
        family->head += new_head ? std::string(line) + "\n" : "";
      } else if (family != nullptr && !line.empty() && !line.starts_with('#')) {
        family->samples += std::string(line) + "\n";
      }
    }
  }
  std::string text;
  for (const auto& [name, family] : families) {
    text += family.head + family.samples;
  }
  return text;
}

MetricValue largest_metric(std::string_view document, std::string_view name,
                           const MetricLabels& labels) {
  MetricValue largest;
  while (!document.empty()) {
    const std::string_view line = next_line(document);
    const std::string_view rest = line.substr(std::min(name.size(), line.size()));
    const std::size_t blank = line.rfind(' ');
    if (blank == line.npos || !line.starts_with(name) ||
        (!rest.starts_with('{') && !rest.starts_with(' '))) {
      continue;
    }
    const bool matches = std::ranges::all_of(labels, [&](const MetricLabel& label) {
      const std::string text = fmt::format("{}=\"{}\"", label.name, escaped(label.value));
      return rest.find("{" + text) != rest.npos || rest.find("," + text) != rest.npos;
    });
    const auto value = parse_value(line.substr(blank + 1));
    if (matches && value && (!largest.found || *value > largest.value)) {
      largest = {.found = true, .value = *value};
    }
  }
  return largest;
}

}  // namespace podplay
