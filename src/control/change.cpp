// A write is either committed and announced, or rehearsed: the same work in a transaction that is
// rolled back, whose files and rows are then shown to the agents' checkers.
#include "control/change.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_text.hpp"
#include "store/feed.hpp"
#include "wire/feed.hpp"
#include "wire/snapshot.hpp"

namespace podplay::control {
namespace {

constexpr auto kCheckDeadline = std::chrono::seconds(20);

void add_once(std::vector<ServiceName>& services, ServiceName service) {
  if (std::ranges::find(services, service) == services.end()) {
    services.push_back(service);
  }
}

// What one service is shown: files, rows, or both.
struct Candidate {
  std::optional<Snapshot> snapshot;
  std::vector<FeedRow> rows;
};

// The verdict on a service that gets only rows, which no checker sees beforehand.
Verdict only_rows(const Context& context, ServiceName service) {
  return {.service = service,
          .host = context.settings.text("PODPLAY_HOST_ID"),
          .ok = true,
          .asked = false,
          .diff = "",
          .words =
              "rows only: each is checked when it is applied, and set aside with the reason if "
              "a daemon does not take it"};
}

Verdict verdict_of(const AgentName& agent, const Result<std::string>& result) {
  if (!result) {
    // An agent that is away is not asked. One that does not answer in time has not agreed.
    const bool away = result.error().code == "agent_away";
    return {.service = agent.service,
            .host = agent.host,
            .ok = false,
            .asked = !away,
            .diff = "",
            .words = describe(result.error())};
  }
  const nlohmann::json found = nlohmann::json::parse(*result, nullptr, false);
  return {.service = agent.service,
          .host = agent.host,
          .ok = found.value("ok", false),
          .asked = true,
          .diff = found.value("diff", ""),
          .words = found.value("words", "")};
}

// One verdict for each host.
std::vector<Verdict> ask_checkers(Context& context, const Actor& actor, const Snapshot& candidate) {
  const nlohmann::json arguments{{"snapshot", wire::to_json(candidate)}};
  std::vector<Verdict> verdicts;
  for (const AgentResult& one :
       context.hub.command_all(candidate.service, "dry_run", json_text(arguments),
                               actor.request_id(), kCheckDeadline)) {
    verdicts.push_back(verdict_of(one.agent, one.result));
  }
  return verdicts;
}

struct Recorded {
  store::RevisionRow revision;
  std::vector<store::AuditRow> events;
  // Set when nothing was written.
  std::optional<Revision> left_since;
};

Result<Recorded> commit(Context& context, const Actor& actor,
                        const std::function<Status(Change&)>& work) {
  return context.store.write<Recorded>([&](store::Transaction& transaction) -> Result<Recorded> {
    Change change(context, actor, transaction);
    change.begin();
    TRY(work(change));
    if (change.left_since()) {
      transaction.roll_back();
    }
    return Recorded{change.row(), change.events(), change.left_since()};
  });
}

// After the commit: the audit log's lines, and the agents' wake-up.
void announce(Context& context, const Recorded& recorded) {
  const store::RevisionRow& revision = recorded.revision;
  for (const store::AuditRow& event : recorded.events) {
    log_audit(context, event, revision.id);
  }
  for (const ServiceName service : revision.services) {
    const bool files = std::ranges::find(revision.snapshots, service) != revision.snapshots.end();
    context.hub.announce(service, revision.id, files);
  }
}

Result<Written> rehearse(Context& context, const Actor& actor,
                         const std::function<Status(Change&)>& work) {
  Written written;
  std::map<ServiceName, Candidate> candidates;
  auto done = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    Change change(context, actor, transaction);
    change.begin();
    TRY(work(change));
    written.services = change.row().services;
    for (const ServiceName service : change.row().snapshots) {
      TRY(auto snapshot, make_snapshot(context, transaction, service, change.revision()));
      candidates[service].snapshot = std::move(snapshot);
    }
    for (auto& [service, rows] : change.take_rows()) {
      candidates[service].rows = std::move(rows);
    }
    transaction.roll_back();
    return true;
  });
  TRY(std::move(done));
  Rehearsal rehearsal;
  for (auto& [service, candidate] : candidates) {
    if (candidate.snapshot) {
      std::ranges::move(ask_checkers(context, actor, *candidate.snapshot),
                        std::back_inserter(rehearsal.services));
    } else {
      rehearsal.services.push_back(only_rows(context, service));
    }
    rehearsal.rows[service] = std::move(candidate.rows);
  }
  written.rehearsal = std::move(rehearsal);
  return written;
}

}  // namespace

Revision Change::begin() {
  row_.id = static_cast<Revision>(transaction_.next("revision"));
  row_.at = context_.clock.now();
  row_.actor = actor_.email();
  row_.request_id = actor_.request_id();
  return row_.id;
}

void Change::concern_files(ServiceName service) {
  add_once(row_.services, service);
  add_once(row_.snapshots, service);
}

void Change::concern_rows(ServiceName service) { add_once(row_.services, service); }

void Change::put(ServiceName service, FeedRow row) {
  row.revision = row_.id;
  concern_rows(service);
  store::put_feed_row(transaction_, service,
                      {.kind = row.kind(),
                       .key = row.key,
                       .revision = row.revision,
                       .deleted = row.deleted,
                       .content = row.deleted ? "" : wire::content_text(row.content)});
  rows_[service].push_back(std::move(row));
}

void Change::finish(const std::string& event, const std::string& subject,
                    const std::string& summary, Difference changed) {
  row_.summary = summary;
  store::insert_revision(transaction_, row_);
  note(event, subject, std::move(changed));
}

void Change::leave(Revision since) { left_since_ = since; }

void Change::note(const std::string& event, const std::string& subject, Difference changed) {
  events_.push_back(store::insert_audit(
      transaction_, audit_event(context_, actor_, event, subject, std::move(changed))));
}

Result<Written> write_change(Context& context, const Actor& actor, const WriteOptions& options,
                             const std::function<Status(Change&)>& work) {
  if (options.dry_run) {
    return rehearse(context, actor, work);
  }
  TRY(const auto recorded, commit(context, actor, work));
  if (recorded.left_since) {
    return Written{.revision = *recorded.left_since, .unchanged = true};
  }
  announce(context, recorded);
  return Written{.revision = recorded.revision.id, .services = recorded.revision.services};
}

}  // namespace podplay::control
