// The shared part of writes.
#include "control/change.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "store/directory.hpp"
#include "store/sessions.hpp"
#include "wire/snapshot.hpp"

namespace podplay::control {
namespace {

constexpr auto kCheckDeadline = std::chrono::seconds(20);

}  // namespace

Revision Change::begin() {
  row_.id = static_cast<Revision>(transaction_.next("revision"));
  row_.at = context_.clock.now();
  row_.actor = actor_.email;
  row_.request_id = actor_.request_id;
  return row_.id;
}

void Change::concerns(ServiceName service, bool snapshot) {
  if (std::ranges::find(row_.services, service) == row_.services.end()) row_.services.push_back(service);
  if (snapshot && std::ranges::find(snapshots_, service) == snapshots_.end()) snapshots_.push_back(service);
}

void Change::put(DirectoryRow row) {
  row.revision = row_.id;
  concerns(ServiceName::mail, false);
  directory_.push_back(row);
  store::put_directory_row(transaction_, std::move(row));
}

void Change::finish(const std::string& event, const std::string& subject, const std::string& summary) {
  row_.summary = summary;
  store::insert_revision(transaction_, row_);
  event_ = audit_event(context_, actor_, event, subject);
  store::insert_audit(transaction_, event_);
}

void announce_change(Context& context, Revision revision, const std::vector<ServiceName>& services, const std::vector<ServiceName>& snapshots) {
  for (const ServiceName service : services) context.hub.announce(service, revision, std::ranges::find(snapshots, service) != snapshots.end());
}

std::vector<Verdict> ask_checkers(Context& context, const Actor& actor, const std::vector<Snapshot>& candidates) {
  std::vector<Verdict> verdicts;
  for (const Snapshot& candidate : candidates) {
    const nlohmann::json arguments{{"snapshot", wire::to_json(candidate)}};
    const auto result = context.hub.command(candidate.service, "dry_run", arguments.dump(), actor.request_id, kCheckDeadline);
    if (!result) {
      verdicts.push_back({candidate.service, false, "", describe(result.error())});
      continue;
    }
    const nlohmann::json found = nlohmann::json::parse(*result, nullptr, false);
    verdicts.push_back({candidate.service, found.value("ok", false), found.value("diff", ""), found.value("words", "")});
  }
  return verdicts;
}

}  // namespace podplay::control
