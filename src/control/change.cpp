// The shared part of writes.
#include "control/change.hpp"

#include <fmt/format.h>

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
  row_.actor = actor_.email();
  row_.request_id = actor_.request_id();
  return row_.id;
}

void Change::concerns(ServiceName service, bool snapshot) {
  if (std::ranges::find(row_.services, service) == row_.services.end()) {
    row_.services.push_back(service);
  }
  if (snapshot && std::ranges::find(row_.snapshots, service) == row_.snapshots.end()) {
    row_.snapshots.push_back(service);
  }
}

void Change::put(DirectoryRow row) {
  row.revision = row_.id;
  concerns(ServiceName::mail, false);
  directory_.push_back(row);
  store::put_directory_row(transaction_, std::move(row));
}

void Change::finish(const std::string& event, const std::string& subject,
                    const std::string& summary) {
  row_.summary = summary;
  store::insert_revision(transaction_, row_);
  note(event, subject);
}

void Change::note(const std::string& event, const std::string& subject) {
  events_.push_back(audit_event(context_, actor_, event, subject));
  store::insert_audit(transaction_, events_.back());
}

void announce_change(Context& context, Revision revision, const std::vector<ServiceName>& services,
                     const std::vector<ServiceName>& snapshots) {
  for (const ServiceName service : services) {
    context.hub.announce(service, revision,
                         std::ranges::find(snapshots, service) != snapshots.end());
  }
}

std::vector<Verdict> ask_checkers(Context& context, const Actor& actor,
                                  const std::vector<Snapshot>& candidates) {
  std::vector<Verdict> verdicts;
  for (const Snapshot& candidate : candidates) {
    const nlohmann::json arguments{{"snapshot", wire::to_json(candidate)}};
    const auto result = context.hub.command(candidate.service, "dry_run", arguments.dump(),
                                            actor.request_id(), kCheckDeadline);
    if (!result) {
      verdicts.push_back({candidate.service, false, false, "", describe(result.error())});
      continue;
    }
    const nlohmann::json found = nlohmann::json::parse(*result, nullptr, false);
    verdicts.push_back({candidate.service, found.value("ok", false), true, found.value("diff", ""),
                        found.value("words", "")});
  }
  return verdicts;
}

Status all_accept(const DryRun& found) {
  std::vector<Fault> faults;
  for (const Verdict& verdict : found.services) {
    if (verdict.ok || !verdict.asked) {
      continue;
    }
    faults.push_back({std::string(to_text(verdict.service)), "refused_by_checker", verdict.words,
                      "mend what it names, often a template override"});
  }
  if (faults.empty()) {
    return {};
  }
  std::string message =
      faults.size() == 1 ? fmt::format("nothing was changed: {} refuses it", faults[0].field)
                         : fmt::format("nothing was changed: {} services refuse it", faults.size());
  auto refused = fail_faults(std::move(faults), std::move(message));
  refused.error().kind = ErrorKind::refused;
  refused.error().code = "refused";
  return refused;
}

}  // namespace podplay::control
