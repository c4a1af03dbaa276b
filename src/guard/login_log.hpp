// The events of logins in their order, for everyone who follows them: the other side of the link,
// and the audit. It holds the last 10,000; who is further behind has missed some.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

#include "model/limits.hpp"

namespace podplay::guard {

// For any thread.
class LoginLog {
 public:
  LoginLog();

  // `from` is who told the event; empty: it happened here.
  void add(LoginEvent event, const std::string& from);
  // At most `most` events after the position, without those that `asking` told. A position of
  // another log begins at the front.
  LoginPage after(const LoginPosition& position, const std::string& asking, std::size_t most) const;
  // The position behind the newest event.
  LoginPosition end() const;
  // Waits until there are events after the position, or the log is closed.
  void wait_after(const LoginPosition& position, std::chrono::milliseconds longest) const;
  // Ends all waiting.
  void close();

 private:
  struct Entry {
    LoginEvent event;
    std::string from;
  };

  // Constant after construction.
  const std::string epoch_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<Entry> entries_;
  std::uint64_t last_ = 0;
  bool closed_ = false;
};

}  // namespace podplay::guard
