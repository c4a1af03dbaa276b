// Reading and writing the saved login. The file is replaced whole, and only its owner can read it.
#include "cli/session.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/sudo.hpp"

namespace podplay::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

void give(const fs::path& path, const passwd& person) {
  struct stat now{};
  if (::lstat(path.c_str(), &now) == 0 && now.st_uid == 0) {
    static_cast<void>(::lchown(path.c_str(), person.pw_uid, person.pw_gid) == 0);
  }
}

// Gives the session file, its two folders, and the folders that root made between them and the
// user's home to the user who called sudo.
void give_to_caller(const fs::path& path, const passwd& person) {
  const fs::path sessions = path.parent_path();
  for (const fs::path& ours : {path, sessions, sessions.parent_path()}) {
    give(ours, person);
  }
  const fs::path home = person.pw_dir;
  const fs::path config = sessions.parent_path().parent_path();
  const std::string from_home = config.lexically_relative(home);
  if (from_home.empty() || from_home == "." || from_home.starts_with("..")) {
    return;
  }
  for (fs::path at = config; at != home; at = at.parent_path()) {
    give(at, person);
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
  const std::string configured = value("XDG_CONFIG_HOME");
  const std::string config = configured.empty() ? home + "/.config" : configured;
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
  return Session{.base_url = json.value("base_url", ""),
                 .email = json.value("email", ""),
                 .token = Secret(json.value("token", "")),
                 .ca = json.value("ca", "")};
}

Status save_session(Files& files, const std::map<std::string, std::string>& environment,
                    const std::string& name, const Session& session) {
  if (name.empty() || name.front() == '.' ||
      name.find_first_not_of(kNameCharacters) != std::string::npos) {
    return fail(ErrorKind::invalid, "bad_session_name",
                fmt::format("'{}' cannot be the name of a session", name),
                "use letters, digits, - _ and . (not at the beginning)");
  }
  const std::string folder = session_folder(environment);
  TRY(files.make_dirs(folder, 0700));
  const nlohmann::json json{{"base_url", session.base_url},
                            {"email", session.email},
                            {"token", session.token.reveal()},
                            {"ca", session.ca}};
  const std::string path = fmt::format("{}/{}.json", folder, name);
  TRY(files.write_atomic(path, json.dump(2) + "\n", 0600));
  if (const passwd* person = caller_of_sudo(environment)) {
    give_to_caller(path, *person);
  }
  return {};
}

}  // namespace podplay::cli
