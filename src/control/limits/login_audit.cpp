// A pile is what one account, address and door did. When there are too many piles within a minute,
// the rest goes to one for each door.
#include "control/limits/login_audit.hpp"

#include <fmt/format.h>

#include "control/audit.hpp"
#include "guard/login_limiter.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr auto kPeriod = minutes(1);
constexpr std::size_t kMostPiles = 200;
constexpr milliseconds kTurn{1000};
constexpr std::size_t kMostEvents = 5000;
constexpr const char* kMany = "(many)";

std::string_view event_name(LoginEventKind kind) {
  switch (kind) {
    case LoginEventKind::failed: return "LOGIN_FAILED";
    case LoginEventKind::refused: return "LOGIN_REFUSED";
    case LoginEventKind::locked: return "LOGIN_LOCKED";
    // Successes over HTTP are in the audit with their tokens; an unlocking is a request's event.
    case LoginEventKind::succeeded:
    case LoginEventKind::unlocked: break;
  }
  return {};
}

store::AuditRow row_of(const LoginEvent& event) {
  const std::string& whom = event.account.empty() ? event.address : event.account;
  return {.at = event.at,
          .event = std::string(event_name(event.kind)),
          .actor = event.account.empty() ? "anonymous" : event.account,
          .subject = whom,
          .remote_address = event.address,
          .door = event.door,
          .count = event.kind == LoginEventKind::locked ? 1 : event.count};
}

}  // namespace

std::vector<store::AuditRow> LoginCounter::take(const std::vector<LoginEvent>& events,
                                                WallTime now) {
  std::vector<store::AuditRow> due;
  for (const LoginEvent& event : events) {
    if (event_name(event.kind).empty()) {
      continue;
    }
    store::AuditRow row = row_of(event);
    std::string key =
        fmt::format("{} {} {} {}", row.event, row.subject, row.remote_address, row.door);
    if (!piles_.contains(key) && piles_.size() >= kMostPiles) {
      row.actor = "anonymous";
      row.subject = row.remote_address = kMany;
      key = fmt::format("{} {}", row.event, row.door);
    }
    const auto [pile, first] = piles_.try_emplace(key);
    if (first) {
      pile->second.written = now;
      due.push_back(std::move(row));
    } else if (pile->second.row.event.empty()) {
      pile->second.row = std::move(row);
    } else {
      pile->second.row.count += row.count;
    }
  }
  const auto is_over = [&](const Pile& pile) {
    return pile.written > now || now >= pile.written + kPeriod;
  };
  std::erase_if(piles_, [&](const auto& entry) {
    return is_over(entry.second) && entry.second.row.event.empty();
  });
  for (auto& [key, pile] : piles_) {
    if (is_over(pile)) {
      due.push_back(std::exchange(pile.row, {}));
      pile.written = now;
    }
  }
  return due;
}

void LoginAudit::start() {
  thread_ = std::thread([this] {
    while (!stopping_) {
      turn(kTurn);
    }
  });
}

void LoginAudit::stop() {
  stopping_ = true;
  context_.logins.close();
  if (thread_.joinable()) {
    thread_.join();
    turn(milliseconds(0));
  }
}

void LoginAudit::turn(milliseconds longest) {
  context_.logins.log().wait_after(seen_, longest);
  const LoginPage page = context_.logins.log().after(seen_, "", kMostEvents);
  seen_ = page.position;
  auto rows = counter_.take(page.events, context_.clock.now());
  if (rows.empty()) {
    return;
  }
  const auto done =
      context_.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
        for (store::AuditRow& row : rows) {
          row = store::insert_audit(transaction, row);
        }
        return true;
      });
  for (const store::AuditRow& row : rows) {
    log_audit(context_, row);
  }
  if (!done) {
    context_.log.error("failed logins could not be stored in the audit",
                       {{"rows", rows.size()}, {"why", describe(done.error())}});
  }
}

}  // namespace podplay::control
