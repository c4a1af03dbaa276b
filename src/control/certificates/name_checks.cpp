// A finding is fatal only when the authority will see the same and must refuse. What answers at an
// address outweighs which address it is: a router or proxy may stand in front of us.
#include "control/certificates/name_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "acme/challenge.hpp"
#include "base/numbers.hpp"
#include "control/certificates/caa.hpp"
#include "control/certificates/delegation.hpp"
#include "control/certificates/dns_hook.hpp"
#include "model/serial.hpp"
#include "store/certificates.hpp"
#include "store/zones.hpp"

namespace podplay::control {
namespace {

using acme::ChallengeType;
using net::LookupOutcome;

constexpr std::chrono::milliseconds kLookTimeout{2000};

// The serial in SOA data (RFC 1035 section 3.3.13).
std::optional<std::uint32_t> serial_of(const std::vector<std::string>& soa) {
  if (soa.empty()) {
    return std::nullopt;
  }
  std::string_view rest = soa.front();
  for (int field = 0; field < 2; ++field) {
    rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
  }
  return parse_number<std::uint32_t>(rest.substr(0, rest.find(' ')));
}

}  // namespace

NameChecks::NameChecks(Context& context, const Certificate& certificate, const AcmeAccount& account,
                       NameCheckOptions options)
    : context_(context),
      certificate_(certificate),
      account_(account),
      options_(std::move(options)),
      names_(context, options_.total) {}

void NameChecks::add(Finding finding) {
  context_.certificate_log.debug("found before the order", {{"name", finding.name},
                                                            {"code", finding.code},
                                                            {"fatal", finding.fatal},
                                                            {"what", finding.message}});
  findings_.push_back(std::move(finding));
}

void NameChecks::not_asked(const std::string& name, const std::string& what,
                           const std::string& why) {
  // One finding says it for all names.
  if (names_.silent() || names_.is_over()) {
    return;
  }
  add({.name = name,
       .code = "not_asked",
       .message = fmt::format("{} of {} could not be asked: {}", what, name, why),
       .remedy = names_.outside() ? "try again; PODPLAY_RESOLVERS names the resolvers"
                                  : "set PODPLAY_RESOLVERS to ask resolvers outside"});
}

std::vector<Finding> NameChecks::look_at(const std::vector<acme::Identifier>& identifiers) {
  if (names_.outside() && names_.only_own_server()) {
    add({.code = "resolver_is_own",
         .message = "the only resolver is this pod's own BIND, which does not know what the world "
                    "sees",
         .remedy = "set PODPLAY_RESOLVERS, or PODPLAY_DNS_FORWARDERS, to resolvers outside"});
  }
  std::size_t looked = 0;
  for (const acme::Identifier& identifier : identifiers) {
    if (names_.silent() || names_.is_over()) {
      break;
    }
    look_at_name(identifier);
    ++looked;
  }
  if (names_.silent()) {
    add({.code = "resolvers_silent",
         .message = "no resolver answers, so that nothing is known about the names",
         .remedy = "set PODPLAY_RESOLVERS to resolvers that this machine can reach"});
  } else if (names_.is_over()) {
    add({.code = "time_over",
         .message = fmt::format("{} of {} names were looked at in the time for it", looked,
                                identifiers.size()),
         .remedy = "resolvers or servers answer slowly; try again"});
  }
  return std::move(findings_);
}

void NameChecks::look_at_name(const acme::Identifier& identifier) {
  const auto plans = plans_for(context_, names_, identifier, certificate_.wishes.challenge);
  if (plans.empty()) {
    no_plan(identifier);
    return;
  }
  const ChallengePlan& plan = plans.front();
  if (plan.by_hook) {
    look_at_hook(identifier.text());
  } else if (plan.type == ChallengeType::dns_01) {
    look_at_zone(identifier.text(), plan.zone);
  }
  if (identifier.ip()) {
    look_at_address(identifier.text(), identifier.text(), plan, false);
    return;
  }
  look_at_addresses(identifier, plan);
  look_at_caa(identifier, plan);
}

void NameChecks::no_plan(const acme::Identifier& identifier) {
  const std::string& wished = certificate_.wishes.challenge;
  const auto type = acme::parse_challenge_type(wished);
  if (type && !acme::is_possible(*type, identifier)) {
    add({.name = identifier.text(),
         .code = "no_challenge",
         .fatal = true,
         .message = fmt::format("{} is not possible for {}", wished, identifier.text()),
         .remedy = identifier.wildcard() ? "a wildcard needs dns-01"
                                         : "an address needs http-01 or tls-alpn-01"});
    return;
  }
  const std::string record = "_acme-challenge." + identifier.base();
  add({.name = identifier.text(),
       .code = "zone_not_ours",
       .fatal = true,
       .message = fmt::format("no zone here holds the TXT record {}", record),
       .remedy = fmt::format("make {} a CNAME to a name in a zone of this server, or set "
                             "PODPLAY_DNS_HOOK{}",
                             record, identifier.wildcard() ? "" : ", or choose http-01")});
}

void NameChecks::look_at_hook(const std::string& name) {
  const Status usable = check_dns_hook(context_);
  if (!usable) {
    add({.name = name,
         .code = usable.error().code,
         .fatal = true,
         .message = usable.error().message,
         .remedy = usable.error().remedy});
  }
}

void NameChecks::look_at_zone(const std::string& name, const std::string& zone) {
  if (!zones_.insert(zone).second) {
    return;
  }
  const Delegation delegation = delegation_of(context_, names_, zone);
  const std::string others = fmt::format("{}", fmt::join(delegation.others, ", "));
  switch (delegation.state) {
    case DelegationState::ours: break;
    case DelegationState::unknown: not_asked(zone, "the name servers", delegation.why); return;
    case DelegationState::elsewhere:
      add({.name = name,
           .code = "zone_elsewhere",
           .fatal = true,
           .message = others.empty()
                          ? fmt::format("the world knows no name servers of {}", zone)
                          : fmt::format("the world asks {} for {}, not this server", others, zone),
           .remedy = fmt::format("name ns1.{} at the registrar as the zone's server, or choose "
                                 "http-01",
                                 zone)});
      return;
    case DelegationState::partly:
      add({.name = name,
           .code = "zone_partly_elsewhere",
           .message = fmt::format("the world also asks {} for {}, which may not have the record",
                                  others, zone),
           .remedy = "add it to PODPLAY_DNS_SECONDARIES, or remove it at the registrar"});
      break;
  }
  look_at_secondaries(zone);
}

void NameChecks::look_at_secondaries(const std::string& zone) {
  const auto state = context_.store.read<std::optional<store::ZoneState>>(
      [&](store::Session& session) { return store::find_zone(session, zone); });
  for (const Secondary& secondary : zone_secondaries(context_)) {
    if (!names_.outside() || names_.is_over()) {
      return;
    }
    const auto answer =
        net::dns_query(secondary.address, options_.dns_port, zone, "SOA", false, kLookTimeout);
    const auto serial = answer ? serial_of(answer->data) : std::nullopt;
    if (!serial || !answer->authoritative) {
      add({.name = zone,
           .code = "secondary_without_zone",
           .message = answer
                          ? fmt::format("the secondary {} does not have {}", secondary.name, zone)
                          : fmt::format("the secondary {} does not answer: {}", secondary.name,
                                        answer.error().message),
           .remedy = "authorities may ask it: let it take the zone from here, or remove it from "
                     "PODPLAY_DNS_SECONDARIES"});
    } else if (state && *state && serial_is_after((*state)->serial, *serial)) {
      add({.name = zone,
           .code = "secondary_behind",
           .message = fmt::format("the secondary {} has the serial {} of {}, and here it is {}",
                                  secondary.name, *serial, zone, (*state)->serial),
           .remedy = "let it take zones from here when it is notified"});
    }
  }
}

void NameChecks::look_at_addresses(const acme::Identifier& identifier, const ChallengePlan& plan) {
  const bool matters = plan.type != ChallengeType::dns_01;
  // A wildcard's record is nobody's address.
  if (identifier.wildcard()) {
    return;
  }
  const std::string& name = identifier.text();
  const net::Lookup& four = names_.ask(name, "A");
  const net::Lookup& six = names_.ask(name, "AAAA");
  for (const net::Lookup* found : {&four, &six}) {
    if (found->outcome == LookupOutcome::not_asked) {
      not_asked(name, "the addresses", found->why);
      return;
    }
  }
  if (four.data.empty() && six.data.empty()) {
    const bool exists = four.outcome != LookupOutcome::no_such_name;
    add({.name = name,
         .code = exists ? "no_address" : "no_such_name",
         .fatal = matters,
         .message = exists ? fmt::format("{} has no address", name)
                           : fmt::format("the name {} does not exist", name),
         .remedy = fmt::format("make A or AAAA records of {} with {}", name, own_addresses())});
    return;
  }
  const bool four_here = std::ranges::any_of(
      four.data, [&](const std::string& one) { return is_own_address(context_, one); });
  for (const std::string& address : four.data) {
    look_at_address(name, address, plan, false);
  }
  for (const std::string& address : six.data) {
    look_at_address(name, address, plan, four_here);
  }
}

// `another_here`: an IPv4 address of the name is ours, and this is an IPv6 address.
void NameChecks::look_at_address(const std::string& name, const std::string& address,
                                 const ChallengePlan& plan, bool another_here) {
  const bool here = is_own_address(context_, address);
  const bool matters = plan.type != ChallengeType::dns_01;
  const bool may_look = matters && (here || names_.outside());
  const int port = plan.type == ChallengeType::http_01 ? options_.http_port : options_.https_port;
  const Sight sight = may_look ? sight_of(name, address, plan) : Sight{};
  if (!here) {
    // Authorities prefer IPv6, and most go on with IPv4 when nothing answers there.
    const bool ours = sight.seen == Seen::ours;
    const bool fatal = matters && !ours && (!another_here || sight.seen == Seen::other);
    add({.name = name,
         .code = another_here ? "ipv6_elsewhere" : "points_elsewhere",
         .fatal = fatal,
         .message = fmt::format("{} points to {}, not to here ({}){}", name, address,
                                own_addresses(), ours ? ", but this server answers there" : ""),
         .remedy = fmt::format("correct the {} record of {}, or PODPLAY_PUBLIC_IPV{} if that "
                               "address is this server's",
                               address.find(':') == address.npos ? "A" : "AAAA", name,
                               address.find(':') == address.npos ? 4 : 6)});
    return;
  }
  if (!may_look || sight.seen == Seen::ours) {
    return;
  }
  if (sight.seen == Seen::other) {
    add({.name = name,
         .code = "other_server",
         .message =
             fmt::format("something else answers on port {} of {}: {}", port, address, sight.words),
         .remedy = "a router may answer those that ask from inside; else let the port lead here"});
    return;
  }
  const std::int64_t published = plan.type == ChallengeType::http_01
                                     ? context_.settings.integer("PODPLAY_HOST_HTTP_PORT")
                                     : context_.settings.integer("PODPLAY_HOST_HTTPS_PORT");
  const std::string elsewhere =
      published == port ? "" : fmt::format("; this pod publishes {} instead", published);
  add({.name = name,
       .code = "port_not_seen",
       .message = fmt::format("port {} of {} cannot be reached from here{}; from outside it may be "
                              "open",
                              port, address, elsewhere),
       .remedy = fmt::format("authorities come by port {}: open it in the firewall and let it lead "
                             "to this pod, or choose another challenge",
                             port)});
}

Sight NameChecks::sight_of(const std::string& name, const std::string& address,
                           const ChallengePlan& plan) {
  const bool http = plan.type == ChallengeType::http_01;
  // The web server is the same for all names of an address; its certificate is not.
  const std::string key = address + (http ? "" : " " + name);
  const auto known = sights_.find(key);
  if (known != sights_.end()) {
    return known->second;
  }
  if (names_.is_over()) {
    return {};
  }
  const Sight sight =
      http ? look_at_http(address, options_.http_port, name, kLookTimeout)
           : look_at_tls(address, options_.https_port, name, versions_for(name), kLookTimeout);
  context_.certificate_log.debug("looked at an address", {{"address", address},
                                                          {"name", name},
                                                          {"challenge", to_text(plan.type)},
                                                          {"what", sight.words}});
  sights_.emplace(key, sight);
  return sight;
}

// What our web server may show for a name: its own certificate, one of a domain above it, or the
// hosts'.
std::vector<std::string> NameChecks::versions_for(const std::string& name) const {
  std::vector<std::string> owners{certificate_.name, context_.settings.text("PODPLAY_HOST_NAME"),
                                  context_.settings.text("PODPLAY_MAIL_SERVER_NAME")};
  for (std::string owner = name; !owner.empty();) {
    owners.push_back(owner);
    const std::size_t dot = owner.find('.');
    owner = dot == owner.npos ? "" : owner.substr(dot + 1);
  }
  const auto versions = context_.store.read<std::vector<std::string>>([&](store::Session& session) {
    std::vector<std::string> found;
    for (const std::string& owner : owners) {
      if (const auto row = store::find_certificate(session, owner); row && !row->version.empty()) {
        found.push_back(row->version);
      }
    }
    return found;
  });
  return versions.value_or(std::vector<std::string>{});
}

void NameChecks::look_at_caa(const acme::Identifier& identifier, const ChallengePlan& plan) {
  const CaaRecords found = find_caa(names_, identifier.base());
  if (!found.not_asked.empty()) {
    not_asked(found.owner, "the CAA records", found.not_asked);
    return;
  }
  const CaaVerdict verdict = judge_caa(
      found.records, {.identities = options_.caa_identities.value_or(std::vector<std::string>{}),
                      .account = account_.url,
                      .type = plan.type,
                      .wildcard = identifier.wildcard()});
  if (verdict.answer == CaaAnswer::allowed) {
    return;
  }
  const bool known = options_.caa_identities && !options_.caa_identities->empty();
  add({.name = identifier.text(),
       .code = verdict.answer == CaaAnswer::forbidden ? "caa_forbids" : "caa_unclear",
       .fatal = verdict.answer == CaaAnswer::forbidden,
       .message = fmt::format("the CAA records of {} {}{}", found.owner, verdict.words,
                              verdict.answer == CaaAnswer::forbidden
                                  ? ""
                                  : ", and this authority does not say by which name it is known "
                                    "there"),
       .remedy = known ? fmt::format("change them, or add {} CAA 0 {} \"{}\"", found.owner,
                                     identifier.wildcard() ? "issuewild" : "issue",
                                     options_.caa_identities->front())
                       : fmt::format("change the CAA records of {}", found.owner)});
}

std::string NameChecks::own_addresses() const {
  std::vector<std::string> addresses;
  for (const std::string* one : {&context_.settings.text("PODPLAY_PUBLIC_IPV4"),
                                 &context_.settings.text("PODPLAY_PUBLIC_IPV6")}) {
    if (!one->empty()) {
      addresses.push_back(*one);
    }
  }
  return fmt::format("{}", fmt::join(addresses, " and "));
}

}  // namespace podplay::control
