// Zones that BIND does not serve as the store has them, and what others see of them.
#include <fmt/format.h>

#include <algorithm>

#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/failing.hpp"

namespace podplay::control {
namespace {

constexpr std::string_view kZoneFollows[] = {"zone-serial-behind", "service-not-ready"};
constexpr std::string_view kForwarderFollows[] = {"mail-deferred-dns", "dns-resolvers-silent"};

constexpr std::size_t kMostNames = 8;

void add_name(std::vector<std::string>& names, const std::string& name) {
  if (names.size() < kMostNames && std::ranges::find(names, name) == names.end()) {
    names.push_back(name);
  }
}

std::optional<Shown> if_any(std::vector<std::string> names, Shown shown) {
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

std::optional<Shown> zone_refused(const Evidence&, const AgentEvidence& agent) {
  std::vector<std::string> names;
  Shown shown;
  for (const SetAsideRow& row : agent.status.set_aside) {
    if (row.kind == RowKind::zone || row.kind == RowKind::rrset) {
      // "ZONE NAME TYPE"
      add_name(names, row.key.substr(0, row.key.find(' ')));
      shown.shown.push_back(fmt::format("{} refuses {}: {}", row.daemon, row.key, row.message));
    }
  }
  shown.follows = {"the zone stays as it was before"};
  return if_any(std::move(names), std::move(shown));
}

std::string answer_words(const EvidenceJson& one) {
  if (one.contains("serial")) {
    return fmt::format("{} answers serial {} for {}; the store has {}", text_of(one, "server"),
                       number_of(one, "serial"), text_of(one, "zone"), number_of(one, "wanted"));
  }
  if (std::string error = text_of(one, "error"); !error.empty()) {
    return fmt::format("{} does not answer: {}", text_of(one, "server"), error);
  }
  return fmt::format("{} answers code {} without a SOA for {}", text_of(one, "server"),
                     number_of(one, "code"), text_of(one, "zone"));
}

// Serials compare in a circle (RFC 1982 section 3.2).
bool is_behind(const EvidenceJson& one) {
  const auto seen = static_cast<std::uint32_t>(number_of(one, "serial"));
  const auto wanted = static_cast<std::uint32_t>(number_of(one, "wanted"));
  const std::uint32_t ahead = wanted - seen;
  return ahead != 0 && ahead < 0x80000000U;
}

std::optional<Shown> serial_behind(const Evidence& evidence) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : evidence.fact("serials")) {
    // A server that says nothing has a cause of its own.
    if (one.contains("error") || (one.contains("serial") && !is_behind(one))) {
      continue;
    }
    add_name(names, text_of(one, "zone"));
    shown.shown.push_back(answer_words(one));
  }
  return if_any(std::move(names), std::move(shown));
}

std::optional<Shown> secondary_behind(const Evidence& evidence) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : evidence.fact("secondaries")) {
    if (one.contains("serial") && !is_behind(one)) {
      continue;
    }
    add_name(names, text_of(one, "server"));
    shown.shown.push_back(answer_words(one));
  }
  return if_any(std::move(names), std::move(shown));
}

std::optional<Shown> forwarder_unreachable(const Evidence& evidence) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : evidence.fact("forwarders")) {
    if (!flag_of(one, "ok", true)) {
      add_name(names, text_of(one, "address"));
      shown.shown.push_back(fmt::format("{}: {}", text_of(one, "address"), text_of(one, "words")));
    }
  }
  shown.follows = {"the pod cannot look up names of others: mail, certificates"};
  return if_any(std::move(names), std::move(shown));
}

std::optional<Shown> resolvers_silent(const Evidence& evidence) {
  const EvidenceJson& silent = evidence.fact("resolvers_silent");
  if (!silent.is_boolean() || !silent.get<bool>()) {
    return std::nullopt;
  }
  return Shown{.shown = {"none of the resolvers (PODPLAY_RESOLVERS, PODPLAY_DNS_FORWARDERS, or "
                         "those of the pod) sends an answer"}};
}

// The name that we give our server in this zone, with an address that is not ours: the delegation
// is right, and what is wrong is the glue.
bool has_wrong_glue(const EvidenceJson& delegation, const std::string& server) {
  return server == "ns1." + text_of(delegation, "zone") &&
         std::ranges::any_of(list_of(delegation, "glue"), [&](const EvidenceJson& one) {
           return text_of(one, "server") == server && !flag_of(one, "ours", true);
         });
}

std::optional<Shown> delegation(const Evidence& evidence) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : evidence.fact("delegations")) {
    const std::string state = text_of(one, "state");
    if (state != "elsewhere" && state != "partly") {
      continue;
    }
    std::vector<std::string> others;
    bool by_glue = false;
    for (const EvidenceJson& other : list_of(one, "others")) {
      if (!other.is_string()) {
        continue;
      }
      others.push_back(other.get<std::string>());
      if (has_wrong_glue(one, others.back())) {
        others.pop_back();
        by_glue = true;
      }
    }
    if (by_glue && others.empty()) {
      continue;
    }
    add_name(names, text_of(one, "zone"));
    shown.shown.push_back(
        others.empty() ? fmt::format("the world knows no name servers of {}", text_of(one, "zone"))
                       : fmt::format("the world asks {} about {}; these are not this server",
                                     join_names(others), text_of(one, "zone")));
  }
  return if_any(std::move(names), std::move(shown));
}

