// The status that the agent reports with each question to the control plane. The follower and the
// pusher ask; both must know what the other has told already.
#pragma once

#include <mutex>
#include <string>

#include "agent/board.hpp"
#include "wire/link.hpp"

namespace podplay::agent {

// For any thread.
class Questions {
 public:
  explicit Questions(const Board& board);

  // `wait`: seconds of the long-poll. `again`: ask once more for the snapshot that was refused.
  wire::WorkQuestion make(int wait, bool again = false) const;
  // The snapshot of this hash was applied or refused: it need not be sent again.
  void set_seen(const std::string& hash);
  void set_told(const ServiceStatus& status);
  // Whether the control plane knows this status, apart from the parts that need not be reported at
  // once.
  bool is_told(const ServiceStatus& status) const;

 private:
  // Constant after construction.
  const Board& board_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::string seen_hash_;
  // The digest of the status that was told last.
  std::string told_;
};

}  // namespace podplay::agent
