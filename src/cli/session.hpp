// The saved login: where the API is, whose certificate it has, and the token, in
// $XDG_CONFIG_HOME/podplay/sessions/NAME.json, mode 0600. Under sudo, the login is saved for the
// user who called it, so that the next commands work without sudo.
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
  // The certificate authority that the server's certificate must have, in PEM; empty: the system's.
  std::string ca{};
};

// The folder for `environment`: XDG_CONFIG_HOME, else HOME/.config; under sudo the home of the user
// who called it.
std::string session_folder(const std::map<std::string, std::string>& environment);

// An empty session when there is no file.
Result<Session> load_session(Files& files, const std::string& folder, const std::string& name);

// Writes the file below session_folder(environment). Under sudo, the files and folders belong to
// the user who called it.
Status save_session(Files& files, const std::map<std::string, std::string>& environment,
                    const std::string& name, const Session& session);

}  // namespace podplay::cli
