// Pages go from the newest revision to older ones. A request for one may wait until every service
// has settled it.
#include "api/revisions.hpp"

#include "api/answers.hpp"
#include "base/numbers.hpp"
#include "control/watch/revisions.hpp"

namespace podplay::api {
namespace {

Json outcome_json(const control::RevisionOutcome& outcome) {
  const store::RevisionRow& row = outcome.revision;
  Json body = applied_json(outcome);
  body["revision"] = row.id;
  body["at"] = to_rfc3339(row.at);
  body["actor"] = row.actor;
  body["request_id"] = row.request_id;
  body["summary"] = row.summary;
  return body;
}

}  // namespace

Result<Answer> list_revisions(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto revisions,
      control::list_revisions(context, static_cast<Revision>(page.after), page.limit));
  return page_answer<control::RevisionOutcome>(
      revisions, page, outcome_json, [](const control::RevisionOutcome& outcome) {
        return static_cast<std::int64_t>(outcome.revision.id);
      });
}

Result<Answer> get_revision(control::Context& context, Request& request) {
  const std::string& text = request.parameter;
  const auto id = parse_number<Revision>(text);
  if (!id) {
    return fail_faults({{.field = "number",
                         .code = "bad_number",
                         .message = "'" + text.substr(0, 40) + "' is not the number of a revision",
                         .remedy = "use a whole number"}});
  }
  TRY(const auto outcome,
      control::get_revision(context, request.actor, *id, std::chrono::seconds(request.wait)));
  return Answer{.body = outcome_json(outcome)};
}

}  // namespace podplay::api
