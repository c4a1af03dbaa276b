// Reports on their way to the control plane, kept in order while the link is away.
#pragma once

#include <deque>

#include "agent/link.hpp"
#include "model/report.hpp"

namespace podplay::agent {

// Owned by the follower's thread.
class Outbox {
 public:
  explicit Outbox(Link& link) : link_(link) {}

  // Sends what was kept; false when some of it is still unsent.
  bool flush();
  // Sends the report, or keeps it. When more than 100 wait, the oldest is dropped, because a later
  // report settles its revision, too.
  void send(const ApplyReport& report);

 private:
  Link& link_;
  std::deque<ApplyReport> unsent_;
};

}  // namespace podplay::agent
