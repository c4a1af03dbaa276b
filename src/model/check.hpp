// A check of health: one question that a service or the control plane asks itself again and again,
// with its last answer. And what a service did to repair itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace podplay {

// A warning needs somebody's eye. What failed makes its service degraded, not ready.
enum class CheckResult { ok, warning, failed };

inline constexpr std::array kCheckResults{
    std::pair{CheckResult::ok, std::string_view("ok")},
    std::pair{CheckResult::warning, std::string_view("warning")},
    std::pair{CheckResult::failed, std::string_view("failed")}};

constexpr std::string_view to_text(CheckResult result) {
  for (const auto& [value, text] : kCheckResults) {
    if (value == result) {
      return text;
    }
  }
  return "";
}
constexpr std::optional<CheckResult> parse_check_result(std::string_view text) {
  for (const auto& [value, name] : kCheckResults) {
    if (name == text) {
      return value;
    }
  }
  return std::nullopt;
}

// A number behind the result. Its name says the unit: "free_bytes", "days_left".
struct CheckFact {
  std::string name;
  std::int64_t value = 0;
  // The value at which the result changes; 0: none.
  std::int64_t limit = 0;
  bool operator==(const CheckFact&) const = default;
};

struct HealthCheck {
  // "disk-logs", "daemon-postfix", "exposure-relay": the same from run to run.
  std::string name;
  CheckResult result = CheckResult::ok;
  // One sentence: what was seen.
  std::string reason;
  std::vector<CheckFact> facts{};
  // Unix milliseconds of the last run.
  std::int64_t at = 0;
  // Seconds between two runs.
  std::int64_t interval = 0;
  bool operator==(const HealthCheck&) const = default;
};

// What a service repaired by itself, and why that was necessary.
struct SelfRepair {
  // Unix milliseconds.
  std::int64_t at = 0;
  // "daemon_restarted", "service_restarted" (the container, by podman), "rolled_back" or
  // "directory_resynced".
  std::string kind;
  // "postfix", "mail", "release 12", "directory".
  std::string subject;
  // One sentence, such as "signal Killed (9)".
  std::string cause;
  bool operator==(const SelfRepair&) const = default;
};

}  // namespace podplay
