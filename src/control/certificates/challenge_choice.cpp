// An authority follows CNAMEs to the TXT record (RFC 8555 section 8.4), so one of our zones may
// hold the record of a name that is none of ours.
#include "control/certificates/challenge_choice.hpp"

#include <algorithm>

#include "control/certificates/delegation.hpp"
#include "control/certificates/dns_hook.hpp"

namespace podplay::control {
namespace {

using acme::ChallengeType;

constexpr std::chrono::milliseconds kOwnLook{4000};

struct DnsPlan {
  ChallengePlan plan;
  // Only for names that need it, or people who wish it.
  bool last = false;
};

std::optional<DnsPlan> plan_by_hook(const Context& context, const std::string& record) {
  if (!has_dns_hook(context)) {
    return std::nullopt;
  }
  return DnsPlan{.plan = {.type = ChallengeType::dns_01, .txt_name = record, .by_hook = true},
                 .last = true};
}

// Where the CNAMEs of the record lead, when that is below one of our zones.
std::optional<DnsPlan> plan_by_alias(PublicNames& names, const std::string& record) {
  const std::string& end = names.ask(record, "TXT").end;
  const std::string zone = end.empty() || end == record ? "" : names.zone_of(end);
  if (zone.empty() || end == zone) {
    return std::nullopt;
  }
  return DnsPlan{.plan = {.type = ChallengeType::dns_01, .zone = zone, .txt_name = end}};
}

std::optional<DnsPlan> dns_plan(Context& context, PublicNames& names,
                                const acme::Identifier& identifier) {
  const std::string record = "_acme-challenge." + identifier.base();
  const std::string zone = names.zone_of(record);
  if (zone.empty()) {
    auto alias = plan_by_alias(names, record);
    return alias ? alias : plan_by_hook(context, record);
  }
  DnsPlan own{.plan = {.type = ChallengeType::dns_01, .zone = zone, .txt_name = record}};
  if (delegation_of(context, names, zone).state != DelegationState::elsewhere) {
    return own;
  }
  if (auto alias = plan_by_alias(names, record)) {
    return alias;
  }
  if (auto hook = plan_by_hook(context, record)) {
    return hook;
  }
  own.last = true;
  return own;
}

}  // namespace

std::vector<ChallengePlan> plans_for(Context& context, PublicNames& names,
                                     const acme::Identifier& identifier,
                                     const std::string& wished) {
  std::vector<ChallengePlan> plans;
  for (const ChallengeType type :
       {ChallengeType::dns_01, ChallengeType::http_01, ChallengeType::tls_alpn_01}) {
    if (!acme::is_possible(type, identifier) || (!wished.empty() && wished != to_text(type))) {
      continue;
    }
    if (type != ChallengeType::dns_01) {
      plans.push_back({.type = type});
    } else if (auto dns = dns_plan(context, names, identifier)) {
      plans.push_back(dns->plan);
      if (dns->last && wished.empty() && !identifier.wildcard()) {
        plans = {{.type = ChallengeType::http_01},
                 {.type = ChallengeType::tls_alpn_01},
                 std::move(dns->plan)};
        break;
      }
    }
  }
  context.certificate_log.debug(
      "chose a challenge",
      {{"name", identifier.text()},
       {"type", plans.empty() ? "none" : std::string(to_text(plans.front().type))},
       {"record", plans.empty() ? "" : plans.front().txt_name}});
  return plans;
}

std::vector<ChallengePlan> plans_for(Context& context, const acme::Identifier& identifier,
                                     const std::string& wished) {
  PublicNames names(context, kOwnLook);
  return plans_for(context, names, identifier, wished);
}

}  // namespace podplay::control
