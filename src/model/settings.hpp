// The one table of PODPLAY_ variables (docs/settings.md is printed from it).
#pragma once

#include <span>

#include "base/settings.hpp"

namespace podplay {

std::span<const SettingRow> setting_rows();
// Rules between settings: PODPLAY_MAIL_SERVER_NAME must not equal the mail domain, relay needs a relay host, ...
Status check_settings(const Settings& settings);

}  // namespace podplay
