// What agents and control plane say to each other on the link: work, directory rows, commands, reports (docs/pipe.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/directory.hpp"
#include "model/report.hpp"
#include "model/snapshot.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

struct WorkQuestion {
  ServiceStatus status;
  std::string snapshot_hash;  // of the snapshot seen last, applied or refused
  std::uint64_t directory_seq = 0;
  std::string instance;  // of the agent, random at its start: what an agent before it took, this one has not
  int wait = 25;         // seconds
};

struct WorkAnswer {
  Revision revision = 0;             // the newest that concerns this service
  std::string snapshot_hash;         // of what its files shall be, when a revision that concerns them is not settled
  std::optional<Snapshot> snapshot;  // when the agent has not seen it
  std::optional<DirectoryBatch> directory;
  std::vector<AgentCommand> commands;
};

Json to_json(const WorkQuestion& question);
Result<WorkQuestion> question_from_json(const Json& value);
Json to_json(const WorkAnswer& answer);
Result<WorkAnswer> answer_from_json(const Json& value);

Json to_json(const ServiceStatus& status);
Result<ServiceStatus> status_from_json(const Json& value);
Json to_json(const ProbeStatus& probe);
Json to_json(const ApplyReport& report);
Result<ApplyReport> report_from_json(const Json& value);
Json to_json(const CommandResult& result);
Result<CommandResult> command_result_from_json(const Json& value);
Json to_json(const DirectoryRow& row);         // with the password hash: only for the mail agent
Json to_public_json(const DirectoryRow& row);  // without it: for dry runs

}  // namespace podplay::wire
