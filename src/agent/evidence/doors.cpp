// The sockets between the programs of the mail service: each is opened and spoken to once, and its
// owner and mode are looked at, since the agent as root could open any.
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "agent/evidence/rights.hpp"
#include "agent/evidence/sections.hpp"
#include "net/line_client.hpp"

namespace podplay::agent {
namespace {

constexpr std::chrono::milliseconds kTimeout{400};
constexpr std::chrono::milliseconds kPause{300};

struct Door {
  std::string_view name;
  const char* path;
  // Who must be able to open it.
  const char* user;
  // How the other side greets; empty: it waits for a question.
  std::string_view greeting;
};

constexpr std::array kDoors = std::to_array<Door>({
    {"dovecot-auth", "/run/dovecot/postfix-auth", "postfix", "VERSION\t"},
    {"dovecot-lmtp", "/run/dovecot/lmtp", "postfix", "220"},
    {"agent-lookups", "/run/podplay/lookups", "postfix", ""},
    {"agent-quota", "/run/podplay/quota", "postfix", ""},
});

std::string ask(const Door& door) {
  auto client = net::LineClient::connect_unix(door.path, kTimeout);
  if (!client) {
    return client.error().message;
  }
  if (door.greeting.empty()) {
    return {};
  }
  const auto line = (*client)->read_line();
  if (!line) {
    return fmt::format("{} gives no answer: {}", door.path, line.error().message);
  }
  return line->starts_with(door.greeting) ? std::string()
                                          : fmt::format("{} answers '{}'", door.path, *line);
}

std::string look(const Door& door) {
  struct stat info{};
  if (::stat(door.path, &info) != 0) {
    return fmt::format("{}: {}", door.path, std::strerror(errno));
  }
  const auto rights = find_account(door.user);
  if (rights && !may(*rights, info, 6)) {
    return fmt::format("{} is {}: {} may not open it", door.path, describe_file(info), door.user);
  }
  return ask(door);
}

}  // namespace

nlohmann::json collect_doors(const EvidenceTools& tools) {
  if (tools.service.service != ServiceName::mail) {
    return nullptr;
  }
  // Somebody of them hangs: one is enough to say so, and the others have no time left.
  const auto until = tools.clock.steady() + kTimeout * 2 + kPause;
  nlohmann::json doors = nlohmann::json::array();
  for (const Door& door : kDoors) {
    std::string words = look(door);
    if (tools.clock.steady() > until) {
      break;
    }
    // A reload makes some of them again.
    if (!words.empty()) {
      std::this_thread::sleep_for(kPause);
      words = look(door);
    }
    doors.push_back(
        {{"name", door.name}, {"path", door.path}, {"ok", words.empty()}, {"words", words}});
  }
  return doors;
}

}  // namespace podplay::agent
