// The link's messages as JSON and back. Both sides are built together: a missing member is an
// error.
#include "wire/link.hpp"

#include <fmt/format.h>

#include "wire/snapshot.hpp"

namespace podplay {

static void to_json(wire::Json& j, const DaemonStatus& d) {
  j = {{"name", d.name},         {"state", d.state}, {"pid", d.pid},
       {"restarts", d.restarts}, {"since", d.since}, {"last_words", d.last_words}};
}
static void from_json(const wire::Json& j, DaemonStatus& d) {
  j.at("name").get_to(d.name);
  j.at("state").get_to(d.state);
  j.at("pid").get_to(d.pid);
  j.at("restarts").get_to(d.restarts);
  j.at("since").get_to(d.since);
  j.at("last_words").get_to(d.last_words);
}

static void to_json(wire::Json& j, const ProbeStatus& p) {
  j = {{"name", p.name}, {"ok", p.ok}, {"message", p.message}};
}
static void from_json(const wire::Json& j, ProbeStatus& p) {
  j.at("name").get_to(p.name);
  j.at("ok").get_to(p.ok);
  j.at("message").get_to(p.message);
}

static void to_json(wire::Json& j, const AgentCommand& c) {
  j = {{"id", c.id}, {"verb", c.verb}, {"arguments", c.arguments}, {"request_id", c.request_id}};
}
static void from_json(const wire::Json& j, AgentCommand& c) {
  j.at("id").get_to(c.id);
  j.at("verb").get_to(c.verb);
  j.at("arguments").get_to(c.arguments);
  j.at("request_id").get_to(c.request_id);
}

namespace wire {
namespace {

// Runs `read`, and turns a missing or mistyped member into an Error.
template <class Read>
auto guarded(const char* what, Read read) -> decltype(read()) {
  try {
    return read();
  } catch (const Json::exception& error) {
    return fail(ErrorKind::invalid, "bad_message",
                fmt::format("this is not a {}: {}", what, error.what()));
  }
}

Result<DirectoryRow> row_from_json(const Json& value) {
  const auto kind = parse_directory_kind(value.at("kind").get<std::string>());
  if (!kind) {
    return std::unexpected(kind.error());
  }
  DirectoryRow row;
  row.kind = *kind;
  value.at("seq").get_to(row.seq);
  value.at("revision").get_to(row.revision);
  value.at("key").get_to(row.key);
  value.at("deleted").get_to(row.deleted);
  if (row.deleted) {
    return row;
  }
  value.at("enabled").get_to(row.enabled);
  if (row.kind == DirectoryKind::mailbox) {
    value.at("owner").get_to(row.owner);
    value.at("password_hash").get_to(row.password_hash);
    value.at("quota").get_to(row.quota);
  }
  if (row.kind == DirectoryKind::alias) {
    value.at("targets").get_to(row.targets);
  }
  return row;
}

Json to_json(const DirectoryBatch& batch) {
  Json rows = Json::array();
  for (const DirectoryRow& row : batch.rows) {
    rows.push_back(wire::to_json(row));
  }
  return {{"rows", std::move(rows)},
          {"seq", batch.seq},
          {"complete", batch.complete},
          {"revision", batch.revision}};
}

Result<DirectoryBatch> batch_from_json(const Json& value) {
  DirectoryBatch batch;
  for (const Json& element : value.at("rows")) {
    TRY(auto row, row_from_json(element));
    batch.rows.push_back(std::move(row));
  }
  value.at("seq").get_to(batch.seq);
  value.at("complete").get_to(batch.complete);
  value.at("revision").get_to(batch.revision);
  return batch;
}

}  // namespace

Json to_public_json(const DirectoryRow& row) {
  Json value{{"seq", row.seq},
             {"revision", row.revision},
             {"kind", to_text(row.kind)},
             {"key", row.key},
             {"deleted", row.deleted}};
  if (row.deleted) {
    return value;
  }
  value["enabled"] = row.enabled;
  if (row.kind == DirectoryKind::mailbox) {
    value["quota"] = row.quota;
  }
  if (row.kind == DirectoryKind::alias) {
    value["targets"] = row.targets;
  }
  return value;
}

Json to_json(const DirectoryRow& row) {
  Json value = to_public_json(row);
  if (row.deleted || row.kind != DirectoryKind::mailbox) {
    return value;
  }
  value["owner"] = row.owner;
  value["password_hash"] = row.password_hash;
  return value;
}

Json to_json(const ProbeStatus& probe) {
  Json value;
  podplay::to_json(value, probe);
  return value;
}

Json to_json(const ServiceStatus& status) {
  return {{"service", to_text(status.service)},
          {"state", status.state},
          {"revision", status.revision},
          {"directory_seq", status.directory_seq},
          {"daemons", status.daemons},
          {"probes", status.probes},
          {"stage", status.stage},
          {"message", status.message},
          {"seen", status.seen}};
}

Result<ServiceStatus> status_from_json(const Json& value) {
  return guarded("service status", [&]() -> Result<ServiceStatus> {
    const auto service = parse_service(value.at("service").get<std::string>());
    if (!service) {
      return std::unexpected(service.error());
    }
    ServiceStatus status;
    status.service = *service;
    value.at("state").get_to(status.state);
    value.at("revision").get_to(status.revision);
    value.at("directory_seq").get_to(status.directory_seq);
    value.at("daemons").get_to(status.daemons);
    value.at("probes").get_to(status.probes);
    value.at("stage").get_to(status.stage);
    value.at("message").get_to(status.message);
    value.at("seen").get_to(status.seen);
    return status;
  });
}

Json to_json(const WorkQuestion& question) {
  return {{"status", to_json(question.status)},
          {"snapshot_hash", question.snapshot_hash},
          {"directory_seq", question.directory_seq},
          {"instance", question.instance},
          {"wait", question.wait}};
}

Result<WorkQuestion> question_from_json(const Json& value) {
  return guarded("question for work", [&]() -> Result<WorkQuestion> {
    TRY(auto status, status_from_json(value.at("status")));
    return WorkQuestion{std::move(status), value.at("snapshot_hash").get<std::string>(),
                        value.at("directory_seq").get<std::uint64_t>(),
                        value.at("instance").get<std::string>(), value.at("wait").get<int>()};
  });
}

Json to_json(const WorkAnswer& answer) {
  Json value{{"revision", answer.revision}, {"commands", answer.commands}};
  if (!answer.snapshot_hash.empty()) {
    value["snapshot_hash"] = answer.snapshot_hash;
  }
  if (answer.snapshot) {
    value["snapshot"] = to_json(*answer.snapshot);
  }
  if (answer.directory) {
    value["directory"] = to_json(*answer.directory);
  }
  return value;
}

Result<WorkAnswer> answer_from_json(const Json& value) {
  return guarded("piece of work", [&]() -> Result<WorkAnswer> {
    WorkAnswer answer;
    value.at("revision").get_to(answer.revision);
    value.at("commands").get_to(answer.commands);
    answer.snapshot_hash = text_or(value, "snapshot_hash");
    if (value.contains("snapshot")) {
      auto snapshot = snapshot_from_json(value.at("snapshot"));
      if (!snapshot) {
        return std::unexpected(snapshot.error());
      }
      answer.snapshot = std::move(*snapshot);
    }
    if (value.contains("directory")) {
      TRY(auto batch, batch_from_json(value.at("directory")));
      answer.directory = std::move(batch);
    }
    return answer;
  });
}

Json to_json(const ApplyReport& report) {
  return {{"revision", report.revision},    {"state", to_text(report.state)},
          {"stage", to_text(report.stage)}, {"daemon", report.daemon},
          {"message", report.message},      {"running", report.running}};
}

Result<ApplyReport> report_from_json(const Json& value) {
  return guarded("report", [&]() -> Result<ApplyReport> {
    TRY(const auto state, parse_apply_state(value.at("state").get<std::string>()));
    TRY(const auto stage, parse_stage(value.at("stage").get<std::string>()));
    return ApplyReport{value.at("revision").get<Revision>(),
                       state,
                       stage,
                       value.at("daemon").get<std::string>(),
                       value.at("message").get<std::string>(),
                       value.at("running").get<Revision>()};
  });
}

Json to_json(const CommandResult& result) {
  return {{"id", result.id}, {"ok", result.ok}, {"result", result.result}};
}

Result<CommandResult> command_result_from_json(const Json& value) {
  return guarded("command result", [&]() -> Result<CommandResult> {
    return CommandResult{value.at("id").get<std::string>(), value.at("ok").get<bool>(),
                         value.at("result").get<std::string>()};
  });
}

}  // namespace wire
}  // namespace podplay
