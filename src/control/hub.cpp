// One mutex guards all state. Every change of it wakes all waiters, and each looks whether its own
// condition holds, so no wake-up is lost.
#include "control/hub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace podplay::control {
namespace {

// A poll lasts at most 30 s.
constexpr auto kAwayAfter = std::chrono::seconds(40);
// How soon the end of a connection is noticed.
constexpr auto kHungUpPause = std::chrono::seconds(1);

// `result`: JSON of the agent's Error.
Error refusal_of(const std::string& result) {
  const nlohmann::json words = nlohmann::json::parse(result, nullptr, false);
  const auto member = [&words](const char* name) {
    return words.is_object() && words.contains(name) && words[name].is_string()
               ? words[name].get<std::string>()
               : std::string();
  };
  Error error{.kind = ErrorKind::refused,
              .code = member("code").empty() ? "command_failed" : member("code"),
              .message = member("message"),
              .remedy = member("remedy")};
  const nlohmann::json seconds =
      words.is_object() ? words.value("retry_after", nlohmann::json()) : nlohmann::json();
  if (seconds.is_number_integer() && seconds.get<std::int64_t>() > 0) {
    error.kind = ErrorKind::rate_limited;
    error.retry_after = std::chrono::seconds(seconds.get<std::int64_t>());
  }
  return error;
}

}  // namespace

Hub::Hub(Clock& clock, const std::string& host)
    : clock_(clock), host_(host), begun_(clock.steady()) {
  for (const ServiceName service : kServices) {
    agents_.try_emplace({service, host});
  }
}

void Hub::expect(const AgentName& agent) {
  const std::scoped_lock lock(mutex_);
  agents_.try_emplace(agent);
}

void Hub::announce(ServiceName service, Revision revision, bool snapshot) {
  {
    const std::scoped_lock lock(mutex_);
    for (auto& [name, agent] : agents_) {
      if (name.service != service) {
        continue;
      }
      agent.newest = std::max(agent.newest, revision);
      if (snapshot) {
        agent.newest_snapshot = std::max(agent.newest_snapshot, revision);
      }
      ++agent.changes;
    }
  }
  changed_.notify_all();
}

Revision Hub::newest(const AgentName& agent) const {
  const std::scoped_lock lock(mutex_);
  const auto found = agents_.find(agent);
  return found == agents_.end() ? 0 : found->second.newest;
}

bool Hub::wants_snapshot(const AgentName& agent) const {
  const std::scoped_lock lock(mutex_);
  const auto found = agents_.find(agent);
  return found != agents_.end() && found->second.newest_snapshot > found->second.settled;
}

void Hub::wait_for_change(const AgentName& agent, std::chrono::milliseconds longest,
                          const std::function<bool()>& ready,
                          const std::function<bool()>& hung_up) {
  const auto began = clock_.steady();
  const auto deadline = std::chrono::steady_clock::now() + longest;
  for (;;) {
    std::uint64_t before = 0;
    {
      const std::scoped_lock lock(mutex_);
      before = agents_[agent].changes;
    }
    if (ready()) {
      return;
    }
    Wait waited = Wait::again;
    while (waited == Wait::again) {
      waited = wait_a_second(agent, before, deadline);
      if (waited == Wait::over) {
        return;
      }
      if (waited == Wait::again && hung_up && hung_up()) {
        hang_up(agent, began);
        return;
      }
    }
  }
}

Hub::Wait Hub::wait_a_second(const AgentName& agent, std::uint64_t before,
                             std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  const bool changed = changed_.wait_until(lock, std::min(deadline, now + kHungUpPause), [&] {
    return closed_ || agents_[agent].changes != before;
  });
  if (closed_) {
    return Wait::over;
  }
  if (changed) {
    return Wait::changed;
  }
  return std::chrono::steady_clock::now() >= deadline ? Wait::over : Wait::again;
}

void Hub::hang_up(const AgentName& agent, SteadyTime began) {
  const std::scoped_lock lock(mutex_);
  Agent& entry = agents_[agent];
  // An agent that was seen meanwhile has another connection.
  entry.hung_up = entry.hung_up || entry.seen <= began;
}

