// The API tells the truth about writes: a change that a service refused is never answered with 200.
#include "api/answers.hpp"

#include <fmt/format.h>

#include "wire/feed.hpp"
#include "wire/problem.hpp"

namespace podplay::api {
namespace {

Json dry_run_json(const control::Rehearsal& rehearsal, Json object) {
  Json services = Json::array();
  for (const auto& verdict : rehearsal.services) {
    services.push_back({{"service", to_text(verdict.service)},
                        {"host", verdict.host},
                        {"ok", verdict.ok},
                        {"asked", verdict.asked},
                        {"diff", verdict.diff},
                        {"words", verdict.words}});
  }
  Json rows = Json::array();
  for (const auto& [service, list] : rehearsal.rows) {
    for (const FeedRow& row : list) {
      Json one = wire::to_public_json(row);
      one["service"] = to_text(service);
      rows.push_back(std::move(one));
    }
  }
  return {{"dry_run", true},
          {"object", std::move(object)},
          {"services", std::move(services)},
          {"rows", std::move(rows)}};
}

// Names each service that refused, the stage, and the daemon's own words.
Error refusal_error(const control::RevisionOutcome& outcome) {
  std::string message = fmt::format("revision {} was refused", outcome.revision.id);
  for (const auto& service : outcome.services) {
    if (service.state == ApplyState::refused) {
      message += fmt::format("; {} ({}, at {}): {}", to_text(service.agent.service), service.daemon,
                             service.stage, service.message);
    }
  }
  return {.kind = ErrorKind::refused,
          .code = "refused",
          .message = std::move(message),
          .remedy =
              "the service keeps running as before, and tries again in a minute, then less "
              "often: fix the cause, or undo the change"};
}

// Waits for it.
Result<control::RevisionOutcome> outcome_of(control::Context& context, const Request& request,
                                            const ChangedJson& changed) {
  // The author may be a user who may not list revisions, so the system asks.
  auto outcome = control::get_revision(context, control::Actor::system(), changed.revision,
                                       std::chrono::seconds(request.wait));
  // Retention deletes old revisions, but none that a service has still to apply.
  if (!outcome && changed.unchanged && outcome.error().kind == ErrorKind::not_found) {
    return control::RevisionOutcome{.revision = {}, .state = ApplyState::applied, .services = {}};
  }
  return outcome;
}

}  // namespace

Json applied_json(const control::RevisionOutcome& outcome) {
  Json services = Json::array();
  for (const auto& service : outcome.services) {
    services.push_back({{"service", to_text(service.agent.service)},
                        {"host", service.agent.host},
                        {"state", to_text(service.state)},
                        {"stage", service.stage},
                        {"daemon", service.daemon},
                        {"message", service.message}});
  }
  return {{"state", to_text(outcome.state)}, {"services", std::move(services)}};
}

Answer list_answer(Json items) {
  return {.body = {{"items", std::move(items)}, {"next", nullptr}}};
}

Result<Answer> write_answer(control::Context& context, const Request& request,
                            ChangedJson changed) {
  if (!changed.warnings.empty()) {
    changed.object["warnings"] = changed.warnings;
  }
  if (changed.rehearsal) {
    return Answer{.body = dry_run_json(*changed.rehearsal, std::move(changed.object)),
                  .status = 200};
  }
  Json body = std::move(changed.object);
  body["revision"] = changed.revision;
  if (changed.unchanged) {
    body["changed"] = false;
  }
  if (request.wait > 0) {
    TRY(const auto outcome, outcome_of(context, request, changed));
    if (outcome.state == ApplyState::refused) {
      Json problem = wire::to_problem(refusal_error(outcome), request.actor.request_id());
      problem["applied"] = applied_json(outcome);
      problem["revision"] = changed.revision;
      return Answer{.body = std::move(problem), .status = 422};
    }
    body["applied"] = applied_json(outcome);
  }
  Answer answer{.body = std::move(body)};
  if (request.http.method != "DELETE") {
    answer.etag = control::etag_of(changed.revision);
  }
  return answer;
}

}  // namespace podplay::api
