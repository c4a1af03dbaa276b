// What a user of this container may do with a file, by its owner, group and mode.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace podplay::agent {

struct UserRights {
  uid_t uid = 0;
  std::vector<gid_t> groups{};
};

// Nothing when there is no such user; the section `users` says so.
std::optional<UserRights> find_account(const char* name);
// Whether the account has all of `bits` (rwx as 4, 2, 1) on a file.
bool may(const UserRights& account, const struct stat& file, unsigned bits);
// "root:root 0700"
std::string describe_file(const struct stat& file);

}  // namespace podplay::agent
