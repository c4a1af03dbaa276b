// Sequences count from 1 without gaps, so a position is found by subtraction.
#include "guard/login_log.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace podplay::guard {
namespace {

constexpr std::size_t kMostEvents = 10'000;

}  // namespace

LoginLog::LoginLog() : epoch_(random_token(9)) {}

void LoginLog::add(LoginEvent event, const std::string& from) {
  const std::scoped_lock lock(mutex_);
  event.seq = ++last_;
  entries_.push_back({std::move(event), from});
  if (entries_.size() > kMostEvents) {
    entries_.pop_front();
  }
  changed_.notify_all();
}

LoginPage LoginLog::after(const LoginPosition& position, const std::string& asking,
                          std::size_t most) const {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t seen = position.epoch == epoch_ ? std::min(position.seq, last_) : 0;
  const std::uint64_t first = last_ - entries_.size() + 1;
  LoginPage page{.position = {epoch_, std::max(seen, first - 1)}};
  for (std::size_t i = page.position.seq + 1 - first;
       i < entries_.size() && page.events.size() < most; ++i) {
    page.position.seq = entries_[i].event.seq;
    if (asking.empty() || entries_[i].from != asking) {
      page.events.push_back(entries_[i].event);
    }
  }
  return page;
}

LoginPosition LoginLog::end() const {
  const std::scoped_lock lock(mutex_);
  return {epoch_, last_};
}

void LoginLog::wait_after(const LoginPosition& position, std::chrono::milliseconds longest) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest,
                    [&] { return closed_ || position.epoch != epoch_ || last_ > position.seq; });
}

void LoginLog::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace podplay::guard
