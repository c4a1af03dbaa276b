// Parts of the pod whose log level can be changed while it runs. Each has a setting
// (PODPLAY_..._LOG_LEVEL), which counts again when the change has ended.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "model/settings.hpp"

namespace podplay {

struct LogComponent {
  // As in the API: "mail".
  std::string_view name;
  Settings::LogLevel setting;
};
inline constexpr std::array<LogComponent, 9> kLogComponents{{
    {"mail", "PODPLAY_MAIL_LOG_LEVEL"},
    {"dns", "PODPLAY_DNS_LOG_LEVEL"},
    {"web", "PODPLAY_WEB_LOG_LEVEL"},
    {"cert", "PODPLAY_CERT_LOG_LEVEL"},
    {"user", "PODPLAY_USER_LOG_LEVEL"},
    {"api", "PODPLAY_API_LOG_LEVEL"},
    {"auth", "PODPLAY_AUTH_LOG_LEVEL"},
    {"store", "PODPLAY_STORE_LOG_LEVEL"},
    {"agent", "PODPLAY_AGENT_LOG_LEVEL"},
}};

// A level that differs from the setting until a time.
struct LevelChange {
  std::string component;
  Level level = Level::info;
  WallTime until{};
  bool operator==(const LevelChange&) const = default;
};

}  // namespace podplay
