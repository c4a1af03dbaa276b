// Only owner, group and mode count: what an ACL or a capability would add is not looked at.
#include "agent/evidence/rights.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <array>

namespace podplay::agent {
namespace {

std::string user_name_of(uid_t uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* result = nullptr;
  ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &result);
  return result != nullptr ? std::string(result->pw_name) : std::to_string(uid);
}

std::string group_name_of(gid_t gid) {
  std::array<char, 4096> buffer{};
  group entry{};
  group* result = nullptr;
  ::getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &result);
  return result != nullptr ? std::string(result->gr_name) : std::to_string(gid);
}

}  // namespace

std::optional<UserRights> find_account(const char* name) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* result = nullptr;
  if (::getpwnam_r(name, &entry, buffer.data(), buffer.size(), &result) != 0 || result == nullptr) {
    return std::nullopt;
  }
  std::array<gid_t, 64> groups{};
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(name, entry.pw_gid, groups.data(), &count) < 0) {
    count = static_cast<int>(groups.size());
  }
  return UserRights{.uid = entry.pw_uid, .groups = {groups.begin(), groups.begin() + count}};
}

bool may(const UserRights& account, const struct stat& file, unsigned bits) {
  if (account.uid == 0) {
    return true;
  }
  unsigned shift = 0;
  if (file.st_uid == account.uid) {
    shift = 6;
  } else if (std::ranges::find(account.groups, file.st_gid) != account.groups.end()) {
    shift = 3;
  }
  return ((file.st_mode >> shift) & bits) == bits;
}

std::string describe_file(const struct stat& file) {
  return fmt::format("{}:{} {:04o}", user_name_of(file.st_uid), group_name_of(file.st_gid),
                     file.st_mode & 07777U);
}

}  // namespace podplay::agent
