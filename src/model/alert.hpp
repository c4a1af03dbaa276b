// An alert: a problem that stands, of which somebody is told. It names the cause, not the figure.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace podplay {

enum class AlertSeverity { warning, error };

// pending -> open -> recovered
//    |
//    +-> (deleted)   It was gone before it had stood for PODPLAY_ALERT_AFTER.
enum class AlertState { pending, open, recovered };

template <class T>
struct AlertWord {
  T value;
  std::string_view text;
};
inline constexpr std::array kAlertSeverities = std::to_array<AlertWord<AlertSeverity>>(
    {{AlertSeverity::warning, "warning"}, {AlertSeverity::error, "error"}});
inline constexpr std::array kAlertStates =
    std::to_array<AlertWord<AlertState>>({{AlertState::pending, "pending"},
                                          {AlertState::open, "open"},
                                          {AlertState::recovered, "recovered"}});

constexpr std::string_view to_text(AlertSeverity severity) {
  return severity == AlertSeverity::error ? "error" : "warning";
}
constexpr std::string_view to_text(AlertState state) {
  for (const auto& row : kAlertStates) {
    if (row.value == state) {
      return row.text;
    }
  }
  return "";
}
constexpr std::optional<AlertSeverity> parse_alert_severity(std::string_view text) {
  for (const auto& row : kAlertSeverities) {
    if (row.text == text) {
      return row.value;
    }
  }
  return std::nullopt;
}
constexpr std::optional<AlertState> parse_alert_state(std::string_view text) {
  for (const auto& row : kAlertStates) {
    if (row.text == text) {
      return row.value;
    }
  }
  return std::nullopt;
}

// What is wrong, as somebody must be told.
struct AlertText {
  // One sentence.
  std::string cause;
  // Lines, values and files that show it, and what follows from it; lines.
  std::string evidence;
  std::string remedy;
  // "docs/runbooks/postfix-stopped.md"; empty when there is none.
  std::string runbook;
};

// Times that have not come yet are 0 (1970).
struct Alert {
  std::int64_t id = 0;
  // The same for the same problem: "daemon:mail@main:postfix".
  std::string key;
  // Who sees the problem: an agent, "mail@main", or "control". While it is away, nothing is known.
  std::string source;
  // "mail", or "control".
  std::string service;
  AlertSeverity severity = AlertSeverity::warning;
  AlertState state = AlertState::pending;
  AlertText text;
  WallTime first_seen{};
  WallTime last_seen{};
  // Since when its source says that the problem is gone.
  WallTime gone_since{};
  // How long it must be gone to have recovered.
  std::chrono::milliseconds hold{0};
  // When a notice of it was made last, and how many were.
  WallTime notified{};
  int notices = 0;
  WallTime recovered{};
};

// One message to one receiver.
struct AlertNotice {
  std::int64_t id = 0;
  std::int64_t alert = 0;
  // "mail" or "webhook".
  std::string way;
  // "opened", "repeated", "worse" or "recovered".
  std::string event;
  WallTime created{};
  WallTime sent{};
  // What the receiver answered, or why it was not sent.
  std::string words;
};

struct AlertSilence {
  std::string key;
  WallTime until{};
  std::string reason;
  // The address of who asked for it.
  std::string author;
  WallTime created{};
};

}  // namespace podplay
