// Each limit is a bucket that holds `most` and is filled again steadily within `period`. Only what
// the store knows is counted: others may have used the same limits, so that the authority has the
// last word.
#include "control/certificates/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "acme/directory.hpp"
#include "control/certificates/registered_domain.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

struct Limit {
  std::int64_t most;
  milliseconds period;
};

struct LimitRow {
  // As acme::directory_url() knows it.
  std::string_view directory;
  // Certificates for exactly the same names.
  Limit same_names;
  // Certificates for names of one registered domain, IPv4 address or IPv6 /64.
  Limit domain;
  // Orders of one account.
  Limit orders;
  // Failed validations of one name, by one account.
  Limit failures;
};
// letsencrypt.org/docs/rate-limits and letsencrypt.org/docs/staging-environment, 2025.
constexpr LimitRow kLimits[] = {
    {.directory = "letsencrypt",
     .same_names = {5, days(7)},
     .domain = {50, days(7)},
     .orders = {300, 3h},
     .failures = {5, 1h}},
    {.directory = "letsencrypt-staging",
     .same_names = {30'000, days(7)},
     .domain = {30'000, days(7)},
     .orders = {1'500, 3h},
     .failures = {200, 1h}},
};
// What was used before is full again: a bucket is empty for one period at most.
constexpr milliseconds kLongestMemory = days(14);

const LimitRow* limits_of(const std::string& directory) {
  const auto* row = std::ranges::find_if(kLimits, [&](const LimitRow& one) {
    return acme::directory_url(one.directory).value_or("") == directory;
  });
  return row == std::end(kLimits) ? nullptr : row;
}

// When the bucket has one left after these uses; `now` or before when it has one now.
WallTime next_free(const Limit& limit, std::vector<WallTime> uses) {
  std::ranges::sort(uses);
  const milliseconds each = limit.period / limit.most;
  // When the bucket would be full again.
  WallTime full{};
  for (const WallTime use : uses) {
    full = std::max(full, use) + each;
  }
  return full - each * (limit.most - 1);
}

// What is counted of the account's past.
class Past {
 public:
  Past(std::vector<store::AcmeOrder> orders, const Certificate& certificate, WallTime now)
      : certificate_(certificate), now_(now) {
    for (store::AcmeOrder& order : orders) {
      const bool own =
          order.state == store::OrderState::open && order.certificate == certificate.name;
      if (!own) {
        orders_.push_back(std::move(order));
      }
    }
  }

  // A certificate with the same names exists: Let's Encrypt takes the order for a renewal.
  bool is_renewal(const std::string& account) const {
    return (certificate_.version_issuer == account &&
            certificate_.version_names == certificate_.names) ||
           std::ranges::any_of(orders_, [&](const store::AcmeOrder& order) {
             return order.state == store::OrderState::done && order.names == certificate_.names;
           });
  }

  void check(const Limit& limit, const std::string& words,
             const std::function<std::optional<WallTime>(const store::AcmeOrder&)>& use) {
    std::vector<WallTime> uses;
    for (const store::AcmeOrder& order : orders_) {
      // An order that names what it renews is counted by no limit.
      if (const auto time = order.replaces.empty() ? use(order) : std::nullopt) {
        uses.push_back(*time);
      }
    }
    const WallTime until = next_free(limit, std::move(uses));
    if (until > now_ && (!hit_ || until > hit_->until)) {
      hit_ = {.until = until, .words = words};
    }
  }

  std::optional<LimitHit> hit() const { return hit_; }

 private:
  const Certificate& certificate_;
  const WallTime now_;
  std::vector<store::AcmeOrder> orders_;
  std::optional<LimitHit> hit_;
};

// What an order will have used when it is done, or has used already.
bool is_issued(const store::AcmeOrder& order) {
  return order.state == store::OrderState::done || order.state == store::OrderState::open;
}

std::optional<WallTime> when(bool counts, WallTime time) {
  return counts ? std::optional(time) : std::nullopt;
}

// "at most 5 certificates for the same names in 7 days, and that is used up".
std::string used_up(const Limit& limit, const std::string& what) {
  const auto whole_hours = duration_cast<hours>(limit.period).count();
  const std::string period = whole_hours >= 24 ? fmt::format("{} days", whole_hours / 24)
                                               : fmt::format("{} h", whole_hours);
  return fmt::format("at most {} {} in {}, and that is used up", limit.most, what, period);
}

std::string base_of(const std::string& name) {
  return name.starts_with("*.") ? name.substr(2) : name;
}

// Whether a validation of the name failed; a wildcard's is that of its domain.
bool has_failed(const store::AcmeOrder& order, const std::string& name) {
  return std::ranges::any_of(order.failed_names, [&](const std::string& failed) {
    return base_of(failed) == base_of(name);
  });
}

std::vector<std::string> domains_of(const std::vector<std::string>& names) {
  std::vector<std::string> domains;
  for (const std::string& name : names) {
    domains.push_back(registered_domain(name));
  }
  std::ranges::sort(domains);
  const auto twice = std::ranges::unique(domains);
  domains.erase(twice.begin(), twice.end());
  return domains;
}

}  // namespace

std::optional<LimitHit> limit_hit(store::Session& session, const AcmeAccount& account,
                                  const Certificate& certificate, bool replaces, WallTime now) {
  const LimitRow* const limits = limits_of(account.directory);
  if (limits == nullptr || replaces) {
    return std::nullopt;
  }
  Past past(store::list_orders_since(session, account.name, now - kLongestMemory), certificate,
            now);
  past.check(limits->same_names,
             fmt::format("{} signs {}", account.name,
                         used_up(limits->same_names, "certificates for the same names")),
             [&](const store::AcmeOrder& order) {
               return when(is_issued(order) && order.names == certificate.names, order.created);
             });
  for (const std::string& name : certificate.names) {
    past.check(
        limits->failures,
        fmt::format("{} takes {}", account.name,
                    used_up(limits->failures, "failed validations of " + name)),
        [&](const store::AcmeOrder& order) { return when(has_failed(order, name), order.ended); });
  }
  if (past.is_renewal(account.name)) {
    return past.hit();
  }
  past.check(
      limits->orders,
      fmt::format("{} takes {}", account.name, used_up(limits->orders, "orders of one account")),
      [](const store::AcmeOrder& order) { return when(true, order.created); });
  for (const std::string& domain : domains_of(certificate.names)) {
    past.check(limits->domain,
               fmt::format("{} signs {}", account.name,
                           used_up(limits->domain, "certificates for names of " + domain)),
               [&](const store::AcmeOrder& order) {
                 const auto domains = domains_of(order.names);
                 return when(is_issued(order) && std::ranges::binary_search(domains, domain),
                             order.created);
               });
  }
  return past.hit();
}

}  // namespace podplay::control
