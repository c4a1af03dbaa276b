// What the sources of alerts report at each look: the problems that stand now, and which sources
// could be asked. A source that was not seen says nothing, so its alerts stay as they are.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/alert.hpp"

namespace podplay::control {

struct AlertInput {
  // The same for the same problem at each look: "daemon:mail@main:postfix".
  std::string key;
  AlertSeverity severity = AlertSeverity::warning;
  // "mail", or "control".
  std::string service;
  // Who sees it: "mail@main", or "control".
  std::string source;
  AlertText text;
  // How long it must be gone to be well again; nothing: PODPLAY_ALERT_AFTER.
  std::optional<std::chrono::milliseconds> hold{};
};

struct AlertView {
  std::vector<AlertInput> problems;
  // The sources that answered.
  std::set<std::string> seen;
  // Those of them that gave no metrics: of what is read from metrics, nothing is known.
  std::set<std::string> unmeasured{};
  // The diagnosis was asked. Otherwise nothing is known of causes.
  bool diagnosed = false;

  // Whether a problem would be among `problems` if it stood.
  bool sees(const std::string& key, const std::string& source) const;
};

// The source of what the control plane sees by itself.
inline constexpr const char* kControlSource = "control";

inline bool AlertView::sees(const std::string& key, const std::string& source) const {
  const auto is = [&key](std::string_view kind) { return key.starts_with(kind); };
  if (!seen.contains(source) || (is("cause:") && !diagnosed)) {
    return false;
  }
  return !unmeasured.contains(source) || !(is("volume:") || is("queue-"));
}

}  // namespace podplay::control
