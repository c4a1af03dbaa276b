// The account's thread. A failure is believed when the next journey, half a minute later, fails as
// well.
#include "control/watch/health/journey.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "control/change.hpp"
#include "control/identity/passwords.hpp"
#include "store/domains.hpp"
#include "store/feed.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr std::string_view kLocalPart = "podplay-check@";
// Everyone else's owner is drawn at random. Always the same, so that no mail is put aside.
constexpr std::int64_t kOwner = 1;
constexpr std::int64_t kQuota = 4 << 20;
constexpr seconds kAgain{30};
constexpr seconds kFirst{10};
// How long the account may take to be in use.
constexpr seconds kApplied{20};

}  // namespace

bool is_check_address(std::string_view address) {
  return address.size() >= kLocalPart.size() &&
         std::ranges::equal(address.substr(0, kLocalPart.size()), kLocalPart, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
         });
}

Status check_not_check_account(const std::string& address, const char* field) {
  if (!is_check_address(address)) {
    return {};
  }
  return fail_faults({{.field = field,
                       .code = "reserved",
                       .message = "podplay-check is the account of the health check",
                       .remedy = "use another name"}});
}

void JourneyCheck::start() {
  thread_ = std::thread([this] { run(); });
}

void JourneyCheck::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

std::vector<ServiceCheck> JourneyCheck::answers() const {
  const std::scoped_lock lock(mutex_);
  return answers_;
}

bool JourneyCheck::pause(milliseconds duration) {
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, duration, [this] { return stopping_; });
}

void JourneyCheck::run() {
  ::pthread_setname_np(::pthread_self(), "journey");
  const seconds interval(context_.settings.integer("PODPLAY_JOURNEY_CHECK"));
  const Logger log = context_.log.with_component("api.health");
  if (interval == seconds{0}) {
    try {
      if (const Status gone = remove_accounts(""); !gone) {
        log.warn("the check account is still there", {{"why", describe(gone.error())}});
      }
    } catch (const std::exception& error) {
      log.error("the check account is still there", {{"why", error.what()}});
    }
    return;
  }
  milliseconds next = std::min<milliseconds>(kFirst, interval);
  while (pause(next)) {
    try {
      walk();
    } catch (const std::exception& error) {
      log.error("the journey has a defect", {{"why", error.what()}});
    }
    const auto answered = answers();
    const bool well = !answered.empty() && answered.front().check.result == CheckResult::ok;
    next = well ? interval : std::min(interval, kAgain);
  }
}

void JourneyCheck::walk() {
  ServiceCheck answer{.service = "control", .check = {.name = "journey"}};
  const bool all_ready = std::ranges::all_of(
      context_.hub.statuses(), [](const ServiceStatus& one) { return one.state == "ready"; });
  const auto account = ensure_account();
  if (!account) {
    answer.check.result = CheckResult::warning;
    answer.check.reason = "there is no journey: " + describe(account.error());
  } else {
    answer = walk_journey(context_.clock, *account, ports_);
    const auto before = answers();
    const bool failed_before = !before.empty() && before.front().check.result != CheckResult::ok;
    // The first failure, or one while a service starts, is only a warning.
    if (answer.check.result == CheckResult::failed && !failed_before && all_ready) {
      answer.check.result = CheckResult::warning;
    }
  }
  answer.check.at = to_millis(context_.clock.now());
  answer.check.interval = context_.settings.integer("PODPLAY_JOURNEY_CHECK");
  const std::scoped_lock lock(mutex_);
  answers_ = {std::move(answer)};
}

Result<JourneyAccount> JourneyCheck::ensure_account() {
  struct Standing {
    std::string domain;
    bool taken = false;
    bool there = false;
  };
  TRY(const auto standing, context_.store.read_together<Standing>([&](store::Session& session) {
    Standing found;
    const std::string first = context_.settings.text("PODPLAY_DOMAIN");
    const auto domain = store::find_domain(session, first);
    if (domain && domain->enabled) {
      found.domain = first;
    } else {
      for (const Domain& one : store::list_domains(session, 0, 50)) {
        if (one.enabled) {
          found.domain = one.name;
          break;
        }
      }
    }
    const std::string address = std::string(kLocalPart) + found.domain;
    found.taken = store::find_user(session, address).has_value();
    found.there =
        store::find_feed_row(session, ServiceName::mail, RowKind::mailbox, address).has_value();
    return found;
  }));
  if (standing.domain.empty()) {
    return fail(ErrorKind::unavailable, "no_domain", "there is no enabled domain");
  }
  const std::string address = std::string(kLocalPart) + standing.domain;
  if (standing.taken) {
    return fail(ErrorKind::conflict, "user_exists", fmt::format("{} is a user's", address),
                fmt::format("delete it: podplay users delete {}", address));
  }
  if (standing.there && account_.address == address) {
    return account_;
  }
  TRY(remove_accounts(address));
  Secret password(random_token());
  TRY(const auto hash, check_and_hash(password, PasswordChoice::own, address));
  const Actor system = Actor::system();
  TRY(write_change(context_, system, {}, [&](Change& change) -> Status {
    change.put(ServiceName::mail,
               {.key = address,
                .content = MailboxRow{
                    .enabled = true, .password_hash = hash, .quota = kQuota, .owner = kOwner}});
    change.finish("CHECK_ACCOUNT_MADE", address, "give the check account a new password");
    return {};
  }));
  account_ = {.address = address, .domain = standing.domain, .password = std::move(password)};
  // The row must be in use before the first journey.
  const AgentName mail{ServiceName::mail, context_.settings.text("PODPLAY_HOST_ID")};
  context_.hub.wait_settled({ServiceName::mail}, context_.hub.newest(mail), kApplied);
  return account_;
}

// Those of other domains, or of a time when the check was on.
Status JourneyCheck::remove_accounts(const std::string& except) {
  TRY(const auto rows, context_.store.read<std::vector<FeedRecord>>([](store::Session& session) {
    return store::feed_rows(session, ServiceName::mail, RowKind::mailbox, std::string(kLocalPart));
  }));
  const Actor system = Actor::system();
  for (const FeedRecord& row : rows) {
    TRY(const bool is_user, context_.store.read<bool>([&](store::Session& session) {
      return store::find_user(session, row.key).has_value();
    }));
    if (row.key == except || is_user) {
      continue;
    }
    TRY(write_change(context_, system, {}, [&](Change& change) -> Status {
      change.put(ServiceName::mail, {.key = row.key, .deleted = true, .content = MailboxRow{}});
      change.finish("CHECK_ACCOUNT_REMOVED", row.key, "remove the check account");
      return {};
    }));
  }
  return {};
}

}  // namespace podplay::control
