// Keeping the login.
#include "cli/session.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace podplay::cli {

std::string session_folder(const std::map<std::string, std::string>& environment) {
  const auto value = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  const std::string config = value("XDG_CONFIG_HOME").empty() ? value("HOME") + "/.config" : value("XDG_CONFIG_HOME");
  return config + "/podplay/sessions";
}

Result<Session> load_session(Files& files, const std::string& folder, const std::string& name) {
  const std::string path = fmt::format("{}/{}.json", folder, name);
  if (!files.exists(path)) return Session{};
  const auto text = files.read(path);
  if (!text) return std::unexpected(text.error());
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object())
    return fail(ErrorKind::invalid, "bad_session", fmt::format("the session file {} cannot be read", path), "log in again: podplay login");
  return Session{json.value("base_url", ""), json.value("email", ""), Secret(json.value("token", ""))};
}

Status save_session(Files& files, const std::string& folder, const std::string& name, const Session& session) {
  if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != std::string::npos ||
      name.front() == '.') {
    return fail(ErrorKind::invalid, "bad_session_name", fmt::format("'{}' is no session name", name), "use letters, digits, - _ and .");
  }
  const Status made = files.make_dirs(folder, 0700);
  if (!made) return made;
  const nlohmann::json json{{"base_url", session.base_url}, {"email", session.email}, {"token", session.token.reveal()}};
  return files.write_atomic(fmt::format("{}/{}.json", folder, name), json.dump(2) + "\n", 0600);
}

}  // namespace podplay::cli
