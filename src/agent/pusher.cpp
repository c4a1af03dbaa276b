// The pusher ignores the answers: the follower gets the same work with its next question, in the
// right order.
#include "agent/pusher.hpp"

namespace podplay::agent {

using namespace std::chrono;

Pusher::Pusher(Parts parts) : parts_(parts), link_(parts.identity, parts.board, silent_logger()) {}

void Pusher::run() {
  std::uint64_t seen = 0;
  while (!parts_.stop.requested()) {
    seen = parts_.board.wait_for_change(seen, seconds{5});
    if (parts_.stop.requested() || !parts_.board.figures.linked) {
      continue;
    }
    const wire::WorkQuestion question = parts_.questions.make(0);
    if (parts_.questions.is_told(question.status)) {
      continue;
    }
    if (!link_.tell(question)) {
      parts_.stop.pause(milliseconds{500});
      continue;
    }
    parts_.questions.set_told(question.status);
    parts_.stop.pause(milliseconds{50});
  }
}

}  // namespace podplay::agent
