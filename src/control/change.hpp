// What every write shares: one transaction that holds the object, its audit event, its directory
// rows and the revision; then the wake-up of the agents. A dry run walks the same way and asks the
// agents' checkers instead of committing.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/audit.hpp"
#include "control/certificates.hpp"
#include "control/context.hpp"
#include "model/directory.hpp"
#include "model/snapshot.hpp"
#include "store/revisions.hpp"
#include "store/sessions.hpp"

namespace podplay::control {

// One service's verdict on a candidate.
struct Verdict {
  ServiceName service = ServiceName::apache;
  bool ok = true;
  // false: the agent is away
  bool asked = true;
  // unified, of all files that would change
  std::string diff;
  // the checker's, or why it could not be asked
  std::string words;
};

struct DryRun {
  std::vector<Verdict> services;
  std::vector<DirectoryRow> directory;
};

// What a write gives: the object as it now is, its revision, or what a dry run found.
template <class T>
struct Changed {
  T object{};
  Revision revision = 0;
  std::vector<ServiceName> services;
  std::optional<DryRun> dry_run;
};

// A write under way.
class Change {
 public:
  Change(Context& context, const Actor& actor, store::Transaction& transaction)
      : context_(context), actor_(actor), transaction_(transaction) {}

  // Takes the next revision: all writers wait here for each other, so the feed's order is the
  // commits' order.
  Revision begin();
  Revision revision() const { return row_.id; }
  WallTime now() const { return row_.at; }
  store::Transaction& transaction() { return transaction_; }

  // snapshot: its files, not only the directory
  void concerns(ServiceName service, bool snapshot);
  // sequence and revision are filled in
  void put(DirectoryRow row);
  // Writes the revision and the audit event. `summary` is "create user test@example.com".
  void finish(const std::string& event, const std::string& subject, const std::string& summary);
  // one more audit event
  void note(const std::string& event, const std::string& subject);
  const std::vector<store::AuditRow>& events() const { return events_; }
  std::vector<ServiceName> services() const { return row_.services; }
  const std::vector<ServiceName>& snapshots() const { return row_.snapshots; }
  std::vector<DirectoryRow> take_directory() { return std::move(directory_); }

 private:
  Context& context_;
  const Actor& actor_;
  store::Transaction& transaction_;
  store::RevisionRow row_;
  std::vector<store::AuditRow> events_;
  // kept for dry runs
  std::vector<DirectoryRow> directory_;
};

// Runs `work` as one change. It returns the object; concerns(), put() and finish() are called by
// it.
template <class T>
Result<Changed<T>> make_change(Context& context, const Actor& actor, const WriteOptions& options,
                               const std::function<Result<T>(Change&)>& work);

// The pieces of make_change that do not depend on T.
void announce_change(Context& context, Revision revision, const std::vector<ServiceName>& services,
                     const std::vector<ServiceName>& snapshots);
// What the agents' checkers say to candidates; called after the transaction is rolled back.
std::vector<Verdict> ask_checkers(Context& context, const Actor& actor,
                                  const std::vector<Snapshot>& candidates);
// An Error `refused` with what each checker said that refused. Who is away is not waited for: the
// pipe checks again.
Status all_accept(const DryRun& found);
Snapshot make_snapshot(Context& context, store::Session& session, ServiceName service,
                       Revision revision, Status& problem);

template <class T>
Result<Changed<T>> make_change(Context& context, const Actor& actor, const WriteOptions& options,
                               const std::function<Result<T>(Change&)>& work) {
  if (options.ask_first && !options.dry_run) {
    TRY(auto tried,
        make_change<T>(context, actor, {.dry_run = true, .if_match = options.if_match}, work));
    TRY(all_accept(*tried.dry_run));
  }
  Changed<T> changed;
  std::vector<Snapshot> candidates;
  DryRun found;
  std::vector<ServiceName> snapshots;
  std::vector<store::AuditRow> events;
  std::uint64_t issued = 0;
  auto done = context.store.write<T>(
      [&](store::Transaction& transaction) -> Result<T> {
        Change change(context, actor, transaction);
        change.begin();
        auto object = work(change);
        if (!object) {
          return object;
        }
        changed.revision = change.revision();
        changed.services = change.services();
        snapshots = change.snapshots();
        events = change.events();
        issued = context.certificates.issued();
        if (options.dry_run) {
          Status problem;
          for (const ServiceName service : change.snapshots()) {
            candidates.push_back(
                make_snapshot(context, transaction, service, change.revision(), problem));
            if (!problem) {
              return std::unexpected(problem.error());
            }
          }
          found.directory = change.take_directory();
        }
        return object;
      },
      options.dry_run);
  if (!done) {
    return std::unexpected(done.error());
  }
  changed.object = std::move(*done);
  if (options.dry_run) {
    found.services = ask_checkers(context, actor, candidates);
    changed.dry_run = std::move(found);
    changed.revision = 0;
  } else {
    for (const store::AuditRow& event : events) {
      log_audit(context, event, changed.revision);
    }
    if (!snapshots.empty()) {
      context.certificates.announced(issued);
    }
    announce_change(context, changed.revision, changed.services, snapshots);
  }
  return changed;
}

}  // namespace podplay::control
