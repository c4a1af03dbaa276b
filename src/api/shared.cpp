// Pages, numbers of the query, and the answers of writes.
#include <fmt/format.h>

#include "api/handlers.hpp"
#include "api/outcome.hpp"
#include "base/numbers.hpp"
#include "control/watch/revisions.hpp"
#include "model/names.hpp"
#include "wire/feed.hpp"
#include "wire/link.hpp"
#include "wire/problem.hpp"

namespace podplay::api {

Result<std::int64_t> read_number(const Request& request, const char* name, std::int64_t otherwise,
                                 std::int64_t least, std::int64_t most) {
  const auto found = request.http.query.find(name);
  if (found == request.http.query.end()) {
    return otherwise;
  }
  const std::string& text = found->second;
  const auto value = parse_number<std::int64_t>(text);
  if (value && *value >= least && *value <= most) {
    return *value;
  }
  return fail_faults(
      {{name, "bad_number", fmt::format("{}='{}' is not possible", name, text.substr(0, 40)),
        fmt::format("use a whole number from {} to {}", least, most)}});
}

Result<Page> read_page(const Request& request) {
  TRY(const auto limit, read_number(request, "limit", 50, 1, 500));
  TRY(const auto after, read_number(request, "cursor", 0, 0, INT64_MAX));
  Page page{after, limit, ""};
  if (const auto domain = request.http.query.find("domain");
      domain != request.http.query.end() && !domain->second.empty()) {
    TRY(const auto name, DomainName::parse(domain->second, "domain"));
    page.domain = name.text();
  }
  return page;
}

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

namespace {

Json dry_run_json(const control::Rehearsal& rehearsal, Json object) {
  Json services = Json::array();
  for (const auto& verdict : rehearsal.services) {
    services.push_back({{"service", to_text(verdict.service)},
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

// Who refused, at which stage, in his own words.
Error refusal_error(const control::RevisionOutcome& outcome) {
  std::string message = fmt::format("revision {} was refused", outcome.revision.id);
  for (const auto& service : outcome.services) {
    if (service.state == ApplyState::refused) {
      message += fmt::format("; {} ({}, at {}): {}", to_text(service.agent.service), service.daemon,
                             service.stage, service.message);
    }
  }
  return {ErrorKind::refused,
          "refused",
          std::move(message),
          "the service keeps running as before, and tries again in a minute, then less often: mend "
          "the cause, or undo the change",
          {}};
}

}  // namespace

Result<Answer> write_answer(control::Context& context, const Request& request, WriteOutcome outcome,
                            int status) {
  if (outcome.rehearsal != nullptr && outcome.rehearsal->has_value()) {
    return Answer{200, dry_run_json(**outcome.rehearsal, std::move(outcome.object)), ""};
  }
  Json body = std::move(outcome.object);
  body["revision"] = outcome.revision;
  if (request.wait > 0) {
    TRY(const auto applied,
        control::get_revision(context, control::Actor::system(), outcome.revision,
                              std::chrono::seconds(request.wait)));
    if (applied.state == ApplyState::refused) {
      Json problem = wire::to_problem(refusal_error(applied), "");
      problem["applied"] = applied_json(applied);
      problem["revision"] = outcome.revision;
      return Answer{422, std::move(problem), ""};
    }
    body["applied"] = applied_json(applied);
  }
  return Answer{status, std::move(body), std::to_string(outcome.revision)};
}

}  // namespace podplay::api
