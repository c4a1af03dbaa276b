// Mailboxes that are full, or whose folders Dovecot may not use. Full ones are those that Dovecot
// reported (nearly-full) and that are so still. Of the folders, those of people whom Dovecot had
// trouble with just now are looked at first, then some others, never all.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "agent/evidence/mail_lines.hpp"
#include "agent/evidence/rights.hpp"
#include "agent/evidence/sections.hpp"
#include "agent/replica/statements.hpp"
#include "base/numbers.hpp"

namespace podplay::agent {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kUsers = "/data/user-data/users/";
constexpr std::size_t kMostMailboxes = 300;
constexpr std::size_t kMostFull = 20;
constexpr const char* kNearlyFull =
    "SELECT email, quota FROM mailboxes WHERE nearly_full <> 0 LIMIT 50";

// The sum of a Maildir++ file maildirsize, in bytes.
std::optional<std::int64_t> used_of(const std::string& mailbox) {
  std::ifstream file(kUsers + mailbox + "/mail/maildirsize");
  std::string line;
  if (!std::getline(file, line)) {
    return std::nullopt;
  }
  std::int64_t used = 0;
  for (int lines = 0; lines < 10'000 && std::getline(file, line); ++lines) {
    const auto start = line.find_first_not_of(' ');
    const auto end = line.find(' ', start == line.npos ? 0 : start);
    if (start != line.npos) {
      const std::size_t width = end == line.npos ? line.size() - start : end - start;
      used += parse_number<std::int64_t>(line.substr(start, width)).value_or(0);
    }
  }
  return used;
}

// An ordinary message does not fit any more.
bool is_full(std::int64_t used, std::int64_t quota) {
  return quota > 0 && quota - used <= std::max<std::int64_t>(2048, quota / 100);
}

Json find_full(const EvidenceTools& tools) {
  Json full = Json::array();
  Database replica(tools.state + "/replica/replica.db");
  if (!replica.open(Database::Access::read_only)) {
    return full;
  }
  std::vector<std::pair<std::string, std::int64_t>> nearly;
  const Status read = replica.query(kNearlyFull, [&](char** columns) {
    nearly.emplace_back(columns[0], parse_number<std::int64_t>(columns[1]).value_or(0));
  });
  if (!read) {
    return full;
  }
  for (const auto& [mailbox, quota] : nearly) {
    const auto used = used_of(mailbox);
    if (used && is_full(*used, quota) && full.size() < kMostFull) {
      full.push_back({{"mailbox", mailbox}, {"used", *used}, {"quota", quota}});
    }
  }
  return full;
}

std::string mailbox_fault(const std::string& mailbox, const UserRights& owner) {
  constexpr std::array kFolders{"", "/mail", "/mail/cur", "/mail/new", "/mail/tmp"};
  for (const char* folder : kFolders) {
    const std::string path = kUsers + mailbox + folder;
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) {
      // It is made with the first message.
      return errno == ENOENT ? std::string() : fmt::format("{}: {}", path, std::strerror(errno));
    }
    if (!S_ISDIR(info.st_mode)) {
      return path + " is no folder";
    }
    if (!may(owner, info, 7)) {
      return fmt::format("{} is {}: vmail may not write it", path, describe_file(info));
    }
  }
  return {};
}

bool is_mailbox_name(const std::string& name) {
  return name.find('/') == name.npos && name.find('@') != name.npos && name.front() != '.';
}

Json find_denied(const EvidenceTools& tools) {
  Json denied = Json::array();
  const auto owner = find_account("vmail");
  if (!owner) {
    return denied;
  }
  std::vector<std::string> looked_at;
  const MailLines lines = recent_mail_lines(tools);
  if (const auto group = lines.groups.find(MailLineKind::denied); group != lines.groups.end()) {
    for (const auto& [who, count] : group->second.people) {
      looked_at.push_back(who);
    }
  }
  std::error_code error;
  for (fs::directory_iterator at(kUsers, error), end;
       !error && at != end && looked_at.size() < kMostMailboxes; at.increment(error)) {
    looked_at.push_back(at->path().filename().string());
  }
  std::set<std::string> seen;
  for (const std::string& mailbox : looked_at) {
    if (!is_mailbox_name(mailbox) || !seen.insert(mailbox).second || denied.size() >= kMostFull) {
      continue;
    }
    if (std::string words = mailbox_fault(mailbox, *owner); !words.empty()) {
      denied.push_back({{"mailbox", mailbox}, {"words", std::move(words)}});
    }
  }
  return denied;
}

}  // namespace

nlohmann::json collect_mailboxes(const EvidenceTools& tools) {
  if (tools.service.service != ServiceName::mail) {
    return nullptr;
  }
  return {{"full", find_full(tools)}, {"denied", find_denied(tools)}};
}

}  // namespace podplay::agent
