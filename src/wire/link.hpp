// What agents and control plane say to each other on the link: work, directory rows, commands,
// reports (docs/pipe.md).
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
  // of the snapshot seen last, applied or refused
  std::string snapshot_hash;
  std::uint64_t directory_seq = 0;
  // of the agent, random at its start: what an agent before it took, this one has not
  std::string instance;
  // seconds
  int wait = 25;
};

struct WorkAnswer {
  // the newest that concerns this service
  Revision revision = 0;
  // of what its files shall be, when a revision that concerns them is not settled
  std::string snapshot_hash;
  // when the agent has not seen it
  std::optional<Snapshot> snapshot;
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
// with the password hash: only for the mail agent
Json to_json(const DirectoryRow& row);
// without it: for dry runs
Json to_public_json(const DirectoryRow& row);

}  // namespace podplay::wire
