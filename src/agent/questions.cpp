// When a question has no snapshot's hash, the control plane answers with the snapshot, whatever was
// sent before.
#include "agent/questions.hpp"

namespace podplay::agent {

Questions::Questions(const Board& board) : board_(board) {}

wire::WorkQuestion Questions::make(int wait, bool again) const {
  wire::WorkQuestion question;
  question.status = board_.status();
  question.position = board_.position();
  question.wait = wait;
  if (!again) {
    const std::scoped_lock lock(mutex_);
    question.snapshot_hash = seen_hash_;
  }
  return question;
}

void Questions::set_seen(const std::string& hash) {
  const std::scoped_lock lock(mutex_);
  seen_hash_ = hash;
}

void Questions::set_told(const ServiceStatus& status) {
  const std::string digest = status_digest(status);
  const std::scoped_lock lock(mutex_);
  told_ = digest;
}

bool Questions::is_told(const ServiceStatus& status) const {
  const std::string digest = status_digest(status);
  const std::scoped_lock lock(mutex_);
  return told_ == digest;
}

}  // namespace podplay::agent
