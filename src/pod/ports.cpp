// Reads /proc/net/{tcp,udp}{,6} for listening sockets and /proc/PID/fd for their processes. A
// socket that cannot be read is left out; podman then names the port itself.
#include "pod/ports.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/numbers.hpp"

namespace podplay::pod {
namespace {

namespace fs = std::filesystem;

struct Socket {
  std::string address;
  int port = 0;
  bool udp = false;
  std::string inode;
};

// "0100007F:1F90" -> 127.0.0.1, 8080. Each group of eight digits is a 32 bit number of the host's
// byte order (proc(5)).
bool parse_address(std::string_view text, Socket& socket) {
  const auto colon = text.find(':');
  if (colon != 8 && colon != 32) {
    return false;
  }
  std::array<unsigned char, 16> bytes{};
  for (std::size_t group = 0; group < colon / 8; ++group) {
    const auto word = parse_number<std::uint32_t>(text.substr(group * 8, 8), 16).value_or(0);
    std::memcpy(bytes.data() + group * 4, &word, 4);
  }
  std::array<char, INET6_ADDRSTRLEN> name{};
  ::inet_ntop(colon == 8 ? AF_INET : AF_INET6, bytes.data(), name.data(), name.size());
  socket.address = name.data();
  socket.port = parse_number<int>(text.substr(colon + 1), 16).value_or(0);
  return true;
}

void read_table(const std::string& path, bool udp, std::vector<Socket>& sockets) {
  std::ifstream file(path);
  std::string line;
  // The first line is a heading.
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
    words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
        timeout >> inode;
    Socket socket{.address = {}, .port = 0, .udp = udp, .inode = inode};
    // A bound UDP socket is in state 7 (close), a listening TCP socket in state 10 (proc(5)).
    const bool listening = state == (udp ? "07" : "0A");
    if (listening && parse_address(local, socket)) {
      sockets.push_back(socket);
    }
  }
}

bool any_address(std::string_view address) { return address == "0.0.0.0" || address == "::"; }

bool overlaps(const Socket& socket, const PublishedPort& wanted) {
  if (socket.port != wanted.port || socket.udp != wanted.udp) {
    return false;
  }
  return any_address(socket.address) || any_address(wanted.address) || wanted.address.empty() ||
         socket.address == wanted.address;
}

std::vector<std::string> command_line(const fs::path& process) {
  std::ifstream file(process / "cmdline");
  std::vector<std::string> words;
  std::string word;
  while (std::getline(file, word, '\0')) {
    words.push_back(word);
  }
  return words;
}

void name_process(const fs::path& process, BusyPort& busy) {
  const auto words = command_line(process);
  if (words.empty()) {
    return;
  }
  busy.process = fs::path(words.front()).filename();
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    if (busy.process == "conmon" && words[i] == "-n") {
      busy.podman_name = words[i + 1];
    }
  }
  if (!busy.podman_name.empty()) {
    return;
  }
  for (std::size_t i = 1; i < words.size() && busy.process.size() + words[i].size() < 60; ++i) {
    busy.process += " " + words[i];
  }
}

// Fills in the process that has each inode open. An ordinary user cannot see the files of another
// user's process.
void name_holders(const std::string& host_root,
                  std::map<std::string, std::vector<BusyPort*>>& by_inode) {
  std::error_code error;
  for (const auto& process : fs::directory_iterator(host_root + "/proc", error)) {
    const std::string name = process.path().filename();
    const auto pid = parse_number<int>(name);
    if (!pid) {
      continue;
    }
    for (fs::directory_iterator fd(process.path() / "fd", error), end; !error && fd != end;
         fd.increment(error)) {
      std::error_code ignored;
      const std::string target = fs::read_symlink(fd->path(), ignored);
      if (!target.starts_with("socket:[")) {
        continue;
      }
      const auto found = by_inode.find(target.substr(8, target.size() - 9));
      if (found == by_inode.end()) {
        continue;
      }
      for (BusyPort* busy : found->second) {
        if (busy->pid != 0) {
          continue;
        }
        busy->pid = *pid;
        name_process(process.path(), *busy);
      }
    }
    error.clear();
  }
}

// Finds ports that are set for two of the pod's services.
void find_twice(const Manifest& manifest, std::vector<Fault>& faults) {
  for (std::size_t i = 0; i < manifest.ports.size(); ++i) {
    const PublishedPort& port = manifest.ports[i];
    for (std::size_t j = 0; j < i; ++j) {
      const PublishedPort& other = manifest.ports[j];
      if (other.port != port.port || other.udp != port.udp) {
        continue;
      }
      faults.push_back({.field = port.setting,
                        .code = "port_twice",
                        .message = fmt::format("port {} is set for both {} and {}", port.port,
                                               other.name, port.name),
                        .remedy = "give each a port of its own"});
    }
  }
}

}  // namespace

std::vector<BusyPort> busy_ports(const std::string& host_root,
                                 const std::vector<PublishedPort>& wanted) {
  std::vector<Socket> sockets;
  for (const auto* table : {"tcp", "tcp6", "udp", "udp6"}) {
    read_table(host_root + "/proc/net/" + table, std::string_view(table).starts_with("udp"),
               sockets);
  }
  std::vector<BusyPort> busy;
  std::vector<std::string> inodes;
  for (const PublishedPort& port : wanted) {
    for (const Socket& socket : sockets) {
      if (!overlaps(socket, port)) {
        continue;
      }
      busy.push_back({.wanted = port, .address = socket.address, .process = {}, .podman_name = {}});
      inodes.push_back(socket.inode);
      break;
    }
  }
  std::map<std::string, std::vector<BusyPort*>> by_inode;
  for (std::size_t i = 0; i < busy.size(); ++i) {
    by_inode[inodes[i]].push_back(&busy[i]);
  }
  if (!busy.empty()) {
    name_holders(host_root, by_inode);
  }
  return busy;
}

std::string describe(const BusyPort& busy) {
  std::string holder = "a process of another user";
  if (!busy.podman_name.empty()) {
    holder = fmt::format("podman's container {} (process {})", busy.podman_name, busy.pid);
  } else if (busy.pid != 0) {
    holder = fmt::format("`{}` (process {})", busy.process, busy.pid);
  }
  return fmt::format("port {}{} for {} ({}) is in use by {}, which listens on {}", busy.wanted.port,
                     busy.wanted.udp ? "/udp" : "", busy.wanted.name, busy.wanted.setting, holder,
                     busy.address);
}

Status check_ports(const std::string& host_root, const Manifest& manifest,
                   const std::set<std::pair<int, bool>>& held) {
  std::vector<Fault> faults;
  find_twice(manifest, faults);
  for (const BusyPort& busy : busy_ports(host_root, manifest.ports)) {
    if (held.contains({busy.wanted.port, busy.wanted.udp})) {
      continue;
    }
    faults.push_back(
        {.field = busy.wanted.setting,
         .code = "port_in_use",
         .message = describe(busy),
         .remedy = fmt::format("end that process, or set {} to a free port", busy.wanted.setting)});
  }
  if (faults.empty()) {
    return {};
  }
  auto failure =
      fail_faults(std::move(faults), "nothing was started, because ports are in use or set twice");
  failure.error().kind = ErrorKind::conflict;
  return failure;
}

}  // namespace podplay::pod
