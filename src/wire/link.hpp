// What agents and control plane say to each other on the link: work, rows of the feed, commands,
// reports (docs/pipe.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/feed.hpp"
#include "model/report.hpp"
#include "model/snapshot.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

struct WorkQuestion {
  ServiceStatus status;
  // Of the snapshot seen last, applied or refused.
  std::string snapshot_hash;
  // Up to where the replica has followed the feed.
  FeedPosition position{};
  // Seconds.
  int wait = 25;
};

struct WorkAnswer {
  // The newest one that concerns this service.
  Revision revision = 0;
  // The request that made that revision, for the log; empty: none.
  std::string request;
  // Of the snapshot that the service must have, when a revision that concerns its files is not
  // settled.
  std::string snapshot_hash;
  // Only when the agent has not seen it.
  std::optional<Snapshot> snapshot;
  // Rows that the agent has not seen, as the agent reads them.
  std::optional<FeedBatch> feed;
};

struct CommandsQuestion {
  // Random at the start of the agent, so that a new one is told apart from the one before it.
  std::string instance;
  // Seconds.
  int wait = 25;
};

Json to_json(const WorkQuestion& question);
Result<WorkQuestion> question_from_json(const Json& value);
// The answer as JSON text; `page` is its feed. The control plane's rows are text already
// (wire/feed.hpp), so `answer.feed` is for the agent only and not read here.
std::string answer_text(const WorkAnswer& answer, const std::optional<FeedPage>& page);
Result<WorkAnswer> answer_from_json(const Json& value);

Json to_json(const CommandsQuestion& question);
Result<CommandsQuestion> commands_question_from_json(const Json& value);
Json to_json(const std::vector<AgentCommand>& commands);
Result<std::vector<AgentCommand>> commands_from_json(const Json& value);

Json to_json(const ServiceStatus& status);
Result<ServiceStatus> status_from_json(const Json& value);
Json to_json(const ProbeStatus& probe);
Json to_json(const HealthCheck& check);
Json to_json(const ApplyReport& report);
Result<ApplyReport> report_from_json(const Json& value);
Json to_json(const CommandResult& result);
Result<CommandResult> command_result_from_json(const Json& value);
}  // namespace podplay::wire
