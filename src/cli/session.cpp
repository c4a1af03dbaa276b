// Keeping the login.
#include "cli/session.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace podplay::cli {

namespace {

// Who called sudo: the login is his, not root's.
const passwd* caller_of_sudo(const std::map<std::string, std::string>& environment) {
  const auto found = environment.find("SUDO_UID");
  if (::geteuid() != 0 || found == environment.end()) {
    return nullptr;
  }
  return ::getpwuid(static_cast<uid_t>(std::strtoul(found->second.c_str(), nullptr, 10)));
}

// What root made in another's home belongs to him.
void give_away(const std::filesystem::path& path, const std::filesystem::path& home) {
  struct stat owner{};
  if (::geteuid() != 0 || ::stat(home.c_str(), &owner) != 0) {
    return;
  }
  for (auto at = path; at != home && at.has_relative_path(); at = at.parent_path()) {
    struct stat now{};
    if (::lstat(at.c_str(), &now) == 0 && now.st_uid == 0) {
      static_cast<void>(::lchown(at.c_str(), owner.st_uid, owner.st_gid) == 0);
    }
  }
}

}  // namespace

std::string session_folder(const std::map<std::string, std::string>& environment) {
  const auto value = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  const passwd* person = caller_of_sudo(environment);
  const std::string home = person != nullptr ? person->pw_dir : value("HOME");
  const std::string config =
      value("XDG_CONFIG_HOME").empty() ? home + "/.config" : value("XDG_CONFIG_HOME");
  return config + "/podplay/sessions";
}

Result<Session> load_session(Files& files, const std::string& folder, const std::string& name) {
  const std::string path = fmt::format("{}/{}.json", folder, name);
  if (!files.exists(path)) {
    return Session{};
  }
  TRY(const auto text, files.read(path));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return fail(ErrorKind::invalid, "bad_session",
                fmt::format("the session file {} cannot be read", path),
                "log in again: podplay login");
  }
  return Session{json.value("base_url", ""), json.value("email", ""),
                 Secret(json.value("token", ""))};
}

Status save_session(Files& files, const std::string& folder, const std::string& name,
                    const Session& session) {
  if (name.empty() ||
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") !=
          std::string::npos ||
      name.front() == '.') {
    return fail(ErrorKind::invalid, "bad_session_name",
                fmt::format("'{}' is no session name", name), "use letters, digits, - _ and .");
  }
  TRY(files.make_dirs(folder, 0700));
  const nlohmann::json json{
      {"base_url", session.base_url}, {"email", session.email}, {"token", session.token.reveal()}};
  const std::string path = fmt::format("{}/{}.json", folder, name);
  const Status written = files.write_atomic(path, json.dump(2) + "\n", 0600);
  // HOME/.config/podplay/sessions
  const std::filesystem::path place(folder);
  if (written && place.parent_path().parent_path().filename() == ".config") {
    give_away(path, place.parent_path().parent_path().parent_path());
  }
  return written;
}

}  // namespace podplay::cli
