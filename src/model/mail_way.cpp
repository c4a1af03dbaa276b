// The walk is bounded, so that no alias can hold up the mail of others.
#include "model/mail_way.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

namespace podplay {
namespace {

// As many as Postfix takes (virtual_alias_expansion_limit).
constexpr std::size_t kMostEnds = 1000;
// Addresses that are looked at for one question.
constexpr std::size_t kMostSteps = 2000;

bool is_role(const std::string& user) { return user == "postmaster" || user == "abuse"; }

// "ann@a.test" and "+lists" make "ann+lists@a.test"; a target with a detail keeps its own.
std::string with_detail(const std::string& target, const std::string& detail) {
  const auto parts = split_address(target);
  if (!parts || detail.empty() || !parts->detail.empty()) {
    return target;
  }
  return fmt::format("{}{}@{}", parts->user, detail, parts->domain);
}

// An address on the way, and the alias that named it.
struct Stop {
  std::string address;
  std::string via;
};

class Walk {
 public:
  Walk(MailDirectory& directory, const RoleNames& roles) : directory_(directory), roles_(roles) {}

  Result<MailWay> from(std::string_view address) {
    ahead_.push_back({.address = std::string(address), .via = ""});
    for (std::size_t steps = 0; !ahead_.empty(); ++steps) {
      if (steps == kMostSteps || way_.ends.size() > kMostEnds) {
        way_.too_long = true;
        break;
      }
      const Stop stop = std::move(ahead_.front());
      ahead_.pop_front();
      if (seen_.insert(stop.address).second) {
        TRY(visit(stop));
      }
    }
    return std::move(way_);
  }

  // Whether the walk went through this alias.
  bool passed(const std::string& alias) const { return passed_.contains(alias); }

 private:
  Status visit(const Stop& stop) {
    const auto parts = split_address(stop.address);
    if (!parts) {
      return end(stop, MailEnd::Kind::missing);
    }
    const bool host = parts->domain == roles_.host;
    TRY(const auto domain, directory_.domain(parts->domain));
    if (domain == MailDirectory::DomainState::disabled) {
      return end(stop, MailEnd::Kind::disabled);
    }
    if (domain == MailDirectory::DomainState::outside && !host) {
      return end(stop, MailEnd::Kind::outside);
    }
    const std::string base = parts->base();
    TRY(const auto mailbox, directory_.mailbox(base));
    if (mailbox) {
      return end(stop, *mailbox ? MailEnd::Kind::mailbox : MailEnd::Kind::disabled);
    }
    TRY(const bool alias, go_on(base, parts->detail));
    if (alias) {
      return {};
    }
    // The detail is a part of a name that nobody has, so it is not passed on.
    TRY(const bool caught, go_on("@" + parts->domain, ""));
    if (caught) {
      return {};
    }
    if (is_role(parts->user)) {
      ahead_.push_back({.address = roles_.admin, .via = base});
      return {};
    }
    return end(stop, MailEnd::Kind::missing);
  }

  // False when there is no such alias.
  Result<bool> go_on(const std::string& alias, const std::string& detail) {
    TRY(const auto targets, directory_.targets(alias));
    if (!targets.empty()) {
      passed_.insert(alias);
    }
    for (const std::string& target : targets) {
      ahead_.push_back({.address = with_detail(target, detail), .via = alias});
    }
    return !targets.empty();
  }

  Status end(const Stop& stop, MailEnd::Kind kind) {
    way_.ends.push_back({.kind = kind, .address = stop.address, .via = stop.via});
    return {};
  }

  MailDirectory& directory_;
  const RoleNames& roles_;
  std::deque<Stop> ahead_;
  // Addresses with their details.
  std::set<std::string> seen_;
  std::set<std::string> passed_;
  MailWay way_;
};

}  // namespace

std::optional<AddressParts> split_address(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == address.npos || at == 0) {
    return std::nullopt;
  }
  const std::string_view local = address.substr(0, at);
  const std::size_t plus = std::min(local.find('+', 1), local.size());
  return AddressParts{.user = std::string(local.substr(0, plus)),
                      .detail = std::string(local.substr(plus)),
                      .domain = std::string(address.substr(at + 1))};
}

std::string without_detail(std::string_view address) {
  const auto parts = split_address(address);
  return parts ? parts->base() : std::string(address);
}

std::string MailEnd::mailbox() const { return without_detail(address); }

bool MailWay::takes_mail() const { return std::ranges::any_of(ends, &MailEnd::takes_mail); }

bool MailWay::reaches(const std::string& mailbox) const {
  return std::ranges::any_of(ends, [&](const MailEnd& end) {
    return end.kind == MailEnd::Kind::mailbox && end.mailbox() == mailbox;
  });
}

Result<MailWay> follow_mail(MailDirectory& directory, const RoleNames& roles,
                            std::string_view address) {
  return Walk(directory, roles).from(address);
}

Result<bool> leads_back(MailDirectory& directory, const RoleNames& roles, std::string_view address,
                        const std::string& alias) {
  Walk walk(directory, roles);
  TRY(walk.from(address));
  return walk.passed(alias);
}

}  // namespace podplay
