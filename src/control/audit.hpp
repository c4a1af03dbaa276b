// Every write leaves an audit event: a row in the write's own transaction and, once that is
// committed, a line in the audit log.
#pragma once

#include <string>
#include <vector>

#include "control/context.hpp"
#include "store/audit.hpp"

namespace podplay::control {

// `subject` is what the event was done to, for people: "test@example.com".
store::AuditRow audit_event(const Context& context, const Actor& actor, const std::string& event,
                            const std::string& subject);
// Logs a row that was committed. `revision` is 0 when the write made none.
void log_audit(const Context& context, const store::AuditRow& row, Revision revision = 0);
// For an action that leaves nothing else in the store: writes the row in a transaction of its own,
// and logs the line. The action is done already, so the line is logged in any case, and a row that
// cannot be written is an ERROR in the log.
void note_action(Context& context, const Actor& actor, const std::string& event,
                 const std::string& subject);

// Newest first, below the id `before`; 0: from the newest.
Result<std::vector<store::AuditRow>> list_audit(Context& context, std::int64_t before,
                                                std::int64_t limit);

}  // namespace podplay::control
