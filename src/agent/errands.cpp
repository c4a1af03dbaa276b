// Every fetched command gets a result, even an unknown one and one whose lane is full. A command
// stays without a result only when the agent stops before its turn, or when posting the result
// fails again and again.
#include "agent/errands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/evidence/sections.hpp"
#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "looks/look.hpp"
#include "wire/snapshot.hpp"

namespace podplay::agent {

using namespace std::chrono;

namespace {

// A lane holds this many commands. The caller of a later one would stop waiting before its turn
// came.
constexpr std::size_t kMostWaiting = 32;
// The pause between questions while the link is away.
constexpr milliseconds kAwayPause{500};
// Posting a result is tried again this often, with this pause.
constexpr int kResultRetries = 10;
constexpr milliseconds kResultPause{500};
// How long a diagnosis waits for probes.
constexpr milliseconds kProbing{1000};

}  // namespace

Lane lane_of(std::string_view verb) {
  constexpr std::string_view kLong[] = {"restart", "test", "mailbox_copy", "deleted_restore",
                                        "deleted_erase"};
  if (verb == "dry_run") {
    return Lane::check;
  }
  return std::ranges::find(kLong, verb) != std::end(kLong) ? Lane::long_work : Lane::query;
}

Errands::Errands(Parts parts, int poll_wait, Logger log)
    : parts_(parts),
      poll_wait_(poll_wait),
      log_(std::move(log)),
      instance_(random_token(9)),
      questions_(parts.identity, parts.board, silent_logger()),
      results_(parts.identity, parts.board, silent_logger()) {}

void Errands::fetch() {
  std::uint64_t seen = 0;
  while (!parts_.stop.requested()) {
    // The follower finds out whether the control plane is there, and says so on the board.
    if (!parts_.board.figures.linked) {
      seen = parts_.board.wait_for_change(seen, kAwayPause);
      continue;
    }
    auto commands = questions_.commands({.instance = instance_, .wait = poll_wait_});
    if (!commands) {
      parts_.stop.pause(kAwayPause);
      continue;
    }
    for (AgentCommand& command : *commands) {
      add(std::move(command));
    }
  }
}

void Errands::add(AgentCommand command) {
  {
    const std::scoped_lock lock(mutex_);
    auto& waiting = waiting_.at(static_cast<std::size_t>(lane_of(command.verb)));
    if (waiting.size() < kMostWaiting) {
      waiting.push_back(std::move(command));
      wakes_.notify_all();
      return;
    }
  }
  answer(command, fail(ErrorKind::unavailable, "agent_busy",
                       fmt::format("'{}' cannot be queued: {} commands already wait", command.verb,
                                   kMostWaiting),
                       "try again when they are done"));
}

void Errands::wake() {
  const std::scoped_lock lock(mutex_);
  wakes_.notify_all();
}

void Errands::run(Lane lane) {
  while (const auto command = next(lane)) {
    serve(*command);
  }
}

std::optional<AgentCommand> Errands::next(Lane lane) {
  std::unique_lock lock(mutex_);
  auto& waiting = waiting_.at(static_cast<std::size_t>(lane));
  wakes_.wait(lock, [&] { return parts_.stop.requested() || !waiting.empty(); });
  if (parts_.stop.requested()) {
    return std::nullopt;
  }
  AgentCommand command = std::move(waiting.front());
  waiting.pop_front();
  return command;
}

void Errands::serve(const AgentCommand& command) {
  const auto began = parts_.clock.steady();
  const auto result = execute(command);
  const auto took = duration_cast<milliseconds>(parts_.clock.steady() - began);
  // The control plane asks for these again and again.
  const Level well = command.verb == "metrics" ? Level::debug : Level::info;
  log_.log(result ? well : Level::warn, "command done",
           {{"verb", command.verb},
            {"ok", result.has_value()},
            {"request", command.request_id},
            {"ms", took.count()},
            {"error", result ? "" : result.error().message}});
  answer(command, result);
}

void Errands::answer(const AgentCommand& command, const Result<std::string>& result) {
  if (result) {
    send(command, {.id = command.id, .ok = true, .result = *result});
    return;
  }
  const Error& error = result.error();
  const wire::Json words{{"code", error.code},
                         {"message", error.message},
                         {"remedy", error.remedy},
                         {"retry_after", error.retry_after.count()}};
  send(command, {.id = command.id, .ok = false, .result = json_text(words)});
}

void Errands::send(const AgentCommand& command, const CommandResult& result) {
  Status sent = post(result);
  for (int again = 0; !sent && again < kResultRetries && parts_.stop.pause(kResultPause); ++again) {
    sent = post(result);
  }
  if (!sent) {
    log_.warn(
        "a command's result cannot be sent",
        {{"verb", command.verb}, {"request", command.request_id}, {"error", sent.error().message}});
  }
}

Status Errands::post(const CommandResult& result) {
  const std::scoped_lock lock(posting_);
  return results_.result(result);
}

Result<std::string> Errands::execute(const AgentCommand& command) {
  if (command.verb == "dry_run") {
    return dry_run(command.arguments);
  }
  if (command.verb == "restart") {
    return restart(command.arguments);
  }
  if (command.verb == "look") {
    return look(command.arguments);
  }
  if (command.verb == "evidence") {
    return evidence(command.arguments);
  }
  if (command.verb == "metrics" && parts_.metrics != nullptr) {
    return json_text(wire::Json{{"text", parts_.metrics->text()}});
  }
  if (command.verb == "send") {
    TRY(count_message(command));
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

Result<std::string> Errands::look(const std::string& arguments) const {
  TRY(const auto question, looks::question_from_json(wire::Json::parse(arguments, nullptr, false)));
  return json_text(looks::look_at(
      {.service = std::string(to_text(parts_.service.service)), .files = parts_.state + "/current"},
      question));
}

Result<std::string> Errands::evidence(const std::string& arguments) {
  return answer_evidence({.service = parts_.service,
                          .board = parts_.board,
                          .candidates = parts_.candidates,
                          .runner = parts_.runner,
                          .clock = parts_.clock,
                          .state = parts_.state,
                          .kept = kept_evidence_,
                          .probes = probe_now()},
                         arguments);
}

std::optional<std::vector<ProbeStatus>> Errands::probe_now() {
  if (probing_.valid() && probing_.wait_for(milliseconds{0}) == std::future_status::ready) {
    // Of an earlier question.
    static_cast<void>(probing_.get());
  }
  if (parts_.board.status().state != "ready") {
    // The keeper asks every few seconds.
    return std::nullopt;
  }
  if (!probing_.valid()) {
    probing_ = std::async(std::launch::async, [this] { return parts_.stages.probe_now(); });
  }
  if (probing_.wait_for(kProbing) != std::future_status::ready) {
    return std::nullopt;
  }
  return probing_.get();
}

Result<std::string> Errands::restart(const std::string& arguments) {
  const wire::Json value = wire::Json::parse(arguments, nullptr, false);
  if (!parts_.board.synced()) {
    return fail(ErrorKind::unavailable, "not_started", "the directory is not complete yet",
                "wait until the service is ready");
  }
  parts_.keeper.wait_until_started();
  TRY(parts_.stages.restart(wire::text_or(value, "daemon")));
  return "{}";
}

// The same limit as on the submission ports. A message of no account is the pod's own.
Status Errands::count_message(const AgentCommand& command) {
  const wire::Json value = wire::Json::parse(command.arguments, nullptr, false);
  // Joins the request with Postfix's lines, which name the message's id.
  log_.info("a message of the control plane", {{"request", command.request_id},
                                               {"message_id", wire::text_or(value, "message_id")},
                                               {"from", wire::text_or(value, "sender")}});
  if (!value.is_object() || wire::text_or(value, "account").empty()) {
    return {};
  }
  const auto recipients =
      value.is_object() ? value.value("recipients", wire::Json::array()).size() : std::size_t{0};
  const auto refusal =
      parts_.outbound.take(wire::text_or(value, "account"), static_cast<std::int64_t>(recipients));
  if (!refusal) {
    return {};
  }
  Error error{.kind = ErrorKind::rate_limited,
              .code = "too_many_messages",
              .message = refusal->words(),
              .remedy =
                  "wait until then; PODPLAY_MAIL_HOURLY_MESSAGES and "
                  "PODPLAY_MAIL_HOURLY_RECIPIENTS are the limits"};
  error.retry_after = ceil<seconds>(refusal->until - parts_.clock.now());
  return std::unexpected(std::move(error));
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
