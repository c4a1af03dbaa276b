// What may not be read is told, and what ends meanwhile is left out.
#include "looks/descriptors.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <sstream>

#include "base/numbers.hpp"

namespace podplay::looks {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

std::vector<std::string> words_of(std::string_view line) {
  std::istringstream in{std::string(line)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) {
    words.push_back(std::move(word));
  }
  return words;
}

// Calls `take` with each line that is not empty.
template <class Take>
void each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.empty()) {
      take(line);
    }
  }
}

// mountinfo writes blanks and such as octal digits: "\040".
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octal = text[i] == '\\' && i + 3 < text.size()
                           ? parse_number<unsigned>(text.substr(i + 1, 3), 8)
                           : std::nullopt;
    if (octal && *octal < 256) {
      plain += static_cast<char>(*octal);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

std::string read_proc(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

OpenFiles read_open_files(const std::string& root) {
  OpenFiles open;
  const Folder processes(::opendir((root + "/proc").c_str()));
  while (const dirent* process = processes ? ::readdir(processes.get()) : nullptr) {
    const auto pid = parse_number<pid_t>(process->d_name);
    if (!pid) {
      continue;
    }
    const std::string folder = root + "/proc/" + process->d_name + "/fd";
    errno = 0;
    const Folder descriptors(::opendir(folder.c_str()));
    if (!descriptors) {
      if (errno == EACCES || errno == EPERM) {
        open.closed.push_back(*pid);
      }
      continue;
    }
    bool refused = false;
    while (const dirent* entry = ::readdir(descriptors.get())) {
      const auto fd = parse_number<int>(entry->d_name);
      std::array<char, 512> target{};
      const ssize_t size =
          fd ? ::readlink((folder + "/" + entry->d_name).c_str(), target.data(), target.size())
             : -1;
      refused = refused || (fd && size < 0 && errno == EACCES);
      if (size > 0) {
        open.files.push_back(
            {*pid, *fd, std::string(target.data(), static_cast<std::size_t>(size))});
      }
    }
    if (refused) {
      open.closed.push_back(*pid);
    }
  }
  std::ranges::sort(open.files, {},
                    [](const OpenFile& file) { return std::pair(file.pid, file.fd); });
  std::ranges::sort(open.closed);
  return open;
}

std::uint64_t socket_inode(std::string_view target) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!target.starts_with(kPrefix) || !target.ends_with(']')) {
    return 0;
  }
  return parse_number<std::uint64_t>(
             target.substr(kPrefix.size(), target.size() - kPrefix.size() - 1))
      .value_or(0);
}

std::map<std::uint64_t, pid_t> socket_owners(const OpenFiles& open) {
  std::map<std::uint64_t, pid_t> owners;
  for (const OpenFile& file : open.files) {
    if (const std::uint64_t inode = socket_inode(file.target); inode != 0) {
      owners.try_emplace(inode, file.pid);
    }
  }
  return owners;
}

std::vector<UnixSocket> parse_unix_sockets(std::string_view text) {
  std::vector<UnixSocket> found;
  each_line(text, [&](std::string_view line) {
    // Num RefCount Protocol Flags Type St Inode Path
    const auto words = words_of(line);
    // 00010000: it waits for clients (SO_ACCEPTCON). A datagram socket just has a path.
    const bool waits = words.size() == 8 && (words[3] == "00010000" || words[4] == "0002");
    if (!waits) {
      return;
    }
    std::string_view kind = "stream";
    if (words[4] == "0002") {
      kind = "datagram";
    } else if (words[4] == "0005") {
      kind = "packets";
    }
    found.push_back({words[7], parse_number<std::uint64_t>(words[6]).value_or(0), kind});
  });
  std::ranges::sort(found, {},
                    [](const UnixSocket& one) { return std::pair(one.path, one.inode); });
  return found;
}

std::vector<LimitFacts> parse_limits(std::string_view text) {
  // "Max open files            1024                 524288               files"
  constexpr std::size_t kNameWidth = 26;
  std::vector<LimitFacts> limits;
  each_line(text, [&](std::string_view line) {
    if (!line.starts_with("Max ") || line.size() <= kNameWidth) {
      return;
    }
    std::string name(line.substr(0, kNameWidth));
    name.erase(name.find_last_not_of(' ') + 1);
    const auto words = words_of(line.substr(kNameWidth));
    if (words.size() >= 2) {
      limits.push_back({.name = name,
                        .soft = words[0],
                        .hard = words[1],
                        .unit = words.size() > 2 ? words[2] : std::string()});
    }
  });
  return limits;
}

std::vector<MountFacts> parse_mounts(std::string_view text) {
  // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
  std::vector<MountFacts> mounts;
  each_line(text, [&](std::string_view line) {
    const auto words = words_of(line);
    const auto dash = std::ranges::find(words, "-");
    if (words.size() < 7 || words.end() - dash < 3) {
      return;
    }
    mounts.push_back({.point = unescaped(words[4]),
                      .kind = *(dash + 1),
                      .source = unescaped(*(dash + 2)),
                      .options = words[5]});
  });
  return mounts;
}

}  // namespace podplay::looks
