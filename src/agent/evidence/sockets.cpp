// The ports that the daemons need, and who has them. Another process that has one is named by the
// container that sees it, so each agent also tells what it has itself.
#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "agent/evidence/sections.hpp"
#include "base/listeners.hpp"
#include "base/process_table.hpp"

namespace podplay::agent {
namespace {

struct NeededPort {
  std::string_view daemon;
  std::string_view protocol;
  int port;
};

constexpr NeededPort kApachePorts[] = {{"apache", "tcp", 80}, {"apache", "tcp", 443}};
constexpr NeededPort kBindPorts[] = {{"named", "tcp", 53}, {"named", "udp", 53}};
constexpr NeededPort kMailPorts[] = {{"postfix", "tcp", 25},        {"postfix", "tcp", 465},
                                     {"postfix", "tcp", 587},       {"dovecot-login", "tcp", 143},
                                     {"dovecot-login", "tcp", 993}, {"dovecot-login", "tcp", 110},
                                     {"dovecot-login", "tcp", 995}, {"dovecot-login", "tcp", 4190}};

std::span<const NeededPort> ports_of(ServiceName service) {
  switch (service) {
    case ServiceName::apache: return kApachePorts;
    case ServiceName::bind: return kBindPorts;
    case ServiceName::mail: break;
  }
  return kMailPorts;
}

// The processes of each daemon of this agent: by pid, its name.
std::map<pid_t, std::string> processes_of_daemons(const EvidenceTools& tools,
                                                  const std::vector<ProcessFacts>& all) {
  std::map<pid_t, std::string> owners;
  for (const auto& daemon : tools.board.processes()) {
    if (daemon.pid != 0) {
      owners[daemon.pid] = daemon.name;
    }
  }
  for (int walk = 0; walk < 2; ++walk) {
    for (const ProcessFacts& process : all) {
      if (const auto parent = owners.find(process.parent); parent != owners.end()) {
        owners.try_emplace(process.pid, parent->second);
      }
    }
  }
  return owners;
}

}  // namespace

nlohmann::json collect_sockets(const EvidenceTools& tools) {
  const std::vector<ProcessFacts> all = read_processes();
  const auto owners = processes_of_daemons(tools, all);
  const std::vector<ListeningSocket> listening = read_listeners();
  const auto name_of = [&all](pid_t pid) {
    const auto found = std::ranges::find(all, pid, &ProcessFacts::pid);
    return found == all.end() ? std::string() : found->name;
  };
  nlohmann::json needed = nlohmann::json::array();
  for (const NeededPort& port : ports_of(tools.service.service)) {
    nlohmann::json row{{"daemon", port.daemon}, {"protocol", port.protocol}, {"port", port.port}};
    row["open"] = false;
    for (const ListeningSocket& socket : listening) {
      if (socket.protocol != port.protocol || socket.port != port.port) {
        continue;
      }
      const auto owner = owners.find(socket.pid);
      if (owner != owners.end()) {
        row["open"] = true;
      } else {
        // Of another container (pid 0), or of a process that is no daemon of ours.
        row["taken_by"] = {{"pid", socket.pid},
                           {"name", name_of(socket.pid)},
                           {"uid", socket.uid},
                           {"inode", socket.inode}};
      }
    }
    needed.push_back(std::move(row));
  }
  // What this container's other processes have: an agent whose port is taken finds the owner here.
  nlohmann::json others = nlohmann::json::array();
  for (const ListeningSocket& socket : listening) {
    if (socket.pid > 1 && !owners.contains(socket.pid) && others.size() < 20) {
      others.push_back({{"inode", socket.inode},
                        {"port", socket.port},
                        {"pid", socket.pid},
                        {"name", name_of(socket.pid)},
                        {"command", read_command_line(socket.pid)}});
    }
  }
  return {{"needed", std::move(needed)}, {"others", std::move(others)}};
}

}  // namespace podplay::agent
