// How much an account may send within an hour, on the submission ports and by the API alike. An
// hour begins with the first message after the one before has ended.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "guard/lru.hpp"
#include "model/limits.hpp"

namespace podplay::guard {

struct OutboundRefusal {
  // "messages" or "recipients".
  std::string of;
  std::int64_t limit = 0;
  // When the account may send again; with the same recipients only if these are within the limit.
  WallTime until{};
  std::string words() const;
};

// What an account has sent within its hour.
struct Sent {
  std::string account;
  WallTime began{};
  std::int64_t messages = 0;
  std::int64_t recipients = 0;
};

// For any thread.
class OutboundLimiter {
 public:
  explicit OutboundLimiter(Clock& clock, LimitRules rules = {});

  void use_rules(const LimitRules& rules);
  // Counts a message, or refuses it and counts nothing.
  std::optional<OutboundRefusal> take(const std::string& account, std::int64_t recipients);

  // The hours that have not ended, to outlive the program.
  std::vector<Sent> sent() const;
  void restore(const std::vector<Sent>& sent);

 private:
  struct Hour {
    WallTime began{};
    std::int64_t messages = 0;
    std::int64_t recipients = 0;
  };

  // Constant after construction.
  Clock& clock_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  LimitRules rules_;
  Lru<Hour> hours_;
};

}  // namespace podplay::guard
