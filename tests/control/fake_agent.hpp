// An agent that answers as a test wants.
#pragma once

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "control/context.hpp"

namespace podplay::test {

// Answers every command that an agent is given with the next of `answers`, in a thread of its own.
class FakeAgent {
 public:
  FakeAgent(control::Context& context, AgentName agent, std::vector<CommandResult> answers)
      : context_(context), agent_(std::move(agent)), answers_(std::move(answers)) {
    ServiceStatus status;
    status.agent = agent_;
    context_.hub.seen(status);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeAgent() {
    stop_ = true;
    thread_.join();
  }
  // Read them only after the calls that they belong to.
  std::vector<AgentCommand> taken;

 private:
  void serve() {
    std::size_t next = 0;
    while (!stop_) {
      for (const AgentCommand& command : context_.hub.take_commands(agent_, "one")) {
        taken.push_back(command);
        CommandResult answer = next < answers_.size() ? answers_[next] : CommandResult{};
        ++next;
        answer.id = command.id;
        context_.hub.finish_command(agent_, answer);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  control::Context& context_;
  const AgentName agent_;
  const std::vector<CommandResult> answers_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

inline CommandResult yes(const nlohmann::json& result) {
  return {.id = "", .ok = true, .result = result.dump()};
}
inline CommandResult no(const std::string& code) {
  return {.id = "",
          .ok = false,
          .result = nlohmann::json{{"code", code}, {"message", "no"}, {"remedy", ""}}.dump()};
}

}  // namespace podplay::test
