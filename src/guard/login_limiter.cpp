// Counts are kept in tables of limited size (guard/lru.hpp). A lock begins with the first try after
// the last one that was free, so a right password in the last free try still opens. Times are of
// the wall clock, since both sides of the link and the person at the client must mean the same
// one; a clock that was set back shortens what lies in its future.
#include "guard/login_limiter.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "guard/mark.hpp"

namespace podplay::guard {
namespace {

using namespace std::chrono;

constexpr int kGuess = 10;
constexpr int kSameAgain = 1;
constexpr auto kLocksRemembered = hours(24);
// An owner's place that is as old as this is forgotten.
constexpr auto kPlaceRemembered = hours(24 * 90);
// A login from a known place is news again after this time.
constexpr auto kNewsAgain = hours(1);
// During a lock, tries with the right password's mark that failed are this far apart.
constexpr auto kMarkPause = seconds(10);
constexpr auto kRefusedTold = seconds(1);

constexpr std::size_t kMostLimitedAccounts = 20'000;
constexpr std::size_t kMostAddresses = 20'000;
constexpr std::size_t kMostOwners = 20'000;
constexpr std::size_t kMostNetworks = 8;
constexpr std::size_t kMostMarks = 16;
constexpr std::size_t kMostRefused = 1000;
constexpr std::size_t kMostTold = 2000;
constexpr std::size_t kLongestAccount = 254;
constexpr std::size_t kMostLast = 20;

// What clients send as a login name may be anything.
std::string account_of(const std::string& text) { return lower(text.substr(0, kLongestAccount)); }

}  // namespace

std::string LoginRefusal::words() const {
  return fmt::format("too many wrong passwords for this {}; try again after {:%H:%M:%S} UTC",
                     account ? "account" : "address", ceil<seconds>(until));
}

LoginLimiter::LoginLimiter(Clock& clock, LimitRules rules)
    : clock_(clock),
      rules_(std::move(rules)),
      shared_(rules_.shared_addresses),
      accounts_(kMostLimitedAccounts),
      addresses_(kMostAddresses),
      owners_(kMostOwners),
      minutes_(60) {}

void LoginLimiter::use_rules(const LimitRules& rules, const std::vector<std::string>& shared) {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> all = rules.shared_addresses;
  all.insert(all.end(), shared.begin(), shared.end());
  shared_ = SharedAddresses(all);
  rules_ = rules;
}

void LoginLimiter::use_nonce(Secret nonce) {
  const std::scoped_lock lock(mutex_);
  nonce_ = std::move(nonce);
}

std::string LoginLimiter::mark_of(const std::string& account, const Secret& password) const {
  const std::scoped_lock lock(mutex_);
  return password_mark(nonce_, account_of(account), password);
}

std::string LoginLimiter::network_of_one(const std::string& address) const {
  const std::scoped_lock lock(mutex_);
  return shared_.network_of_one(address);
}

LoginLimiter::KnownNetwork* LoginLimiter::home_of(const std::string& account,
                                                  const std::string& network) {
  Owner* owner = network.empty() ? nullptr : owners_.find(account);
  if (owner == nullptr) {
    return nullptr;
  }
  const auto found = std::ranges::find(owner->networks, network, &KnownNetwork::network);
  return found == owner->networks.end() ? nullptr : &*found;
}

LoginLimiter::Count& LoginLimiter::locked_count(const std::string& account,
                                                const std::string& network) {
  if (account.empty()) {
    return addresses_.get(network);
  }
  KnownNetwork* home = home_of(account, network);
  return home != nullptr ? home->count : accounts_.get(account);
}

// Forgets what is past, and what a clock that was set back has left in the future.
void LoginLimiter::tidy(Count& count, WallTime now) const {
  if (count.began > now || count.began + rules_.window < now) {
    count.points = 0;
    count.marks.clear();
    count.began = now;
  }
  count.locked_until = std::min(count.locked_until, now + rules_.longest_lock);
  if (count.last_lock > now || count.last_lock + kLocksRemembered < now) {
    count.locks = 0;
  }
}

std::optional<WallTime> LoginLimiter::bar(Count& count, std::int64_t most, LoginEvent lock_event,
                                          WallTime now) {
  tidy(count, now);
  if (count.locked_until > now) {
    return count.locked_until;
  }
  if (count.points < most * kGuess) {
    return std::nullopt;
  }
  const auto longer = rules_.lock * (1LL << std::min(count.locks, 20));
  ++count.locks;
  count.last_lock = now;
  count.locked_until = now + std::min<seconds>(longer, rules_.longest_lock);
  count.points = 0;
  count.began = now;
  lock_event.at = now;
  lock_event.kind = LoginEventKind::locked;
  lock_event.count = count.locks;
  lock_event.until = count.locked_until;
  log_.add(std::move(lock_event), "");
  return count.locked_until;
}

bool LoginLimiter::is_owners_mark(const LoginTry& attempt) {
  const Owner* owner = owners_.find(account_of(attempt.account));
  return owner != nullptr && !attempt.mark.empty() && owner->mark == attempt.mark;
}

int LoginLimiter::add_guess(Count& count, const std::string& mark, WallTime now) {
  count.last = std::max(count.last, now);
  const auto seen = std::ranges::find(count.marks, mark, &Mark::mark);
  const bool again = !mark.empty() && seen != count.marks.end();
  const int points = again ? kSameAgain : kGuess;
  count.points += points;
  if (again) {
    seen->points += points;
  } else if (!mark.empty()) {
    if (count.marks.size() >= kMostMarks) {
      count.marks.erase(count.marks.begin());
    }
    count.marks.push_back({mark, points});
  }
  return points;
}

void LoginLimiter::count_try(const std::string& account, const std::string& network,
                             const std::string& mark, WallTime now) {
  KnownNetwork* home = home_of(account, network);
  Count& count = home != nullptr ? home->count : accounts_.get(account);
  tidy(count, now);
  const int points = add_guess(count, mark, now);
  if (!network.empty()) {
    Count& of_address = addresses_.get(network);
    tidy(of_address, now);
    of_address.points += points;
    of_address.last = std::max(of_address.last, now);
  }
}

std::optional<LoginRefusal> LoginLimiter::begin(const LoginTry& attempt) {
  const std::scoped_lock lock(mutex_);
  const WallTime now = clock_.now();
  const std::string account = account_of(attempt.account);
  const std::string network = shared_.network_of_one(attempt.address);
  KnownNetwork* home = home_of(account, network);
  const LoginEvent of_account{.account = account, .address = attempt.address, .door = attempt.door};
  if (home == nullptr && !network.empty()) {
    const LoginEvent of_address{.address = attempt.address, .door = attempt.door};
    if (Count* count = addresses_.find(network)) {
      if (const auto until = bar(*count, rules_.address_tries, of_address, now)) {
        return refuse(attempt, account, false, *until, now);
      }
    }
  }
  const bool owners_mark = is_owners_mark(attempt);
  if (Count* count = home != nullptr ? &home->count : accounts_.find(account)) {
    if (const auto until = bar(*count, rules_.account_tries, of_account, now)) {
      const bool let_through =
          owners_mark && network.empty() && owners_.find(account)->not_before <= now;
      if (!let_through) {
        return refuse(attempt, account, true, *until, now);
      }
    }
  }
  // The right password may come many times at once: it counts only when it turns out to be wrong.
  if (!owners_mark) {
    count_try(account, network, attempt.mark, now);
  }
  return std::nullopt;
}

LoginRefusal LoginLimiter::refuse(const LoginTry& attempt, const std::string& account,
                                  bool of_account, WallTime until, WallTime now) {
  std::string key = fmt::format("{} {} {}", account, attempt.address, attempt.door);
  LoginEvent event{.at = now,
                   .kind = LoginEventKind::refused,
                   .account = account,
                   .address = attempt.address,
                   .door = attempt.door};
  if (refused_.size() >= kMostRefused && !refused_.contains(key)) {
    event.account = event.address = "";
    key = " " + attempt.door;
  }
  Waiting& waiting = refused_[key];
  waiting.event = std::move(event);
  ++waiting.count;
  tell_refused(now);
  return {.account = of_account, .until = until};
}

void LoginLimiter::tell_refused(WallTime now) {
  if (refused_told_ <= now && now < refused_told_ + kRefusedTold) {
    return;
  }
  refused_told_ = now;
  for (auto& [key, waiting] : std::exchange(refused_, {})) {
    waiting.event.count = waiting.count;
    remember_figures(waiting.event);
    log_.add(std::move(waiting.event), "");
  }
}

void LoginLimiter::failed(const LoginTry& attempt) {
  const std::scoped_lock lock(mutex_);
  const WallTime now = clock_.now();
  const std::string account = account_of(attempt.account);
  if (is_owners_mark(attempt)) {
    // It was not counted when it began.
    count_try(account, shared_.network_of_one(attempt.address), attempt.mark, now);
    owners_.get(account).not_before = now + kMarkPause;
  }
  LoginEvent event{.at = now,
                   .kind = LoginEventKind::failed,
                   .account = account,
                   .address = attempt.address,
                   .door = attempt.door,
                   .mark = attempt.mark};
  remember_figures(event);
  log_.add(std::move(event), "");
}

void LoginLimiter::succeeded(const LoginTry& attempt) {
  const std::scoped_lock lock(mutex_);
  const WallTime now = clock_.now();
  const std::string account = account_of(attempt.account);
  const std::string network = shared_.network_of_one(attempt.address);
  KnownNetwork* home = home_of(account, network);
  Count* count = home != nullptr ? &home->count : accounts_.find(account);
  // What this password has counted was no guessing.
  if (count != nullptr && !is_owners_mark(attempt)) {
    int points = kGuess;
    if (!attempt.mark.empty()) {
      const auto mine = std::ranges::find(count->marks, attempt.mark, &Mark::mark);
      points = mine == count->marks.end() ? 0 : mine->points;
      std::erase_if(count->marks, [&](const Mark& one) { return one.mark == attempt.mark; });
    }
    count->points = std::max(0, count->points - points);
    if (Count* of_address = network.empty() ? nullptr : addresses_.find(network)) {
      of_address->points = std::max(0, of_address->points - points);
    }
  }
  LoginEvent event{.at = now,
                   .kind = LoginEventKind::succeeded,
                   .account = account,
                   .address = attempt.address,
                   .door = attempt.door,
                   .mark = attempt.mark};
  if (learn_owner(event, network)) {
    log_.add(std::move(event), "");
  }
}

// Returns whether the event is news.
bool LoginLimiter::learn_owner(const LoginEvent& event, const std::string& network) {
  Owner& owner = owners_.get(event.account);
  bool news = false;
  owner.not_before = {};
  if (!event.mark.empty() && event.at >= owner.mark_seen) {
    news = owner.mark != event.mark || owner.mark_seen + kNewsAgain < event.at;
    owner.mark_seen = news ? event.at : owner.mark_seen;
    owner.mark = event.mark;
  }
  if (network.empty()) {
    return news;
  }
  const auto known = std::ranges::find(owner.networks, network, &KnownNetwork::network);
  const bool old = known == owner.networks.end() || known->seen + kNewsAgain < event.at;
  const WallTime seen = old ? event.at : known->seen;
  if (known != owner.networks.end()) {
    owner.networks.erase(known);
  }
  owner.networks.insert(owner.networks.begin(), {.network = network, .seen = seen});
  if (owner.networks.size() > kMostNetworks) {
    owner.networks.pop_back();
  }
  std::erase_if(owner.networks,
                [&](const KnownNetwork& one) { return one.seen + kPlaceRemembered < event.at; });
  return news || old;
}

void LoginLimiter::unlock(const std::string& account) {
  const std::scoped_lock lock(mutex_);
  const LoginEvent event{
      .at = clock_.now(), .kind = LoginEventKind::unlocked, .account = account_of(account)};
  hear_one(event);
  log_.add(event, "");
}

void LoginLimiter::remember_figures(const LoginEvent& event) {
  const std::int64_t number = duration_cast<minutes>(event.at.time_since_epoch()).count();
  Minute& minute = minutes_[static_cast<std::size_t>(number % 60)];
  if (minute.number != number) {
    minute = {.number = number};
  }
  (event.kind == LoginEventKind::failed ? minute.failed : minute.refused) += event.count;
  // Refused tries change no count, but the figures name who was tried, and from where.
  for (Count* count : {event.account.empty() ? nullptr : accounts_.find(event.account),
                       addresses_.find(shared_.network_of_one(event.address))}) {
    if (count != nullptr) {
      count->last = std::max(count->last, event.at);
    }
  }
}

LoginPage LoginLimiter::tell(const LoginPosition& position, const std::string& asking) {
  const std::scoped_lock lock(mutex_);
  tell_refused(clock_.now());
  LoginPage page = log_.after(position, asking, kMostTold);
  if (page.position.epoch != position.epoch) {
    std::vector<LoginEvent> all = owners();
    all.insert(all.end(), page.events.begin(), page.events.end());
    page.events = std::move(all);
  }
  return page;
}

void LoginLimiter::hear(const std::vector<LoginEvent>& events, const std::string& from) {
  const std::scoped_lock lock(mutex_);
  for (const LoginEvent& event : events) {
    hear_one(event);
    // What was known before is told only to those who begin.
    if (event.seq != 0 && !from.empty()) {
      log_.add(event, from);
    }
  }
}

void LoginLimiter::hear_one(const LoginEvent& event) {
  const std::string network = shared_.network_of_one(event.address);
  switch (event.kind) {
    case LoginEventKind::failed:
      count_try(event.account, network, event.mark, event.at);
      remember_figures(event);
      break;
    case LoginEventKind::refused: remember_figures(event); break;
    case LoginEventKind::succeeded: learn_owner(event, network); break;
    case LoginEventKind::locked: {
      if (event.account.empty() && network.empty()) {
        break;
      }
      Count& count = locked_count(event.account, network);
      count.points = 0;
      count.began = event.at;
      count.locks = static_cast<int>(event.count);
      count.last_lock = event.at;
      count.last = std::max(count.last, event.at);
      count.locked_until = std::max(count.locked_until, event.until);
      break;
    }
    case LoginEventKind::unlocked:
      accounts_.erase(event.account);
      if (Owner* owner = owners_.find(event.account)) {
        owner->not_before = {};
        for (KnownNetwork& known : owner->networks) {
          known.count = {};
          addresses_.erase(known.network);
        }
      }
      break;
  }
}

std::vector<LoginEvent> LoginLimiter::owners() const {
  std::vector<LoginEvent> events;
  for (const auto& [account, owner] : owners_.entries()) {
    LoginEvent event{.at = owner.mark_seen,
                     .kind = LoginEventKind::succeeded,
                     .account = account,
                     .mark = owner.mark};
    if (!owner.mark.empty()) {
      events.push_back(event);
    }
    event.mark = "";
    for (const KnownNetwork& known : owner.networks) {
      event.at = known.seen;
      event.address = known.network.substr(0, known.network.find('/'));
      events.push_back(event);
    }
  }
  // What was used last is learned last, and so forgotten last.
  std::ranges::reverse(events);
  return events;
}

std::vector<LoginEvent> LoginLimiter::memories() const {
  const std::scoped_lock lock(mutex_);
  std::vector<LoginEvent> events = owners();
  const WallTime begin = clock_.now() - std::max<seconds>(rules_.window, rules_.longest_lock);
  for (LoginEvent event : log_.after({}, "", SIZE_MAX).events) {
    if (event.at >= begin && event.kind != LoginEventKind::succeeded) {
      event.seq = 0;
      events.push_back(std::move(event));
    }
  }
  return events;
}

AccountState LoginLimiter::look(const std::string& text) const {
  const std::scoped_lock lock(mutex_);
  const WallTime now = clock_.now();
  const std::string account = account_of(text);
  AccountState state;
  if (const Count* count = accounts_.peek(account)) {
    Count current = *count;
    tidy(current, now);
    state.locked = current.locked_until > now;
    state.until = state.locked ? current.locked_until : WallTime{};
    state.tries = (current.points + kGuess - 1) / kGuess;
    state.locks = current.locks;
  }
  if (const Owner* owner = owners_.peek(account)) {
    for (const KnownNetwork& known : owner->networks) {
      state.known_networks.push_back(known.network);
    }
  }
  std::vector<LoginEvent> events = log_.after({}, "", SIZE_MAX).events;
  for (auto event = events.rbegin(); event != events.rend() && state.last.size() < kMostLast;
       ++event) {
    if (event->account == account && event->kind != LoginEventKind::succeeded) {
      state.last.push_back(*event);
    }
  }
  return state;
}

std::optional<WallTime> LoginLimiter::address_lock(const std::string& address) const {
  const std::scoped_lock lock(mutex_);
  const WallTime now = clock_.now();
  const Count* count = addresses_.peek(shared_.network_of_one(address));
  if (count == nullptr) {
    return std::nullopt;
  }
  Count current = *count;
  tidy(current, now);
  return current.locked_until > now ? std::optional(current.locked_until) : std::nullopt;
}

GuessingFigures LoginLimiter::figures() const {
  const std::scoped_lock lock(mutex_);
  const WallTime now = clock_.now();
  const std::int64_t minute = duration_cast<minutes>(now.time_since_epoch()).count();
  GuessingFigures figures;
  for (const Minute& one : minutes_) {
    if (one.number > minute - 60 && one.number <= minute) {
      figures.failed += one.failed;
      figures.refused += one.refused;
    }
  }
  for (const auto& [key, waiting] : refused_) {
    figures.refused += waiting.count;
  }
  const auto recent = [&](const Count& count) { return count.last + hours(1) > now; };
  const auto locked = [&](const Count& count) { return count.locked_until > now; };
  for (const auto& [name, count] : accounts_.entries()) {
    figures.accounts += recent(count) ? 1 : 0;
    figures.locked_accounts += locked(count) ? 1 : 0;
  }
  for (const auto& [name, count] : addresses_.entries()) {
    figures.addresses += recent(count) ? 1 : 0;
    figures.locked_addresses += locked(count) ? 1 : 0;
  }
  return figures;
}

}  // namespace podplay::guard
