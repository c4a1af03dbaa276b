// The one table of PODPLAY_ variables (docs/settings.md is printed from it).
#pragma once

#include <span>

#include "base/settings.hpp"

namespace podplay {

std::span<const SettingRow> setting_rows();
// parse(), then every default that follows from the profile or from another setting, then
// check_settings().
Result<Settings> effective_settings(const std::map<std::string, std::string>& environment);
// Rules between settings: PODPLAY_MAIL_SERVER_NAME must not equal the mail domain, relay needs a
// relay host, ...
Status check_settings(const Settings& settings);

}  // namespace podplay
