// Reports a change of the service's state at once, with a question of its own that does not wait.
#pragma once

#include "agent/link.hpp"
#include "agent/questions.hpp"
#include "agent/stop_signal.hpp"

namespace podplay::agent {

class Pusher {
 public:
  struct Parts {
    Identity& identity;
    Board& board;
    Questions& questions;
    const StopSignal& stop;
  };
  explicit Pusher(Parts parts);

  // The pusher's thread.
  void run();

 private:
  // Constant after construction.
  const Parts parts_;

  // Owned by the pusher's thread.
  Link link_;
};

}  // namespace podplay::agent
