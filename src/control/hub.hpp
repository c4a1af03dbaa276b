// Where the API and the agents meet: who has work, who has settled what, commands and their
// results. In memory; what must survive is in the store. Thread-safe; waiting is on condition
// variables, so that a commit wakes its agent at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/report.hpp"

namespace podplay::control {

class Hub {
 public:
  // `host`: this machine's, whose agents are expected from the start.
  explicit Hub(Clock& clock, const std::string& host = kFirstHost);

  // After start and after every commit: `service` is concerned by `revision`; `snapshot`: by its
  // files, not only the directory.
  void announce(ServiceName service, Revision revision, bool snapshot);
  // An agent that the store knows, of whatever host.
  void expect(const AgentName& agent);
  Revision newest(const AgentName& agent) const;
  // A revision that concerns its files has not settled: the snapshot is worth making.
  bool wants_snapshot(const AgentName& agent) const;

  // Waits until `ready` says so (called with the lock released), something changes, or the deadline
  // passes. `ready` is asked first, then after each change.
  void wait_for_change(const AgentName& agent, std::chrono::milliseconds longest,
                       const std::function<bool()>& ready);

  // Agents' side.
  void seen(const ServiceStatus& status);
  // What this instance of the agent has not been given yet: a command that one before it took with
  // it comes again.
  std::vector<AgentCommand> take_commands(const AgentName& agent, const std::string& instance);
  void settle(const AgentName& agent, Revision revision);
  // only of a command that this agent was given
  void finish_command(const AgentName& agent, CommandResult result);

  // API's side.
  // One for each agent; "away" when not heard of for 40 s
  std::vector<ServiceStatus> statuses() const;
  // Those that run the service, the first host first.
  std::vector<AgentName> agents(ServiceName service) const;
  Revision settled(const AgentName& agent) const;
  // Until every agent of these services has settled it.
  bool wait_settled(const std::vector<ServiceName>& services, Revision revision,
                    std::chrono::milliseconds longest);
  // Gives the command to the service's agent (of its first host) and waits for its result (JSON). A
  // refused command is an Error.
  Result<std::string> command(ServiceName service, std::string verb, std::string arguments,
                              std::string request_id, std::chrono::milliseconds longest);
  // wakes all who wait: the program stops
  void close();
  bool closed() const;

 private:
  struct Waiting {
    AgentCommand command;
    // instance of the agent
    std::string taken_by;
    std::optional<CommandResult> result;
  };
  struct Agent {
    Revision newest = 0;
    Revision newest_snapshot = 0;
    Revision settled = 0;
    std::uint64_t changes = 0;
    ServiceStatus status{};
    SteadyTime seen{};
    bool ever_seen = false;
    // until their results are there, or nobody waits for them
    std::vector<Waiting> commands;
  };

  // The mutex is held.
  Agent* find(ServiceName service);
  ServiceStatus status_of(const AgentName& name, const Agent& agent) const;

  // Constant after construction.
  Clock& clock_;
  SteadyTime begun_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::map<AgentName, Agent> agents_;
  bool closed_ = false;
};

}  // namespace podplay::control
