// Events are read in the order of their ids. Each names the one before it, and its hash covers that
// one's. So what stands between two events that were written one after the other was put there, and
// what is missing between them was taken away.
#include "control/audit_chain.hpp"

#include <fmt/format.h>

#include <deque>

#include "base/numbers.hpp"
#include "control/audit.hpp"

namespace podplay::control {
namespace {

using store::AuditMark;
using store::AuditRow;

constexpr std::int64_t kChainPage = 2000;
constexpr std::size_t kMostFaults = 100;
// How many events back an inserted one is told from a moved one.
constexpr std::size_t kRemembered = 1000;
constexpr const char* kTrimmed = "AUDIT_TRIMMED";

class Walk {
 public:
  Walk(AuditVerdict& verdict, AuditMark witness) : verdict_(verdict), witness_(std::move(witness)) {
    seen_.push_back(verdict.anchor);
  }

  void add(const AuditRow& row) {
    ++verdict_.count;
    check_place(row);
    if (row.id == witness_.id) {
      witness_met_ = true;
      if (row.hash != witness_.hash) {
        fault(row.id, "changed", "its hash is not the one that was noted");
      }
    }
    if (row.event == kTrimmed) {
      trimmed_ = row.subject;
    }
    seen_.push_back({row.id, row.hash});
    if (seen_.size() > kRemembered) {
      seen_.pop_front();
    }
  }

  void finish() {
    const AuditMark& last = seen_.back();
    const AuditMark& head = verdict_.head;
    if (last.id < head.id) {
      fault(head.id, "removed",
            fmt::format("the last event is {}, but {} was written after it", last.id, head.id));
    } else if (last.id > head.id) {
      fault(last.id, "inserted", fmt::format("the last event that was written is {}", head.id));
    } else if (last.hash != head.hash) {
      fault(last.id, "changed", "it is the last event, and its hash is not the chain's");
    }
    if (verdict_.anchor.id != 0 && trimmed_ != anchor_text(verdict_.anchor)) {
      fault(
          verdict_.anchor.id, "removed",
          "events up to this one are gone, but no AUDIT_TRIMMED says that retention deleted them");
    }
    // An event that retention has deleted since cannot be compared any more.
    if (witness_.id > verdict_.anchor.id && !witness_met_) {
      fault(witness_.id, "removed", "its hash was noted, and it is gone");
    }
  }

  // The subject of AUDIT_TRIMMED.
  static std::string anchor_text(const AuditMark& anchor) {
    return fmt::format("events up to {} {}", anchor.id, anchor.hash);
  }

 private:
  // Compares the event with those read before it.
  void check_place(const AuditRow& row) {
    const AuditMark& last = seen_.back();
    if (row.previous == last.id) {
      if (row.hash != store::audit_hash(row, last.hash)) {
        fault(row.id, "changed", "its content is not what was written");
      }
      return;
    }
    if (row.previous > last.id && row.previous < row.id) {
      fault(row.previous, "removed",
            fmt::format("it stood between {} and {}, perhaps with others", last.id, row.id));
      // Only the removed event's hash could tell more of this one.
      fault(row.id, "unproven", "the event before it is gone, so its hash proves nothing");
      return;
    }
    const auto before = std::ranges::find(seen_, row.previous, &AuditMark::id);
    if (before == seen_.end() || row.hash != store::audit_hash(row, before->hash)) {
      fault(row.id, "moved", fmt::format("it was not written after {}", last.id));
      return;
    }
    for (auto between = before + 1; between != seen_.end(); ++between) {
      fault(between->id, "inserted",
            fmt::format("{} was written right after {}", row.id, row.previous));
    }
  }

  void fault(std::int64_t id, std::string kind, std::string message) {
    ++verdict_.fault_count;
    if (verdict_.faults.size() < kMostFaults) {
      verdict_.faults.push_back({id, std::move(kind), std::move(message)});
    }
  }

  AuditVerdict& verdict_;
  const AuditMark witness_;
  bool witness_met_ = false;
  // Never empty: the anchor, then the events read last.
  std::deque<AuditMark> seen_;
  // The subject of the newest AUDIT_TRIMMED.
  std::string trimmed_;
};

}  // namespace

Result<AuditVerdict> verify_audit(Context& context, const AuditMark& witness) {
  return context.store.read_together<AuditVerdict>([&](store::Session& session) {
    AuditVerdict verdict{.anchor = store::audit_anchor(session),
                         .head = store::audit_head(session)};
    Walk walk(verdict, witness);
    std::int64_t cursor = 0;
    for (;;) {
      const auto rows = store::list_audit(session, cursor, kChainPage, {.ascending = true});
      for (const AuditRow& row : rows) {
        walk.add(row);
        cursor = row.id;
      }
      if (rows.size() < static_cast<std::size_t>(kChainPage)) {
        break;
      }
    }
    walk.finish();
    return verdict;
  });
}

Status delete_audit_up_to(Context& context, const AuditMark& last, std::int64_t count) {
  TRY(const auto row,
      context.store.write<AuditRow>([&](store::Transaction& transaction) -> Result<AuditRow> {
        store::delete_audit(transaction, last);
        return store::insert_audit(
            transaction, audit_event(context, Actor::system(), kTrimmed, Walk::anchor_text(last),
                                     {.before = fmt::format(R"({{"events":{}}})", count)}));
      }));
  log_audit(context, row);
  return {};
}

}  // namespace podplay::control
