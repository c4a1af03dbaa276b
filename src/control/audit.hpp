// Every write leaves an audit event: a row in the write's own transaction and, once that is
// committed, a line in the audit log.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "control/context.hpp"
#include "store/audit.hpp"
#include "wire/audit.hpp"

namespace podplay::control {

// What an event changed, as JSON objects without secrets; empty: nothing that is shown.
struct Difference {
  std::string before{};
  std::string after{};
};
// The members in which two objects differ, as the API shows them (wire::to_json); null: there is no
// object, since it was created or is deleted. Members that say how the object is now but not what
// it is (`revision`, `updated`, `created`, `id`) are left out. Never give it a secret.
Difference difference(const nlohmann::json& before, const nlohmann::json& after);

// `subject` is what the event was done to, for people: "test@example.com".
store::AuditRow audit_event(const Context& context, const Actor& actor, const std::string& event,
                            const std::string& subject, Difference changed = {});
// Logs a row that was committed. `revision` is 0 when the write made none. The line names the row's
// hash, so that the log is a witness of the chain outside of the store.
void log_audit(const Context& context, const store::AuditRow& row, Revision revision = 0);
// For an action that leaves nothing else in the store: writes the row in a transaction of its own,
// and logs the line. The action is done already, so the line is logged in any case, and a row that
// cannot be written is an ERROR in the log.
void note_action(Context& context, const Actor& actor, const std::string& event,
                 const std::string& subject, Difference changed = {});
// The same for one that failed, and may be done in part all the same.
void note_failed_action(Context& context, const Actor& actor, const std::string& event,
                        const std::string& subject, const Error& error);

// Newest first, or oldest first when the filter says so, beyond the id `cursor`; 0: from the
// beginning of the list.
Result<std::vector<store::AuditRow>> list_audit(Context& context, std::int64_t cursor,
                                                std::int64_t limit,
                                                const store::AuditFilter& filter = {});
// The event of a row, as people are shown it. The row itself keeps `before` and `after` as text,
// since its hash covers their octets. A text that is no JSON, since somebody changed the row,
// becomes null; verify_audit() finds such a row.
wire::AuditEvent event_of(const store::AuditRow& row);

}  // namespace podplay::control
