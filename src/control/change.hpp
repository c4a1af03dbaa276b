// What every change shares: one transaction that holds the object, its rows of the feed, its audit
// event and the revision; then the agents are woken. A rehearsal (?dry_run=1) does the same work,
// is rolled back, and asks the agents' checkers about what it would have put in. A change that
// would leave the object as it is makes no revision.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/audit.hpp"
#include "control/context.hpp"
#include "model/feed.hpp"
#include "model/snapshot.hpp"
#include "store/revisions.hpp"

namespace podplay::control {

// One service's verdict on a candidate.
struct Verdict {
  ServiceName service = ServiceName::apache;
  // Of the agent that was asked; our own when none was.
  std::string host = kFirstHost;
  bool ok = true;
  // False: no checker was asked, since the agent is away or only rows change.
  bool asked = true;
  // Unified, of all files that would change.
  std::string diff;
  // The checker's words, or why it could not be asked.
  std::string words;
};

// What a rehearsal found.
struct Rehearsal {
  std::vector<Verdict> services;
  std::map<ServiceName, std::vector<FeedRow>> rows;
};

// The result of a change: the object and its revision. The result of a rehearsal: the object as it
// would be, and what the rehearsal found.
template <class T>
struct Changed {
  T object{};
  Revision revision = 0;
  std::vector<ServiceName> services;
  std::optional<Rehearsal> rehearsal;
  // What is legal, but may not be what the author means.
  std::vector<std::string> warnings{};
  // The object was so already; `revision` is that of its last change.
  bool unchanged = false;
};

// A change under way. It lives inside one transaction, on the thread that runs it.
class Change {
 public:
  Change(Context& context, const Actor& actor, store::Transaction& transaction)
      : context_(context), actor_(actor), transaction_(transaction) {}

  // Takes the next revision. All writers wait here for each other, so the feed is in the order of
  // the commits.
  Revision begin();
  Revision revision() const { return row_.id; }
  WallTime now() const { return row_.at; }
  Context& context() { return context_; }
  store::Transaction& transaction() { return transaction_; }

  // The service's files change.
  void concern_files(ServiceName service);
  // The service's rows change, but the caller writes them itself, as an import does.
  void concern_rows(ServiceName service);
  // Puts a row into the service's feed; its sequence and revision are filled in.
  void put(ServiceName service, FeedRow row);
  // Writes the revision and the audit event. `summary` is "create user test@example.com"; `changed`
  // is difference() of the object before and after.
  void finish(const std::string& event, const std::string& subject, const std::string& summary,
              Difference changed = {});
  // Instead of put() and finish(): the object is as it should be since this revision. Nothing is
  // written, and there is no new revision.
  void leave(Revision since);
  // One more audit event.
  void note(const std::string& event, const std::string& subject, Difference changed = {});

  const store::RevisionRow& row() const { return row_; }
  const std::vector<store::AuditRow>& events() const { return events_; }
  // Set by leave().
  std::optional<Revision> left_since() const { return left_since_; }
  std::map<ServiceName, std::vector<FeedRow>> take_rows() { return std::move(rows_); }

 private:
  Context& context_;
  const Actor& actor_;
  store::Transaction& transaction_;
  store::RevisionRow row_;
  std::vector<store::AuditRow> events_;
  std::optional<Revision> left_since_;
  // Only a rehearsal reads them.
  std::map<ServiceName, std::vector<FeedRow>> rows_;
};

// The result of a change or a rehearsal, without its object.
struct Written {
  Revision revision = 0;
  std::vector<ServiceName> services{};
  std::optional<Rehearsal> rehearsal{};
  bool unchanged = false;
};

// Runs `work` as one change. `work` calls concern_files(), put() and finish(), or leave().
Result<Written> write_change(Context& context, const Actor& actor, const WriteOptions& options,
                             const std::function<Status(Change&)>& work);

// The same for work that gives an object.
template <class T>
Result<Changed<T>> make_change(Context& context, const Actor& actor, const WriteOptions& options,
                               const std::function<Result<T>(Change&)>& work) {
  Changed<T> changed;
  TRY(auto written, write_change(context, actor, options, [&](Change& change) -> Status {
        TRY(auto object, work(change));
        changed.object = std::move(object);
        return {};
      }));
  changed.revision = written.revision;
  changed.services = std::move(written.services);
  changed.rehearsal = std::move(written.rehearsal);
  changed.unchanged = written.unchanged;
  return changed;
}

// The files that the service must have at a revision, as its snapshot. Only reads. Fails when a
// certificate that they name has not been issued yet.
Result<Snapshot> make_snapshot(Context& context, store::Session& session, ServiceName service,
                               Revision revision);

}  // namespace podplay::control
