// Where the API and the agents meet: which agent has work, how far each has settled, commands and
// their results. All of it is in memory; what must survive is in the store. Thread-safe. Waiters
// sleep on a condition variable, so a commit wakes its agent at once.
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
#include "model/health.hpp"
#include "model/report.hpp"

namespace podplay::control {

// What one of several agents made of a command.
struct AgentResult {
  AgentName agent;
  // JSON
  Result<std::string> result;
};

class Hub {
 public:
  // `host`: this machine's name (PODPLAY_HOST_ID), whose agents are expected from the start.
  explicit Hub(Clock& clock, const std::string& host = kFirstHost);

  // Call it at start and after every commit: `revision` concerns `service`. `snapshot`: it concerns
  // the service's files, not only its rows.
  void announce(ServiceName service, Revision revision, bool snapshot);
  // Adds an agent that the store knows, of any host.
  void expect(const AgentName& agent);
  Revision newest(const AgentName& agent) const;
  // True when a revision that concerns the agent's files has not settled: the snapshot is worth
  // making.
  bool wants_snapshot(const AgentName& agent) const;

  // Returns when `ready` returns true, when the deadline has passed, or at close(). `ready` is
  // asked first, and again after each change; it is called with the lock released. `hung_up` tells
  // whether the agent has closed the connection on which it waits for this: it is asked every
  // second, and the agent counts as away at once, until it is seen again.
  void wait_for_change(const AgentName& agent, std::chrono::milliseconds longest,
                       const std::function<bool()>& ready,
                       const std::function<bool()>& hung_up = {});

  // Agents' side.
  void seen(const ServiceStatus& status);
  // The commands that this instance of the agent has not been given yet. A command that an earlier
  // instance took without giving a result is given again.
  std::vector<AgentCommand> take_commands(const AgentName& agent, const std::string& instance);
  void settle(const AgentName& agent, Revision revision);
  // Ignores a result of a command that is not waited for, or that another agent was given.
  void finish_command(const AgentName& agent, CommandResult result);

  // API's side. One status for each agent; "away" when its connection has ended, or when it has not
  // been heard of for 40 s.
  std::vector<ServiceStatus> statuses() const;
  // The agents that run the service, our own host's first. There is always that one.
  std::vector<AgentName> agents(ServiceName service) const;
  Revision settled(const AgentName& agent) const;
  // Waits until every agent of these services has settled the revision.
  bool wait_settled(const std::vector<ServiceName>& services, Revision revision,
                    std::chrono::milliseconds longest);
  // Gives the command to the agent and waits for its result (JSON). The agent's refusal is an
  // Error.
  Result<std::string> command(const AgentName& agent, const std::string& verb,
                              const std::string& arguments, const std::string& request_id,
                              std::chrono::milliseconds longest);
  // The same with any agent of the service that is there, for what each host can do as well as the
  // others, such as sending a mail. Our own host is preferred.
  Result<std::string> command_one(ServiceName service, const std::string& verb,
                                  const std::string& arguments, const std::string& request_id,
                                  std::chrono::milliseconds longest);
  // The same with every agent of the service, at the same time. Our own host's result is first.
  // Agents that are not there are not given it: see all_there().
  std::vector<AgentResult> command_all(ServiceName service, const std::string& verb,
                                       const std::string& arguments, const std::string& request_id,
                                       std::chrono::milliseconds longest);
  // Fails with "agent_away" when an agent of the service is not there.
  Status all_there(ServiceName service) const;
  // What the control plane found out about the services and itself (control/watch/health).
  void set_checks(std::vector<ServiceCheck> checks);
  std::vector<ServiceCheck> checks() const;
  // Wakes all waiters, since the program stops.
  void close();
  bool closed() const;

 private:
  struct Waiting {
    AgentCommand command;
    // The instance of the agent that took the command.
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
    // Its connection has ended since it was seen.
    bool hung_up = false;
    // Each stays until its result is there, or nobody waits for it.
    std::vector<Waiting> commands;
  };

  // Ends when the agent has news, after a second (again), at the deadline or at close() (over).
  enum class Wait { changed, again, over };
  Wait wait_a_second(const AgentName& agent, std::uint64_t before,
                     std::chrono::steady_clock::time_point deadline);
  // The connection on which the agent waited since `began` has ended.
  void hang_up(const AgentName& agent, SteadyTime began);

  // A command that an agent was given.
  struct Given {
    AgentName agent;
    std::string id;
  };

  // Call these with the mutex held.
  Result<Given> give(const AgentName& agent, const std::string& verb, const std::string& arguments,
                     const std::string& request_id);
  // Waits for the command's result; `longest` is for the words of a failure.
  Result<std::string> await(std::unique_lock<std::mutex>& lock, const Given& given,
                            std::chrono::steady_clock::time_point deadline,
                            std::chrono::milliseconds longest);
  std::vector<AgentName> agents_of(ServiceName service) const;
  bool is_there(const AgentName& agent) const;
  std::unexpected<Error> away(const AgentName& agent) const;
  // "mail" of our own host, "mail@second" of another one.
  std::string called(const AgentName& agent) const;
  bool is_away(const Agent& agent) const;
  ServiceStatus status_of(const AgentName& name, const Agent& agent) const;

  // Constant after construction.
  Clock& clock_;
  const std::string host_;
  SteadyTime begun_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::map<AgentName, Agent> agents_;
  std::vector<ServiceCheck> checks_;
  bool closed_ = false;
};

}  // namespace podplay::control
