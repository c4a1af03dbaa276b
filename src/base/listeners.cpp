// /proc/net/tcp and its like name each socket by its inode; /proc/PID/fd says which process has it
// open.
#include "base/listeners.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <tuple>

#include "base/numbers.hpp"

namespace podplay {
namespace {

// The kernel prints an address as words of 32 bits in the machine's order.
std::string read_address(std::string_view digits) {
  std::array<std::uint32_t, 4> words{};
  const std::size_t count = digits.size() / 8;
  if (count != 1 && count != 4) {
    return {};
  }
  for (std::size_t i = 0; i < count; ++i) {
    words.at(i) = parse_number<std::uint32_t>(digits.substr(i * 8, 8), 16).value_or(0);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(count == 1 ? AF_INET : AF_INET6, words.data(), text.data(), text.size());
  return text.data();
}

std::optional<ListeningSocket> read_socket(const std::string& row, const char* protocol,
                                           std::string_view state) {
  std::istringstream fields(row);
  std::string number, local, remote, status, queues, timer, retransmits, timeout;
  ListeningSocket listener{.protocol = protocol, .address = {}};
  if (!(fields >> number >> local >> remote >> status >> queues >> timer >> retransmits >>
        listener.uid >> timeout >> listener.inode) ||
      status != state) {
    return std::nullopt;
  }
  const std::size_t colon = local.find(':');
  if (colon == std::string::npos) {
    return std::nullopt;
  }
  listener.address = read_address(std::string_view(local).substr(0, colon));
  listener.port = parse_number<int>(std::string_view(local).substr(colon + 1), 16).value_or(0);
  if (const std::size_t at = queues.find(':'); at != std::string::npos) {
    listener.waiting =
        parse_number<std::int64_t>(std::string_view(queues).substr(at + 1), 16).value_or(0);
  }
  return listener;
}

// By the inode of the socket.
std::map<std::uint64_t, pid_t> read_owners(const std::string& root) {
  constexpr std::string_view kPrefix = "socket:[";
  std::map<std::uint64_t, pid_t> owners;
  DIR* processes = ::opendir((root + "/proc").c_str());
  if (processes == nullptr) {
    return owners;
  }
  while (const dirent* process = ::readdir(processes)) {
    const auto pid = parse_number<pid_t>(process->d_name);
    if (!pid) {
      continue;
    }
    const std::string folder = root + "/proc/" + process->d_name + "/fd";
    DIR* descriptors = ::opendir(folder.c_str());
    if (descriptors == nullptr) {
      continue;
    }
    while (const dirent* descriptor = ::readdir(descriptors)) {
      std::array<char, 64> target{};
      const ssize_t size =
          ::readlink((folder + "/" + descriptor->d_name).c_str(), target.data(), target.size() - 1);
      const std::string_view text(target.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
      if (text.starts_with(kPrefix) && text.ends_with(']')) {
        const auto inode = parse_number<std::uint64_t>(
            text.substr(kPrefix.size(), text.size() - kPrefix.size() - 1));
        // A child has inherited it from the process with the smaller pid.
        if (inode && (!owners.contains(*inode) || *pid < owners[*inode])) {
          owners[*inode] = *pid;
        }
      }
    }
    ::closedir(descriptors);
  }
  ::closedir(processes);
  return owners;
}

}  // namespace

std::vector<ListeningSocket> read_listeners(const std::string& root) {
  struct Table {
    const char* file;
    const char* protocol;
    // TCP_LISTEN is 0A; a UDP socket without a peer is in state 07.
    const char* state;
  };
  std::vector<ListeningSocket> found;
  for (const Table& table : {Table{"tcp", "tcp", "0A"}, Table{"tcp6", "tcp", "0A"},
                             Table{"udp", "udp", "07"}, Table{"udp6", "udp", "07"}}) {
    std::ifstream file(root + "/proc/net/" + table.file);
    std::string row;
    std::getline(file, row);
    while (std::getline(file, row)) {
      if (auto listener = read_socket(row, table.protocol, table.state)) {
        found.push_back(std::move(*listener));
      }
    }
  }
  const auto owners = read_owners(root);
  for (ListeningSocket& listener : found) {
    const auto owner = owners.find(listener.inode);
    listener.pid = owner == owners.end() ? 0 : owner->second;
  }
  std::ranges::sort(found, {}, [](const ListeningSocket& one) {
    return std::tuple(one.protocol, one.port, one.address, one.inode);
  });
  return found;
}

}  // namespace podplay
