// The link's messages as JSON and back. Both sides are built together: a missing member is an
// error.
#include "wire/link.hpp"

#include "base/json_text.hpp"
#include "wire/feed.hpp"
#include "wire/guarded.hpp"
#include "wire/snapshot.hpp"

namespace podplay {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DaemonStatus, name, state, pid, restarts, since, last_words)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProbeStatus, name, ok, message)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AgentCommand, id, verb, arguments, request_id)

namespace wire {
namespace {

Json set_aside_json(const std::vector<SetAsideRow>& rows) {
  Json list = Json::array();
  for (const SetAsideRow& row : rows) {
    list.push_back({{"kind", to_text(row.kind)},
                    {"key", row.key},
                    {"revision", row.revision},
                    {"daemon", row.daemon},
                    {"message", row.message}});
  }
  return list;
}

Result<std::vector<SetAsideRow>> set_aside_from_json(const Json& list) {
  std::vector<SetAsideRow> rows;
  for (const Json& value : list) {
    TRY(const auto kind, parse_row_kind(value.at("kind").get<std::string>()));
    rows.push_back({.kind = kind,
                    .key = value.at("key").get<std::string>(),
                    .revision = value.at("revision").get<Revision>(),
                    .daemon = value.at("daemon").get<std::string>(),
                    .message = value.at("message").get<std::string>()});
  }
  return rows;
}

// The members below may be missing: an agent of another version may leave them out.
Result<std::vector<HealthCheck>> checks_from_json(const Json& list) {
  std::vector<HealthCheck> checks;
  for (const Json& value : list) {
    const auto result = parse_check_result(value.at("result").get<std::string>());
    if (!result) {
      continue;
    }
    HealthCheck check{.name = value.at("name").get<std::string>(),
                      .result = *result,
                      .reason = value.at("reason").get<std::string>(),
                      .at = value.at("at").get<std::int64_t>(),
                      .interval = value.at("interval").get<std::int64_t>()};
    for (const Json& fact : value.at("facts")) {
      check.facts.push_back({.name = fact.at("name").get<std::string>(),
                             .value = fact.at("value").get<std::int64_t>(),
                             .limit = fact.at("limit").get<std::int64_t>()});
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

Json repairs_json(const std::vector<SelfRepair>& repairs) {
  Json list = Json::array();
  for (const SelfRepair& repair : repairs) {
    list.push_back({{"at", repair.at},
                    {"kind", repair.kind},
                    {"subject", repair.subject},
                    {"cause", repair.cause}});
  }
  return list;
}

std::vector<SelfRepair> repairs_from_json(const Json& list) {
  std::vector<SelfRepair> repairs;
  for (const Json& value : list) {
    repairs.push_back({.at = value.at("at").get<std::int64_t>(),
                       .kind = value.at("kind").get<std::string>(),
                       .subject = value.at("subject").get<std::string>(),
                       .cause = value.at("cause").get<std::string>()});
  }
  return repairs;
}

}  // namespace

Json to_json(const ProbeStatus& probe) { return Json(probe); }

Json to_json(const HealthCheck& check) {
  Json facts = Json::array();
  for (const CheckFact& fact : check.facts) {
    facts.push_back({{"name", fact.name}, {"value", fact.value}, {"limit", fact.limit}});
  }
  return {{"name", check.name},     {"result", to_text(check.result)},
          {"reason", check.reason}, {"facts", std::move(facts)},
          {"at", check.at},         {"interval", check.interval}};
}

Json to_json(const ServiceStatus& status) {
  Json checks = Json::array();
  for (const HealthCheck& check : status.checks) {
    checks.push_back(to_json(check));
  }
  return {{"service", to_text(status.agent.service)},
          {"host", status.agent.host},
          {"state", status.state},
          {"revision", status.revision},
          {"feed_seq", status.feed_seq},
          {"set_aside_count", status.set_aside_count},
          {"set_aside", set_aside_json(status.set_aside)},
          {"daemons", status.daemons},
          {"probes", status.probes},
          {"stage", status.stage},
          {"message", status.message},
          {"seen", status.seen},
          {"checks", std::move(checks)},
          {"repairs", repairs_json(status.repairs)},
          {"sent", status.sent},
          {"health", status.health},
          {"reasons", status.reasons}};
}

Result<ServiceStatus> status_from_json(const Json& value) {
  return guarded("service status", [&]() -> Result<ServiceStatus> {
    TRY(const auto service, parse_service(value.at("service").get<std::string>()));
    ServiceStatus status;
    status.agent = {service, value.at("host").get<std::string>()};
    value.at("state").get_to(status.state);
    value.at("revision").get_to(status.revision);
    value.at("feed_seq").get_to(status.feed_seq);
    value.at("set_aside_count").get_to(status.set_aside_count);
    TRY(auto rows, set_aside_from_json(value.at("set_aside")));
    status.set_aside = std::move(rows);
    value.at("daemons").get_to(status.daemons);
    value.at("probes").get_to(status.probes);
    value.at("stage").get_to(status.stage);
    value.at("message").get_to(status.message);
    value.at("seen").get_to(status.seen);
    if (value.contains("checks")) {
      TRY(auto checks, checks_from_json(value.at("checks")));
      status.checks = std::move(checks);
    }
    if (value.contains("repairs")) {
      status.repairs = repairs_from_json(value.at("repairs"));
    }
    if (value.contains("sent")) {
      value.at("sent").get_to(status.sent);
    }
    return status;
  });
}

Json to_json(const WorkQuestion& question) {
  return {{"status", to_json(question.status)},
          {"snapshot_hash", question.snapshot_hash},
          {"position", to_json(question.position)},
          {"wait", question.wait}};
}

Result<WorkQuestion> question_from_json(const Json& value) {
  return guarded("question for work", [&]() -> Result<WorkQuestion> {
    TRY(auto status, status_from_json(value.at("status")));
    TRY(auto position, position_from_json(value.at("position")));
    return WorkQuestion{.status = std::move(status),
                        .snapshot_hash = value.at("snapshot_hash").get<std::string>(),
                        .position = std::move(position),
                        .wait = value.at("wait").get<int>()};
  });
}

std::string answer_text(const WorkAnswer& answer, const std::optional<FeedPage>& page) {
  Json value{{"revision", answer.revision}, {"request", answer.request}};
  if (!answer.snapshot_hash.empty()) {
    value["snapshot_hash"] = answer.snapshot_hash;
  }
  if (answer.snapshot) {
    value["snapshot"] = to_json(*answer.snapshot);
  }
  std::string text = json_text(value);
  if (page) {
    // In place of the closing brace.
    text.back() = ',';
    text += R"("feed":)";
    text += page_text(*page);
    text += '}';
  }
  return text;
}

Result<WorkAnswer> answer_from_json(const Json& value) {
  return guarded("piece of work", [&]() -> Result<WorkAnswer> {
    WorkAnswer answer;
    value.at("revision").get_to(answer.revision);
    answer.request = text_or(value, "request");
    answer.snapshot_hash = text_or(value, "snapshot_hash");
    if (value.contains("snapshot")) {
      TRY(auto snapshot, snapshot_from_json(value.at("snapshot")));
      answer.snapshot = std::move(snapshot);
    }
    if (value.contains("feed")) {
      TRY(auto batch, batch_from_json(value.at("feed")));
      answer.feed = std::move(batch);
    }
    return answer;
  });
}

Json to_json(const CommandsQuestion& question) {
  return {{"instance", question.instance}, {"wait", question.wait}};
}

Result<CommandsQuestion> commands_question_from_json(const Json& value) {
  return guarded("question for commands", [&]() -> Result<CommandsQuestion> {
    return CommandsQuestion{.instance = value.at("instance").get<std::string>(),
                            .wait = value.at("wait").get<int>()};
  });
}

Json to_json(const std::vector<AgentCommand>& commands) { return {{"commands", commands}}; }

Result<std::vector<AgentCommand>> commands_from_json(const Json& value) {
  return guarded("list of commands", [&]() -> Result<std::vector<AgentCommand>> {
    return value.at("commands").get<std::vector<AgentCommand>>();
  });
}

Json to_json(const ApplyReport& report) {
  return {{"revision", report.revision},
          {"state", to_text(report.state)},
          {"stage", to_text(report.stage)},
          {"daemon", report.daemon},
          {"message", report.message},
          {"running", report.running},
          {"set_aside", set_aside_json(report.set_aside)},
          {"recovered", set_aside_json(report.recovered)}};
}

Result<ApplyReport> report_from_json(const Json& value) {
  return guarded("report", [&]() -> Result<ApplyReport> {
    TRY(const auto state, parse_apply_state(value.at("state").get<std::string>()));
    TRY(const auto stage, parse_stage(value.at("stage").get<std::string>()));
    TRY(auto set_aside, set_aside_from_json(value.at("set_aside")));
    TRY(auto recovered, set_aside_from_json(value.at("recovered")));
    return ApplyReport{.revision = value.at("revision").get<Revision>(),
                       .state = state,
                       .stage = stage,
                       .daemon = value.at("daemon").get<std::string>(),
                       .message = value.at("message").get<std::string>(),
                       .running = value.at("running").get<Revision>(),
                       .set_aside = std::move(set_aside),
                       .recovered = std::move(recovered)};
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
