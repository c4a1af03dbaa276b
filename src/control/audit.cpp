// An event's row and its log line say the same. The line comes after the commit, so it never tells
// of a change that was rolled back.
#include "control/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_text.hpp"

namespace podplay::control {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> kBookkeeping{"id", "revision", "created", "updated"};

// The members of `object` that are not the same in `other`.
std::string members_unlike(const json& object, const json& other) {
  if (!object.is_object()) {
    return {};
  }
  json members = json::object();
  for (const auto& [name, value] : object.items()) {
    const bool same = other.is_object() && other.contains(name) && other.at(name) == value;
    if (!same && std::ranges::find(kBookkeeping, name) == kBookkeeping.end()) {
      members[name] = value;
    }
  }
  return members.empty() ? std::string() : json_text(members);
}

json kept_object(const std::string& text) {
  json object = json::parse(text, nullptr, false);
  return object.is_object() ? object : json();
}

}  // namespace

Difference difference(const json& before, const json& after) {
  return {.before = members_unlike(before, after), .after = members_unlike(after, before)};
}

store::AuditRow audit_event(const Context& context, const Actor& actor, const std::string& event,
                            const std::string& subject, Difference changed) {
  return {.at = context.clock.now(),
          .event = event,
          .actor = actor.email(),
          .subject = subject,
          .request_id = actor.request_id(),
          .remote_address = actor.remote_address(),
          .before = std::move(changed.before),
          .after = std::move(changed.after)};
}

void log_audit(const Context& context, const store::AuditRow& row, Revision revision) {
  context.audit.info(row.event,
                     {{"subject", row.subject},
                      {"actor", row.actor},
                      {"revision", revision == 0 ? std::string() : std::to_string(revision)},
                      {"from", row.remote_address},
                      {"door", row.door},
                      {"count", row.count == 1 ? std::string() : std::to_string(row.count)},
                      {"request", row.request_id},
                      {"id", row.id == 0 ? std::string() : std::to_string(row.id)},
                      {"hash", row.hash}});
}

void note_action(Context& context, const Actor& actor, const std::string& event,
                 const std::string& subject, Difference changed) {
  store::AuditRow row = audit_event(context, actor, event, subject, std::move(changed));
  const auto done = context.store.write<store::AuditRow>(
      [&](store::Transaction& transaction) -> Result<store::AuditRow> {
        return store::insert_audit(transaction, row);
      });
  log_audit(context, done ? *done : row);
  if (!done) {
    context.log.error("an audit event could not be stored",
                      {{"event", event}, {"subject", subject}, {"why", describe(done.error())}});
  }
}

void note_failed_action(Context& context, const Actor& actor, const std::string& event,
                        const std::string& subject, const Error& error) {
  note_action(context, actor, event, fmt::format("{}: failed: {}", subject, error.message));
}

Result<std::vector<store::AuditRow>> list_audit(Context& context, std::int64_t cursor,
                                                std::int64_t limit,
                                                const store::AuditFilter& filter) {
  return context.store.read<std::vector<store::AuditRow>>(
      [&](store::Session& session) { return store::list_audit(session, cursor, limit, filter); });
}

wire::AuditEvent event_of(const store::AuditRow& row) {
  return {.id = row.id,
          .at = row.at,
          .event = row.event,
          .actor = row.actor,
          .subject = row.subject,
          .request_id = row.request_id,
          .remote_address = row.remote_address,
          .door = row.door,
          .count = row.count,
          .before = kept_object(row.before),
          .after = kept_object(row.after),
          .previous = row.previous,
          .hash = row.hash};
}

}  // namespace podplay::control
