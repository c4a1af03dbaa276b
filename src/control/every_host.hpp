// A question to the agents of a service on every host. With one host it is a question to its agent.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_text.hpp"
#include "control/context.hpp"

namespace podplay::control {

struct HostQuestion {
  ServiceName service;
  std::string verb;
  nlohmann::json arguments;
  std::string request_id{};
  std::chrono::milliseconds longest;
  // A refusal with this code means that the thing is not on this host. It counts only when no host
  // has the thing. Empty: there is no such code.
  std::string_view elsewhere{};
};

// The error of one host, which names it; those of the hub do already.
inline Error of_host(const AgentName& agent, Error error, bool one_of_several) {
  if (one_of_several && error.code != "agent_away" && error.code != "agent_timeout") {
    error.message = fmt::format("{}: {}", to_text(agent), error.message);
  }
  return error;
}

// The answers, our own host's first; there is at least one. `parse` reads an agent's JSON. Fails
// when one host fails, and names it: an answer with a part missing would look like a whole one.
// "agent_away": an agent was not there, so none was asked.
template <class T>
Result<std::vector<T>> ask_every_host(Context& context, const HostQuestion& question,
                                      Result<T> (*parse)(const std::string&)) {
  TRY(context.hub.all_there(question.service));
  const auto results =
      context.hub.command_all(question.service, question.verb, json_text(question.arguments),
                              question.request_id, question.longest);
  std::vector<T> answers;
  std::optional<Error> failed;
  std::optional<Error> elsewhere;
  for (const AgentResult& one : results) {
    auto answer = one.result ? parse(*one.result) : Result<T>(std::unexpected(one.result.error()));
    if (answer) {
      answers.push_back(std::move(*answer));
    } else if (!question.elsewhere.empty() && answer.error().code == question.elsewhere) {
      elsewhere = std::move(answer.error());
    } else if (!failed) {
      failed = of_host(one.agent, std::move(answer.error()), results.size() > 1);
    }
  }
  if (failed) {
    return std::unexpected(std::move(*failed));
  }
  if (answers.empty()) {
    return std::unexpected(std::move(*elsewhere));
  }
  return answers;
}

}  // namespace podplay::control
