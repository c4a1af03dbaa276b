// A child starts with clean signals and a merged environment, by posix_spawn(3).
#include "base/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

extern char** environ;

namespace podplay {
namespace {

// Both posix_spawn objects, freed when they go.
struct SpawnSetup {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  SpawnSetup() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
};

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::map<std::string, std::string> all = process_environment();
  for (const auto& [name, value] : added) {
    all[name] = value;
  }
  std::vector<std::string> entries;
  for (const auto& [name, value] : all) {
    entries.push_back(name + "=" + value);
  }
  return entries;
}

// The form that execve(2) wants: pointers into `texts`, and a null pointer at the end.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) {
    result.push_back(text.data());
  }
  result.push_back(nullptr);
  return result;
}

}  // namespace

Result<pid_t> start_child(const ChildSpec& child) {
  SpawnSetup setup;
  if (child.input < 0) {
    posix_spawn_file_actions_addopen(&setup.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  } else {
    posix_spawn_file_actions_adddup2(&setup.actions, child.input, STDIN_FILENO);
  }
  posix_spawn_file_actions_adddup2(&setup.actions, child.output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&setup.actions, child.error, STDERR_FILENO);

  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&setup.attributes, &none);
  posix_spawnattr_setsigdefault(&setup.attributes, &all);
  int flags = POSIX_SPAWN_SETSIGMASK;
  if (!child.keep_ignored) {
    flags |= POSIX_SPAWN_SETSIGDEF;
  }
  if (child.own_session) {
    flags |= POSIX_SPAWN_SETSID;
  }
  posix_spawnattr_setflags(&setup.attributes, static_cast<short>(flags));

  std::vector<std::string> argv = child.argv;
  std::vector<std::string> environment = merged_environment(child.environment);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, argv.front().c_str(), &setup.actions, &setup.attributes,
                                   pointers(argv).data(), pointers(environment).data());
  if (error != 0) {
    return fail(error == ENOENT ? ErrorKind::not_found : ErrorKind::io, "command_start",
                fmt::format("cannot start {}: {}", child.argv.front(), std::strerror(error)));
  }
  return pid;
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != text.npos) {
      result.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return result;
}

}  // namespace podplay
