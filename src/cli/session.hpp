// The session file: where the API is and the token of the login, in
// $XDG_CONFIG_HOME/podplay/sessions/NAME.json, 0600.
#pragma once

#include <map>
#include <string>

#include "base/files.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::cli {

struct Session {
  std::string base_url;
  std::string email;
  Secret token;
};

// The folder for `environment` (XDG_CONFIG_HOME, else HOME/.config; below sudo the home of who
// called it).
std::string session_folder(const std::map<std::string, std::string>& environment);
// No file: an empty session.
Result<Session> load_session(Files& files, const std::string& folder, const std::string& name);
Status save_session(Files& files, const std::string& folder, const std::string& name,
                    const Session& session);

}  // namespace podplay::cli
