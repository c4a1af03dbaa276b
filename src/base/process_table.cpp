// /proc/PID/stat has the name in parentheses, which may hold blanks and parentheses itself, so the
// fields are counted from the last one (proc(5)).
#include "base/process_table.hpp"

#include <dirent.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "base/numbers.hpp"

namespace podplay {
namespace {

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// How many entries a folder has; -1 when it may not be read.
std::int64_t count_entries(const std::string& path) {
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) {
    return -1;
  }
  std::int64_t count = 0;
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] != '.') {
      ++count;
    }
  }
  ::closedir(folder);
  return count;
}

// "Max open files            1024                 524288               files"
std::int64_t soft_fd_limit(const std::string& limits) {
  constexpr std::string_view kRow = "Max open files";
  const std::size_t at = limits.find(kRow);
  if (at == std::string::npos) {
    return -1;
  }
  std::istringstream row(limits.substr(at + kRow.size()));
  std::string soft;
  row >> soft;
  return parse_number<std::int64_t>(soft).value_or(-1);
}

std::string name_of(uid_t uid, std::map<uid_t, std::string>& known) {
  if (const auto found = known.find(uid); found != known.end()) {
    return found->second;
  }
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* result = nullptr;
  const int failed = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &result);
  std::string name =
      failed == 0 && result != nullptr ? std::string(result->pw_name) : std::to_string(uid);
  return known.emplace(uid, std::move(name)).first->second;
}

std::optional<ProcessFacts> read_process(const std::string& folder, std::uint64_t uptime_ms,
                                         std::map<uid_t, std::string>& users) {
  const std::string stat = read_all(folder + "/stat");
  const std::size_t open = stat.find('(');
  const std::size_t close = stat.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 2 >= stat.size()) {
    return std::nullopt;
  }
  ProcessFacts facts;
  facts.pid = parse_number<pid_t>(stat.substr(0, open - 1)).value_or(0);
  facts.name = stat.substr(open + 1, close - open - 1);
  // Field 3 (state) and those after it.
  std::istringstream fields(stat.substr(close + 2));
  std::vector<std::string> rest;
  for (std::string field; fields >> field;) {
    rest.push_back(field);
  }
  const auto number = [&rest](std::size_t field) {
    return field - 3 < rest.size() ? parse_number<std::uint64_t>(rest[field - 3]).value_or(0) : 0;
  };
  const auto tick = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
  facts.state = rest.empty() || rest[0].empty() ? '?' : rest[0][0];
  facts.parent = static_cast<pid_t>(number(4));
  facts.cpu_ms = (number(14) + number(15)) * 1000 / tick;
  const std::uint64_t started_ms = number(22) * 1000 / tick;
  facts.age_ms = uptime_ms > started_ms ? uptime_ms - started_ms : 0;
  facts.rss_bytes = number(24) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  struct stat owner{};
  if (::stat(folder.c_str(), &owner) != 0) {
    return std::nullopt;
  }
  facts.uid = owner.st_uid;
  facts.user = name_of(facts.uid, users);
  facts.fds = count_entries(folder + "/fd");
  facts.fd_limit = soft_fd_limit(read_all(folder + "/limits"));
  return facts;
}

}  // namespace

std::vector<ProcessFacts> read_processes(const std::string& root) {
  std::vector<ProcessFacts> found;
  const std::string proc = root + "/proc";
  DIR* folder = ::opendir(proc.c_str());
  if (folder == nullptr) {
    return found;
  }
  // "12345.67 ...": seconds since the boot.
  const std::string uptime = read_all(proc + "/uptime");
  const auto seconds = parse_number<std::uint64_t>(uptime.substr(0, uptime.find('.'))).value_or(0);
  std::map<uid_t, std::string> users;
  while (const dirent* entry = ::readdir(folder)) {
    if (!parse_number<pid_t>(entry->d_name)) {
      continue;
    }
    if (auto facts = read_process(proc + "/" + entry->d_name, seconds * 1000, users)) {
      found.push_back(std::move(*facts));
    }
  }
  ::closedir(folder);
  std::ranges::sort(found, {}, &ProcessFacts::pid);
  return found;
}

std::string read_command_line(pid_t pid, const std::string& root) {
  constexpr std::size_t kLongest = 512;
  std::string text = read_all(root + "/proc/" + std::to_string(pid) + "/cmdline");
  std::ranges::replace(text, '\0', ' ');
  while (!text.empty() && text.back() == ' ') {
    text.pop_back();
  }
  if (text.size() > kLongest) {
    text.resize(kLongest);
  }
  return text;
}

}  // namespace podplay
