// Every command that was taken gets a result, also one that no daemon knows; only the agent's end
// leaves it without.
#include "agent/errands.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.hpp"
#include "wire/snapshot.hpp"

namespace podplay::agent {

using namespace std::chrono;

namespace {

// A result that cannot be sent is tried again, this often and with this pause.
constexpr int kResultRetries = 10;
constexpr milliseconds kResultPause{500};

}  // namespace

Errands::Errands(Parts parts, Logger log)
    : parts_(parts), log_(std::move(log)), link_(parts.identity, parts.board, silent_logger()) {}

void Errands::add(std::vector<AgentCommand> commands) {
  if (commands.empty()) {
    return;
  }
  const std::scoped_lock lock(mutex_);
  std::ranges::move(commands, std::back_inserter(waiting_));
  wakes_.notify_all();
}

void Errands::wake() {
  const std::scoped_lock lock(mutex_);
  wakes_.notify_all();
}

void Errands::run() {
  while (const auto command = next()) {
    serve(*command);
  }
}

std::optional<AgentCommand> Errands::next() {
  std::unique_lock lock(mutex_);
  wakes_.wait(lock, [&] { return parts_.stop.requested() || !waiting_.empty(); });
  if (parts_.stop.requested()) {
    return std::nullopt;
  }
  AgentCommand command = std::move(waiting_.front());
  waiting_.pop_front();
  return command;
}

void Errands::serve(const AgentCommand& command) {
  const auto began = parts_.clock.steady();
  const auto result = execute(command);
  CommandResult answer{.id = command.id, .ok = result.has_value(), .result = result.value_or("")};
  if (!result) {
    const Error& error = result.error();
    answer.result = json_text(
        wire::Json{{"code", error.code}, {"message", error.message}, {"remedy", error.remedy}});
  }
  const auto took = duration_cast<milliseconds>(parts_.clock.steady() - began);
  log_.log(result ? Level::info : Level::warn, "command done",
           {{"verb", command.verb},
            {"ok", answer.ok},
            {"request", command.request_id},
            {"ms", took.count()},
            {"error", result ? "" : result.error().message}});
  send(command, answer);
}

void Errands::send(const AgentCommand& command, const CommandResult& answer) {
  Status sent = link_.result(answer);
  for (int again = 0; !sent && again < kResultRetries && parts_.stop.pause(kResultPause); ++again) {
    sent = link_.result(answer);
  }
  if (!sent) {
    log_.warn(
        "a command's result cannot be sent",
        {{"verb", command.verb}, {"request", command.request_id}, {"error", sent.error().message}});
  }
}

Result<std::string> Errands::execute(const AgentCommand& command) {
  if (command.verb == "dry_run") {
    return dry_run(command.arguments);
  }
  if (command.verb == "restart") {
    return restart(command.arguments);
  }
  for (const auto& daemon : parts_.service.daemons) {
    if (daemon->knows(command.verb)) {
      return daemon->command(parts_.runner, command.verb, command.arguments);
    }
  }
  return fail(
      ErrorKind::not_found, "verb_unknown",
      fmt::format("{} knows no command '{}'", to_text(parts_.service.service), command.verb));
}

Result<std::string> Errands::restart(const std::string& arguments) {
  const wire::Json value = wire::Json::parse(arguments, nullptr, false);
  if (!parts_.board.synced()) {
    return fail(ErrorKind::unavailable, "not_started", "the directory is not whole yet",
                "wait until the service is ready");
  }
  parts_.keeper.wait_until_started();
  TRY(parts_.stages.restart(wire::text_or(value, "daemon")));
  return "{}";
}

Result<std::string> Errands::dry_run(const std::string& arguments) {
  const wire::Json value = wire::Json::parse(arguments, nullptr, false);
  if (!value.is_object() || !value.contains("snapshot")) {
    return fail(ErrorKind::invalid, "bad_message", "a dry run needs a snapshot");
  }
  TRY(const auto snapshot, wire::snapshot_from_json(value["snapshot"]));
  if (snapshot.service != parts_.service.service) {
    return fail(ErrorKind::invalid, "other_service", "this snapshot is for another service");
  }
  TRY(const auto verdict, parts_.candidates.dry_run(snapshot));
  return json_text(wire::Json{{"files_changed", verdict.files_changed},
                              {"diff", verdict.diff},
                              {"ok", verdict.ok},
                              {"words", verdict.words}});
}

}  // namespace podplay::agent
