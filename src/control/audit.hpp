// Every write leaves an audit event: a row in the write's own transaction and, once that is
// committed, a line in the audit log.
#pragma once

#include <string>
#include <vector>

#include "control/context.hpp"
#include "store/sessions.hpp"

namespace podplay::control {

// `subject`: what it is done to, for people ("test@example.com").
store::AuditRow audit_event(const Context& context, const Actor& actor, const std::string& event,
                            const std::string& subject);
// The line, for a row that was committed. `revision`: 0 when the write made none.
void log_audit(const Context& context, const store::AuditRow& row, Revision revision = 0);
// Both, in a transaction of its own, after something was done that the store does not hold
// otherwise. It was done whether or not this can be written: the line says it in any case, and an
// ERROR that the row is missing.
void note_action(Context& context, const Actor& actor, const std::string& event,
                 const std::string& subject);

// Newest first, below the id `before`; 0: from the newest.
Result<std::vector<store::AuditRow>> list_audit(Context& context, std::int64_t before,
                                                std::int64_t limit);

}  // namespace podplay::control
