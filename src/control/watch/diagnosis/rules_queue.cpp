// Mail that waits, by Postfix's own record of the last try of each message.
#include <fmt/format.h>

#include "control/watch/diagnosis/cause.hpp"

namespace podplay::control {
namespace {

constexpr std::string_view kQueueGrows[] = {"mail-queue-growing"};

// The messages that wait for one class of reasons.
std::optional<Shown> waiting(const AgentEvidence& agent, std::string_view reason,
                             std::int64_t least) {
  const EvidenceJson& group = object_of(object_of(agent.section("queue"), "reasons"), reason);
  const std::int64_t count = number_of(group, "count");
  if (count < least) {
    return std::nullopt;
  }
  Shown shown{.shown = {fmt::format("{} messages wait with this reason", count)}};
  for (const EvidenceJson& one : list_of(group, "examples")) {
    shown.shown.push_back(fmt::format("{} to {}: {} {}", text_of(one, "queue_id"),
                                      text_of(one, "recipient"), text_of(one, "status"),
                                      text_of(one, "words")));
  }
  return shown;
}

// Through a relay one message tells how it is for all; of the many servers of the world, some are
// always away.
std::optional<Shown> deferred(const Evidence& evidence, const AgentEvidence& agent,
                              std::string_view reason) {
  constexpr std::int64_t kSeveral = 5;
  const bool relay =
      evidence.settings != nullptr && evidence.settings->text("PODPLAY_MAIL_OUTBOUND") == "relay";
  auto shown = waiting(agent, reason, relay ? 1 : kSeveral);
  if (shown && relay) {
    shown->shown.push_back("all mail for others goes to PODPLAY_MAIL_RELAY=" +
                           evidence.settings->text("PODPLAY_MAIL_RELAY"));
  }
  return shown;
}

std::optional<Shown> queue_growing(const Evidence&, const AgentEvidence& agent) {
  const EvidenceJson& queue = agent.section("queue");
  if (!flag_of(queue, "growing")) {
    return std::nullopt;
  }
  Shown shown{.shown = {fmt::format("{} messages wait, {} more than {} minutes ago at most",
                                    number_of(queue, "waiting"), number_of(queue, "growth"),
                                    number_of(queue, "growth_minutes"))}};
  for (const auto& [reason, group] : object_of(queue, "reasons").items()) {
    shown.shown.push_back(fmt::format("{}: {}", reason, number_of(group, "count")));
  }
  return shown;
}

constexpr Cause kQueueRows[] = {
    {.id = "mail-deferred-tls",
     .service = "mail",
     .title = "mail for others waits: TLS with the other server fails",
     .remedy = "read the words below; for a relay check PODPLAY_MAIL_RELAY_TLS, then run `podplay "
               "mail queue retry`",
     .runbook = "docs/runbooks/mail.md#mail-deferred-tls",
     .rank = 51,
     .explains = kQueueGrows,
     .agent = [](const Evidence& e, const AgentEvidence& a) { return deferred(e, a, "tls"); }},
    {.id = "mail-deferred-dns",
     .service = "mail",
     .title = "mail for others waits: names of other servers cannot be looked up",
     .remedy =
         "check PODPLAY_DNS_FORWARDERS with `podplay diag bind`, then run `podplay mail queue "
         "retry`",
     .runbook = "docs/runbooks/mail.md#mail-deferred-dns",
     .rank = 52,
     .explains = kQueueGrows,
     .agent = [](const Evidence& e, const AgentEvidence& a) { return deferred(e, a, "dns"); }},
    {.id = "mail-deferred-refused",
     .service = "mail",
     .title = "mail for others waits: the other server cannot be reached",
     .remedy =
         "check the network and the firewall for port 25 outward, or PODPLAY_MAIL_RELAY; then "
         "run `podplay mail queue retry`",
     .runbook = "docs/runbooks/mail.md#mail-deferred-refused",
     .rank = 53,
     .explains = kQueueGrows,
     .agent = [](const Evidence& e, const AgentEvidence& a) { return deferred(e, a, "refused"); }},
    {.id = "mail-deferred-policy",
     .service = "mail",
     .title = "mail for others waits: the other server refuses it for its policy",
     .remedy = "read the words below, and look for an account that sends spam; the reverse name, "
               "SPF and DKIM of the server must be right",
     .runbook = "docs/runbooks/mail.md#mail-deferred-policy",
     .rank = 54,
     .explains = kQueueGrows,
     .agent = [](const Evidence& e, const AgentEvidence& a) { return deferred(e, a, "policy"); }},
    {.id = "mail-deferred-greylisted",
     .service = "mail",
     .title = "mail for others waits: the other server greylists and takes it at a later try",
     .remedy = "wait: Postfix tries again by itself within the hour",
     .runbook = "docs/runbooks/mail.md#mail-deferred-greylisted",
     .rank = 55,
     .explains = kQueueGrows,
     .severity = CauseSeverity::warning,
     .agent = [](const Evidence& e, const AgentEvidence& a) { return deferred(e, a, "greylist"); }},
    {.id = "mail-deferred-other",
     .service = "mail",
     .title = "mail for others waits for a reason that no rule knows",
     .remedy = "read the words below; they are those of the other server or of Postfix",
     .runbook = "docs/runbooks/mail.md#mail-deferred-other",
     .rank = 55,
     .explains = kQueueGrows,
     .severity = CauseSeverity::warning,
     .agent = [](const Evidence& e, const AgentEvidence& a) { return deferred(e, a, "other"); }},
    {.id = "mail-outbound-off",
     .service = "mail",
     .title = "mail for others waits: sending is turned off (PODPLAY_MAIL_OUTBOUND=none)",
     .remedy = "set PODPLAY_MAIL_OUTBOUND to direct or relay and run `podplay up`, or delete the "
               "messages with `podplay mail queue delete`",
     .runbook = "docs/runbooks/mail.md#mail-outbound-off",
     .rank = 56,
     .explains = kQueueGrows,
     .severity = CauseSeverity::warning,
     .agent = [](const Evidence&, const AgentEvidence& a) { return waiting(a, "off", 1); }},
    {.id = "mail-mailbox-refused",
     .service = "mail",
     .title = "mail for mailboxes waits: Dovecot refuses it for now",
     .remedy = "run `podplay logs mail --daemon dovecot --level ERROR`",
     .runbook = "docs/runbooks/mail.md#mail-mailbox-refused",
     .rank = 61,
     .explains = kQueueGrows,
     .agent = [](const Evidence&, const AgentEvidence& a) { return waiting(a, "mailbox", 1); }},
    {.id = "mail-deferred-quota",
     .service = "mail",
     .title = "mail waits: the other side says that a mailbox is full",
     .remedy = "read the words below; what stays full bounces after five days",
     .runbook = "docs/runbooks/mail.md#mail-deferred-quota",
     .rank = 63,
     .severity = CauseSeverity::warning,
     .agent = [](const Evidence&, const AgentEvidence& a) { return waiting(a, "quota", 1); }},
    {.id = "mail-queue-growing",
     .service = "mail",
     .title = "the queue of mail grows",
     .remedy = "run `podplay mail queue list`; its reasons say why messages wait",
     .runbook = "docs/runbooks/mail.md#mail-queue-growing",
     .rank = 66,
     .severity = CauseSeverity::warning,
     .agent = queue_growing},
};

}  // namespace

const std::span<const Cause> kQueueCauses = kQueueRows;

}  // namespace podplay::control
