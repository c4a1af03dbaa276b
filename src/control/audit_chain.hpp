// The audit's chain as people see it: whether it is whole, and which events are not as they were
// written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/context.hpp"
#include "store/audit.hpp"

namespace podplay::control {

struct AuditFault {
  // The event that is concerned; of one that was removed, its id.
  std::int64_t id = 0;
  // "changed", "removed", "inserted", "moved", or "unproven": the event before it is gone, so its
  // hash proves nothing.
  std::string kind;
  std::string message;
};

struct AuditVerdict {
  // How many events were read.
  std::int64_t count = 0;
  // Where the chain begins and ends.
  store::AuditMark anchor;
  store::AuditMark head;
  // The first ones, at most 100.
  std::vector<AuditFault> faults;
  // All of them.
  std::int64_t fault_count = 0;
};

// Reads the whole audit, in one state of the store, and compares it with its hashes. `witness`,
// when its id is not 0, is an event whose hash somebody noted earlier, such as from the audit log.
Result<AuditVerdict> verify_audit(Context& context, const store::AuditMark& witness);

// Deletes the `count` events up to `last`, and leaves the event AUDIT_TRIMMED, which names `last`.
Status delete_audit_up_to(Context& context, const store::AuditMark& last, std::int64_t count);

}  // namespace podplay::control