std::optional<Shown> glue(const Evidence& evidence) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : evidence.fact("delegations")) {
    for (const EvidenceJson& server : list_of(one, "glue")) {
      if (flag_of(server, "ours", true)) {
        continue;
      }
      std::vector<std::string> addresses;
      for (const EvidenceJson& address : list_of(server, "addresses")) {
        if (address.is_string()) {
          addresses.push_back(address.get<std::string>());
        }
      }
      add_name(names, text_of(server, "server"));
      shown.shown.push_back(
          fmt::format("{} has {}; it must have {}", text_of(server, "server"),
                      addresses.empty() ? "no address" : "the address " + join_names(addresses),
                      text_of(server, "wanted")));
    }
  }
  return if_any(std::move(names), std::move(shown));
}

std::optional<Shown> reverse_name(const Evidence& evidence) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : evidence.fact("reverse")) {
    const EvidenceJson& found = list_of(one, "names");
    const std::string wanted = text_of(one, "wanted");
    if (!flag_of(one, "asked") || std::ranges::find(found, EvidenceJson(wanted)) != found.end()) {
      continue;
    }
    add_name(names, text_of(one, "address"));
    shown.shown.push_back(fmt::format(
        "{} is called '{}' by the DNS; mail servers expect {}", text_of(one, "address"),
        !found.empty() && found.front().is_string() ? found.front().get<std::string>() : "",
        wanted));
  }
  shown.follows = {"other mail servers refuse or distrust our mail"};
  return if_any(std::move(names), std::move(shown));
}

constexpr Cause kDnsRows[] = {
    {.id = "zone-refused",
     .service = "bind",
     .title = "BIND refuses the zone {}",
     .remedy = "read its words below; correct the domain or the template override, then run "
               "`podplay domains show {}`",
     .runbook = "docs/runbooks/dns.md#zone-refused",
     .rank = 42,
     .explains = kZoneFollows,
     .agent = zone_refused},
    {.id = "zone-serial-behind",
     .service = "bind",
     .title = "BIND serves an old state of the zone {}",
     .remedy = "wait some minutes: zones are compared in turn, and what differs is told to BIND "
               "again; if "
               "it stays, `podplay logs bind --level WARN` says why",
     .runbook = "docs/runbooks/dns.md#zone-serial-behind",
     .rank = 48,
     .pod = serial_behind},
    {.id = "dns-forwarder-unreachable",
     .service = "bind",
     .title = "the forwarder {} does not answer",
     .remedy = "check PODPLAY_DNS_FORWARDERS and the network, then run `podplay up`",
     .runbook = "docs/runbooks/dns.md#dns-forwarder-unreachable",
     .rank = 50,
     .explains = kForwarderFollows,
     .pod = forwarder_unreachable},
    {.id = "dns-resolvers-silent",
     .service = "bind",
     .title = "no resolver answers, so nobody knows what the world sees of our names",
     .remedy = "check PODPLAY_RESOLVERS and the network",
     .runbook = "docs/runbooks/dns.md#dns-resolvers-silent",
     .rank = 51,
     .severity = CauseSeverity::warning,
     .pod = resolvers_silent},
    {.id = "dns-delegation",
     .service = "bind",
     .title = "the world asks other name servers about {}",
     .remedy = "name this server (ns1.{}) and the secondaries at the registrar, and no other",
     .runbook = "docs/runbooks/dns.md#dns-delegation",
     .rank = 52,
     .pod = delegation},
    {.id = "dns-glue",
     .service = "bind",
     .title = "the world has a wrong address for the name server {}",
     .remedy = "correct the glue record at the registrar, or PODPLAY_PUBLIC_IPV4",
     .runbook = "docs/runbooks/dns.md#dns-glue",
     .rank = 53,
     .pod = glue},
    {.id = "dns-secondary-behind",
     .service = "bind",
     .title = "the secondary {} does not have the newest zones",
     .remedy = "let it transfer from this server: port 53 by TCP must be open both ways; `podplay "
               "logs bind --daemon security` shows refused transfers",
     .runbook = "docs/runbooks/dns.md#dns-secondary-behind",
     .rank = 54,
     .severity = CauseSeverity::warning,
     .pod = secondary_behind},
    {.id = "dns-reverse-name",
     .service = "bind",
     .title = "the reverse name of {} is not the mail server's name",
     .remedy = "ask the provider of the address for a PTR record with the mail server's name "
               "(PODPLAY_MAIL_SERVER_NAME)",
     .runbook = "docs/runbooks/dns.md#dns-reverse-name",
     .rank = 55,
     .severity = CauseSeverity::warning,
     .pod = reverse_name},
};

}  // namespace

const std::span<const Cause> kDnsCauses = kDnsRows;

}  // namespace podplay::control
