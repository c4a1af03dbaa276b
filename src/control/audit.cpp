// An event's row and its log line say the same. The line comes after the commit, so it never tells
// of a change that was rolled back.
#include "control/audit.hpp"

namespace podplay::control {

store::AuditRow audit_event(const Context& context, const Actor& actor, const std::string& event,
                            const std::string& subject) {
  return {.at = context.clock.now(),
          .event = event,
          .actor = actor.email(),
          .subject = subject,
          .request_id = actor.request_id(),
          .remote_address = actor.remote_address()};
}

void log_audit(const Context& context, const store::AuditRow& row, Revision revision) {
  context.audit.info(row.event,
                     {{"subject", row.subject},
                      {"actor", row.actor},
                      {"revision", revision == 0 ? std::string() : std::to_string(revision)},
                      {"from", row.remote_address},
                      {"door", row.door},
                      {"count", row.count == 1 ? std::string() : std::to_string(row.count)},
                      {"request", row.request_id}});
}

void note_action(Context& context, const Actor& actor, const std::string& event,
                 const std::string& subject) {
  const store::AuditRow row = audit_event(context, actor, event, subject);
  const auto done = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::insert_audit(transaction, row);
    return true;
  });
  log_audit(context, row);
  if (!done) {
    context.log.error("an audit event could not be stored",
                      {{"event", event}, {"subject", subject}, {"why", describe(done.error())}});
  }
}

Result<std::vector<store::AuditRow>> list_audit(Context& context, std::int64_t before,
                                                std::int64_t limit) {
  return context.store.read<std::vector<store::AuditRow>>(
      [&](store::Session& session) { return store::list_audit(session, before, limit); });
}

}  // namespace podplay::control
