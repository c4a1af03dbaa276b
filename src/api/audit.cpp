// The audit, newest rows first unless asked otherwise. So the cursor is the id beyond which a page
// begins.
#include "api/audit.hpp"

#include <fmt/format.h>

#include "api/answers.hpp"
#include "base/numbers.hpp"
#include "control/audit.hpp"
#include "control/audit_chain.hpp"
#include "wire/audit.hpp"

namespace podplay::api {
namespace {

Json row_json(const store::AuditRow& row) { return wire::to_json(control::event_of(row)); }

Json mark_json(const store::AuditMark& mark) { return {{"id", mark.id}, {"hash", mark.hash}}; }

// "42:2c26b4..."; nothing gives a mark with the id 0.
Result<store::AuditMark> read_witness(const Request& request) {
  const std::string text = read_text(request, "witness");
  if (text.empty()) {
    return store::AuditMark{};
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto id = parse_number<std::int64_t>(text.substr(0, colon));
  if (!id || *id <= 0 || colon + 1 >= text.size()) {
    return fail_faults(
        {{.field = "witness",
          .code = "bad_witness",
          .message = fmt::format("'{}' is no event with its hash", text.substr(0, 80)),
          .remedy = "give ID:HASH, as the audit log and podplay audit verify show it"}});
  }
  return store::AuditMark{*id, text.substr(colon + 1)};
}

}  // namespace

Result<Answer> list_audit(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  store::AuditFilter filter{.event = read_text(request, "event"),
                            .actor = read_text(request, "actor"),
                            .subject = read_text(request, "subject"),
                            .request_id = read_text(request, "request"),
                            .text = read_text(request, "search"),
                            .ascending = page.sort == "id" && !page.descending};
  TRY(filter.since, read_time(request, "since"));
  TRY(filter.until, read_time(request, "until"));
  TRY(const auto events, control::list_audit(context, page.after, page.limit, filter));
  return page_answer<store::AuditRow>(events, page, row_json,
                                      [](const store::AuditRow& row) { return row.id; });
}

Result<Answer> verify_audit(control::Context& context, Request& request) {
  TRY(const auto witness, read_witness(request));
  TRY(const auto verdict, control::verify_audit(context, witness));
  Json faults = Json::array();
  for (const control::AuditFault& fault : verdict.faults) {
    faults.push_back({{"id", fault.id}, {"kind", fault.kind}, {"message", fault.message}});
  }
  return Answer{.body = {{"whole", verdict.fault_count == 0},
                         {"events", verdict.count},
                         {"anchor", mark_json(verdict.anchor)},
                         {"head", mark_json(verdict.head)},
                         {"faults", std::move(faults)},
                         {"fault_count", verdict.fault_count}}};
}

}  // namespace podplay::api