void Hub::seen(const ServiceStatus& status) {
  {
    const std::scoped_lock lock(mutex_);
    Agent& entry = agents_[status.agent];
    entry.status = status;
    entry.status.seen = to_millis(clock_.now());
    entry.status.clock_ahead = status.sent == 0 ? 0 : status.sent - entry.status.seen;
    entry.seen = clock_.steady();
    entry.ever_seen = true;
    entry.hung_up = false;
  }
  changed_.notify_all();
}

std::vector<AgentCommand> Hub::take_commands(const AgentName& agent, const std::string& instance) {
  const std::scoped_lock lock(mutex_);
  std::vector<AgentCommand> taken;
  for (Waiting& waiting : agents_[agent].commands) {
    if (waiting.result || (!instance.empty() && waiting.taken_by == instance)) {
      continue;
    }
    waiting.taken_by = instance;
    taken.push_back(waiting.command);
  }
  return taken;
}

void Hub::settle(const AgentName& agent, Revision revision) {
  {
    const std::scoped_lock lock(mutex_);
    Agent& entry = agents_[agent];
    entry.settled = std::max(entry.settled, revision);
  }
  changed_.notify_all();
}

void Hub::finish_command(const AgentName& agent, CommandResult result) {
  {
    const std::scoped_lock lock(mutex_);
    auto& commands = agents_[agent].commands;
    const auto waiting = std::ranges::find_if(
        commands, [&](const Waiting& one) { return one.command.id == result.id; });
    // The caller has given up.
    if (waiting == commands.end()) {
      return;
    }
    waiting->result = std::move(result);
  }
  changed_.notify_all();
}

std::vector<ServiceStatus> Hub::statuses() const {
  const std::scoped_lock lock(mutex_);
  std::vector<ServiceStatus> all;
  for (const auto& [name, agent] : agents_) {
    all.push_back(status_of(name, agent));
  }
  return all;
}

bool Hub::is_away(const Agent& agent) const {
  return agent.hung_up || clock_.steady() - agent.seen > kAwayAfter;
}

ServiceStatus Hub::status_of(const AgentName& name, const Agent& agent) const {
  ServiceStatus status;
  if (agent.ever_seen) {
    status = agent.status;
    if (is_away(agent)) {
      status.state = "away";
      status.message = agent.hung_up
                           ? "the agent's connection has ended; check that its container runs"
                           : "the agent no longer reports; check that its container runs";
    }
    return status;
  }
  const bool begins = clock_.steady() - begun_ <= kAwayAfter;
  status.agent = name;
  status.state = begins ? "starting" : "away";
  status.message = begins ? "waiting for its agent to report"
                          : "the agent has not reported yet; look at the container's log";
  return status;
}

void Hub::set_checks(std::vector<ServiceCheck> checks) {
  const std::scoped_lock lock(mutex_);
  checks_ = std::move(checks);
}

std::vector<ServiceCheck> Hub::checks() const {
  const std::scoped_lock lock(mutex_);
  return checks_;
}

std::vector<AgentName> Hub::agents(ServiceName service) const {
  const std::scoped_lock lock(mutex_);
  return agents_of(service);
}

std::vector<AgentName> Hub::agents_of(ServiceName service) const {
  std::vector<AgentName> names;
  for (const auto& [name, agent] : agents_) {
    if (name.service == service) {
      names.insert(name.host == host_ ? names.begin() : names.end(), name);
    }
  }
  return names;
}

Revision Hub::settled(const AgentName& agent) const {
  const std::scoped_lock lock(mutex_);
  const auto found = agents_.find(agent);
  return found == agents_.end() ? 0 : found->second.settled;
}

