// Whether the users and groups that the daemons run as exist in this container.
#include <grp.h>
#include <pwd.h>

#include <array>
#include <span>

#include "agent/evidence/sections.hpp"

namespace podplay::agent {
namespace {

constexpr const char* kApacheUsers[] = {"www-data"};
constexpr const char* kBindUsers[] = {"bind"};
constexpr const char* kMailUsers[] = {"postfix", "dovecot", "dovenull", "vmail"};
constexpr const char* kMailGroups[] = {"postdrop"};

bool user_exists(const char* name) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* result = nullptr;
  return ::getpwnam_r(name, &entry, buffer.data(), buffer.size(), &result) == 0 &&
         result != nullptr;
}

bool group_exists(const char* name) {
  std::array<char, 4096> buffer{};
  group entry{};
  group* result = nullptr;
  return ::getgrnam_r(name, &entry, buffer.data(), buffer.size(), &result) == 0 &&
         result != nullptr;
}

std::span<const char* const> users_of(ServiceName service) {
  switch (service) {
    case ServiceName::apache: return kApacheUsers;
    case ServiceName::bind: return kBindUsers;
    case ServiceName::mail: break;
  }
  return kMailUsers;
}

}  // namespace

nlohmann::json collect_users(const EvidenceTools& tools) {
  nlohmann::json missing = nlohmann::json::array();
  for (const char* name : users_of(tools.service.service)) {
    if (!user_exists(name)) {
      missing.push_back(std::string("user ") + name);
    }
  }
  if (tools.service.service == ServiceName::mail) {
    for (const char* name : kMailGroups) {
      if (!group_exists(name)) {
        missing.push_back(std::string("group ") + name);
      }
    }
  }
  return {{"missing", std::move(missing)}};
}

}  // namespace podplay::agent
