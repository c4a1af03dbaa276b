// The settings of the pod: the PODPLAY_ variables, and all that follows from them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/settings.hpp"
#include "model/setting_rows.hpp"

namespace podplay {

using Settings = CheckedSettings<kSettingTable>;

// Reads `environment`, then fills every default that follows from the profile or from another
// setting, then check_settings().
Result<Settings> effective_settings(const std::map<std::string, std::string>& environment);
// Reads `environment` and fills only the log levels. For agents, which get no other settings.
Result<Settings> logging_settings(const std::map<std::string, std::string>& environment);
// Checks the rules between settings: the mail server must not have the name of a mail domain, a
// relay needs a host, and so on.
Status check_settings(const Settings& settings);
// The parts of PODPLAY_OUTSIDE_LOGIN_DOMAINS; none: any domain.
std::vector<std::string> outside_login_domains(const Settings& settings);
// docs/settings.md.
std::string settings_markdown();

}  // namespace podplay
