// The audit, newest rows first. So the cursor is the id below which a page begins.
#include "api/audit.hpp"

#include "api/answers.hpp"
#include "control/audit.hpp"

namespace podplay::api {
namespace {

Json to_json(const store::AuditRow& row) {
  return {{"id", row.id},
          {"at", to_rfc3339(row.at)},
          {"event", row.event},
          {"actor", row.actor},
          {"subject", row.subject},
          {"request_id", row.request_id},
          {"remote_address", row.remote_address},
          {"door", row.door},
          {"count", row.count}};
}

}  // namespace

Result<Answer> list_audit(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto events, control::list_audit(context, page.after, page.limit));
  return page_answer<store::AuditRow>(events, page, to_json,
                                      [](const store::AuditRow& row) { return row.id; });
}

}  // namespace podplay::api
