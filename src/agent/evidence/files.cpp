// The files and folders without which a daemon cannot work: whether each is there, and whether the
// daemon's user may use it. Root of these containers may read everything (CAP_DAC_OVERRIDE), so
// only the daemons' own users matter.
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>

#include "agent/evidence/rights.hpp"
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

struct Problem {
  // "missing" or "mode".
  std::string kind;
  // The file or the folder above it that is to blame.
  std::string path;
  std::string words;
};

// Looks at each folder on the way, too: one that the user may not enter hides all below it.
std::optional<Problem> look_at(const NeededFile& needed, const UserRights& account) {
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
