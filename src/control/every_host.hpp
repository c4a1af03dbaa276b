// A question to the agents of a service on every host. With one host it is a question to its agent.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
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

// The answers, our own host's first; there is at least one. `parse` reads an agent's JSON. Fails
// when one host fails, and names it: an answer with a part missing would look like a whole one.
template <class T>
Result<std::vector<T>> ask_every_host(Context& context, const HostQuestion& question,
                                      Result<T> (*parse)(const std::string&)) {
  const auto results =
      context.hub.command_all(question.service, question.verb, json_text(question.arguments),
                              question.request_id, question.longest);
  std::vector<T> answers;
  for (const AgentResult& one : results) {
    if (one.result) {
      TRY(auto answer, parse(*one.result));
      answers.push_back(std::move(answer));
    } else if (question.elsewhere.empty() || one.result.error().code != question.elsewhere) {
      Error error = one.result.error();
      if (results.size() > 1) {
        error.message = fmt::format("{}: {}", to_text(one.agent), error.message);
      }
      return std::unexpected(std::move(error));
    }
  }
  if (answers.empty()) {
    return std::unexpected(results.front().result.error());
  }
  return answers;
}

}  // namespace podplay::control