bool Hub::wait_settled(const std::vector<ServiceName>& services, Revision revision,
                       std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  const auto all_settled = [&] {
    return std::ranges::all_of(agents_, [&](const auto& entry) {
      const bool concerned = std::ranges::find(services, entry.first.service) != services.end();
      return !concerned || entry.second.settled >= revision;
    });
  };
  changed_.wait_for(lock, longest, [&] { return closed_ || all_settled(); });
  return all_settled();
}

Result<std::string> Hub::command(const AgentName& agent, const std::string& verb,
                                 const std::string& arguments, const std::string& request_id,
                                 std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  TRY(const auto given, give(agent, verb, arguments, request_id));
  return await(lock, given, std::chrono::steady_clock::now() + longest, longest);
}

Result<std::string> Hub::command_one(ServiceName service, const std::string& verb,
                                     const std::string& arguments, const std::string& request_id,
                                     std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  const std::vector<AgentName> names = agents_of(service);
  const auto there =
      std::ranges::find_if(names, [&](const AgentName& name) { return is_there(name); });
  TRY(const auto given,
      give(there == names.end() ? names.front() : *there, verb, arguments, request_id));
  return await(lock, given, std::chrono::steady_clock::now() + longest, longest);
}

std::vector<AgentResult> Hub::command_all(ServiceName service, const std::string& verb,
                                          const std::string& arguments,
                                          const std::string& request_id,
                                          std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  const auto deadline = std::chrono::steady_clock::now() + longest;
  std::vector<std::pair<AgentName, Result<Given>>> all;
  for (const AgentName& name : agents_of(service)) {
    all.emplace_back(name, give(name, verb, arguments, request_id));
  }
  std::vector<AgentResult> results;
  for (const auto& [name, given] : all) {
    results.push_back(
        {name, given ? await(lock, *given, deadline, longest) : std::unexpected(given.error())});
  }
  return results;
}

Status Hub::all_there(ServiceName service) const {
  const std::scoped_lock lock(mutex_);
  for (const AgentName& name : agents_of(service)) {
    if (!is_there(name)) {
      return away(name);
    }
  }
  return {};
}

std::unexpected<Error> Hub::away(const AgentName& agent) const {
  return fail(ErrorKind::unavailable, "agent_away",
              fmt::format("the agent of {} does not answer", called(agent)),
              "GET /api/system/status shows the state of the services");
}

bool Hub::is_there(const AgentName& agent) const {
  const auto found = agents_.find(agent);
  return found != agents_.end() && found->second.ever_seen && !is_away(found->second);
}

std::string Hub::called(const AgentName& agent) const {
  return agent.host == host_ ? std::string(to_text(agent.service)) : to_text(agent);
}

Result<Hub::Given> Hub::give(const AgentName& agent, const std::string& verb,
                             const std::string& arguments, const std::string& request_id) {
  if (!is_there(agent)) {
    return away(agent);
  }
  Agent& entry = agents_.at(agent);
  // It cannot be guessed, and is never the id of a command from before a restart.
  const std::string id = random_token(12);
  entry.commands.push_back({{id, verb, arguments, request_id}, "", std::nullopt});
  ++entry.changes;
  changed_.notify_all();
  return Given{agent, id};
}

Result<std::string> Hub::await(std::unique_lock<std::mutex>& lock, const Given& given,
                               std::chrono::steady_clock::time_point deadline,
                               std::chrono::milliseconds longest) {
  Agent& entry = agents_.at(given.agent);
  const auto mine = [&] {
    return std::ranges::find_if(entry.commands,
                                [&](const Waiting& one) { return one.command.id == given.id; });
  };
  changed_.wait_until(lock, deadline, [&] { return closed_ || mine()->result.has_value(); });
  const std::optional<CommandResult> result = std::move(mine()->result);
  entry.commands.erase(mine());
  if (!result) {
    return fail(ErrorKind::timeout, "agent_timeout",
                fmt::format("{} gave no result within {} ms", called(given.agent), longest.count()),
                "GET /api/system/logs shows what it does");
  }
  if (result->ok) {
    return result->result;
  }
  return std::unexpected(refusal_of(result->result));
}

void Hub::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

bool Hub::closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

}  // namespace podplay::control
