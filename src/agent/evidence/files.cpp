// The files and folders without which a daemon cannot work: whether each is there, and whether the
// daemon's user may use it. Root of these containers may read everything (CAP_DAC_OVERRIDE), so
// only the daemons' own users matter.
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "agent/evidence/sections.hpp"

namespace podplay::agent {
namespace {

// What the user needs to do.
enum class Use { read, enter, write, own };

struct NeededFile {
  std::string_view daemon;
  const char* path;
  // "root": it only must be there.
  const char* user;
  Use use;
};

constexpr NeededFile kApacheFiles[] = {
    {"apache", "/data/service/current/etc/apache2/apache2.conf", "root", Use::read},
    {"apache", "/data/service/sites", "root", Use::enter},
    {"apache", "/data/service/challenges", "www-data", Use::enter},
    {"apache", "/data/certificates", "root", Use::enter},
    {"apache", "/data/user-data/www", "www-data", Use::enter},
    {"apache", "/run/apache2", "root", Use::enter},
};
constexpr NeededFile kBindFiles[] = {
    {"named", "/data/service/current/etc/bind/named.conf", "bind", Use::read},
    {"named", "/data/service/named", "bind", Use::write},
    {"named", "/data/service/named/zones", "bind", Use::write},
    {"named", "/run/named", "bind", Use::write},
    {"named", "/run/named/rndc.key", "bind", Use::read},
    {"named", "/run/named/local.key", "bind", Use::read},
};
constexpr NeededFile kMailFiles[] = {
    {"dovecot", "/data/service/current/etc/dovecot/dovecot.conf", "root", Use::read},
    {"dovecot", "/data/service/replica", "dovecot", Use::enter},
    {"dovecot", "/data/service/replica/replica.db", "dovecot", Use::read},
    {"dovecot", "/data/user-data/users", "vmail", Use::write},
    {"dovecot", "/data/certificates", "root", Use::enter},
    {"dovecot-login", "/data/service/current/etc/dovecot-login/dovecot.conf", "root", Use::read},
    {"postfix", "/data/service/current/etc/postfix/main.cf", "postfix", Use::read},
    {"postfix", "/data/service/current/etc/postfix/master.cf", "postfix", Use::read},
    {"postfix", "/data/service/postfix", "postfix", Use::own},
    {"postfix", "/data/service/spool", "postfix", Use::enter},
    {"postfix", "/data/service/spool/active", "postfix", Use::own},
    {"postfix", "/data/service/spool/incoming", "postfix", Use::own},
    {"postfix", "/data/service/spool/deferred", "postfix", Use::own},
    {"postfix", "/data/service/spool/private", "postfix", Use::own},
};

std::span<const NeededFile> files_of(ServiceName service) {
  switch (service) {
    case ServiceName::apache: return kApacheFiles;
    case ServiceName::bind: return kBindFiles;
    case ServiceName::mail: break;
  }
  return kMailFiles;
}

struct Account {
  uid_t uid = 0;
  std::vector<gid_t> groups{};
};

// Nothing when there is no such user; the section `users` says so.
std::optional<Account> find_account(const char* name) {
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
  return Account{.uid = entry.pw_uid, .groups = {groups.begin(), groups.begin() + count}};
}

// Whether the account has all of `bits` (rwx as 4, 2, 1) on a file.
bool may(const Account& account, const struct stat& file, unsigned bits) {
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

// "root:root 0700"
std::string describe_file(const struct stat& file) {
  return fmt::format("{}:{} {:04o}", user_name_of(file.st_uid), group_name_of(file.st_gid),
                     file.st_mode & 07777U);
}

struct Problem {
  // "missing" or "mode".
  std::string kind;
  // The file or the folder above it that is to blame.
  std::string path;
  std::string words;
};

// Looks at each folder on the way, too: one that the user may not enter hides all below it.
std::optional<Problem> look_at(const NeededFile& needed, const Account& account) {
  const std::string path = needed.path;
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const std::string folder = path.substr(0, at);
    struct stat info{};
    if (::stat(folder.c_str(), &info) != 0) {
      return Problem{"missing", folder, fmt::format("{}: {}", folder, std::strerror(errno))};
    }
    if (!may(account, info, 1)) {
      return Problem{
          "mode", folder,
          fmt::format("{} is {}: {} may not enter it", folder, describe_file(info), needed.user)};
    }
  }
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return Problem{"missing", path, fmt::format("{}: {}", path, std::strerror(errno))};
  }
  if (needed.use == Use::own && info.st_uid != account.uid) {
    return Problem{
        "mode", path,
        fmt::format("{} is {}: it must belong to {}", path, describe_file(info), needed.user)};
  }
  constexpr std::array<std::pair<unsigned, const char*>, 4> kUses{
      {{4, "read"}, {5, "enter"}, {7, "write"}, {7, "write"}}};
  const bool folder = S_ISDIR(info.st_mode);
  const auto& [bits, verb] = kUses.at(static_cast<std::size_t>(needed.use));
  if (!may(account, info, folder ? bits : bits & 6U)) {
    return Problem{
        "mode", path,
        fmt::format("{} is {}: {} may not {} it", path, describe_file(info), needed.user, verb)};
  }
  return std::nullopt;
}

}  // namespace

nlohmann::json collect_files(const EvidenceTools& tools) {
  nlohmann::json problems = nlohmann::json::array();
  const auto needed = files_of(tools.service.service);
  for (const NeededFile& file : needed) {
    const auto account = find_account(file.user);
    const auto problem = account ? look_at(file, *account) : std::nullopt;
    if (problem) {
      problems.push_back({{"daemon", file.daemon},
                          {"kind", problem->kind},
                          {"path", problem->path},
                          {"words", problem->words}});
    }
  }
  return {{"checked", needed.size()}, {"problems", std::move(problems)}};
}

}  // namespace podplay::agent
