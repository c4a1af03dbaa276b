// Mail that does not come in, does not go out, or is not the owner's. What the agent sees right now
// (sockets, queue, folders) decides; lines of logs only count people and bounces.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/failing.hpp"

namespace podplay::control {
namespace {

constexpr std::string_view kDeliveryWaits[] = {"service-not-ready", "daemon-hangs",
                                               "mail-mailbox-refused", "mail-queue-growing"};
constexpr std::string_view kQueueGrows[] = {"mail-queue-growing"};
constexpr std::string_view kSpamFollows[] = {"mail-bounce-burst", "mail-queue-growing",
                                             "mail-deferred-policy"};
constexpr std::string_view kDirectoryFollows[] = {"service-not-ready", "dovecot-auth-unreachable",
                                                  "mail-lookups-unreachable", "directory-stale"};
constexpr std::string_view kDeniedFollows[] = {"mail-mailbox-refused", "mail-queue-growing"};
constexpr std::string_view kFullFollows[] = {"mail-deferred-quota"};

// While a daemon starts, its sockets are not there yet.
bool is_running(const AgentEvidence& agent, std::string_view name) {
  const DaemonStatus* daemon = agent.daemon(name);
  return daemon != nullptr && daemon->state == "ready";
}

std::optional<Shown> door_shut(const AgentEvidence& agent, std::string_view name) {
  const EvidenceJson& doors = agent.section("doors");
  if (!doors.is_array()) {
    return std::nullopt;
  }
  for (const EvidenceJson& door : doors) {
    if (text_of(door, "name") == name && !flag_of(door, "ok", true)) {
      return Shown{.shown = {text_of(door, "words")}};
    }
  }
  return std::nullopt;
}

std::optional<Shown> auth_unreachable(const Evidence&, const AgentEvidence& agent) {
  auto shown = is_running(agent, "dovecot") ? door_shut(agent, "dovecot-auth") : std::nullopt;
  if (shown) {
    shown->follows = {"nobody can log in to send mail (454 Temporary authentication failure)"};
  }
  return shown;
}

std::optional<Shown> lmtp_unreachable(const Evidence&, const AgentEvidence& agent) {
  auto shown = is_running(agent, "dovecot") ? door_shut(agent, "dovecot-lmtp") : std::nullopt;
  if (shown) {
    const std::int64_t waiting =
        number_of(object_of(object_of(agent.section("queue"), "reasons"), "lmtp"), "count");
    shown->follows = {"mail for the mailboxes is taken and waits in the queue"};
    if (waiting > 0) {
      shown->shown.push_back(fmt::format("{} messages wait for it", waiting));
    }
  }
  return shown;
}

std::optional<Shown> lookups_unreachable(const Evidence&, const AgentEvidence& agent) {
  auto shown = door_shut(agent, "agent-lookups");
  if (!shown) {
    shown = door_shut(agent, "agent-quota");
  }
  if (shown) {
    shown->follows = {"Postfix answers every recipient with 451"};
  }
  return shown;
}

std::optional<Shown> directory_damaged(const Evidence&, const AgentEvidence& agent) {
  const EvidenceJson& directory = agent.section("directory");
  std::vector<std::string> lines;
  if (const std::string damage = text_of(directory, "damage"); !damage.empty()) {
    lines.push_back(damage);
  }
  if (const std::string missing = text_of(directory, "missing"); !missing.empty()) {
    lines.push_back(text_of(directory, "path") + ": " + missing);
  }
  if (lines.empty()) {
    return std::nullopt;
  }
  return Shown{.shown = std::move(lines), .follows = {"logins and new mail fail"}};
}

std::optional<Shown> directory_stale(const Evidence& evidence, const AgentEvidence& agent) {
  const EvidenceJson& feed = evidence.fact("feed");
  if (!flag_of(feed, "stuck") || agent.status.state == "away") {
    return std::nullopt;
  }
  return Shown{.shown = {fmt::format("the directory is at change {} of {} and does not go on",
                                     number_of(feed, "mail_agent"), number_of(feed, "mail")),
                         agent.status.message},
               .follows = {"new accounts, passwords and aliases have no effect on mail"}};
}

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

const EvidenceJson& lines_of(const AgentEvidence& agent, std::string_view kind) {
  return object_of(object_of(agent.section("mail_lines"), "kinds"), kind);
}

std::vector<std::string> examples_of(const EvidenceJson& group) {
  std::vector<std::string> lines;
  for (const EvidenceJson& line : list_of(group, "examples")) {
    if (line.is_string()) {
      lines.push_back(line.get<std::string>());
    }
  }
  return lines;
}

// A sender chooses recipients. Only what is harmless in a command of a remedy is named.
bool is_plain_address(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_+@";
  return !text.empty() && text.find_first_not_of(kPlain) == text.npos && text.front() != '-';
}

std::optional<Shown> loops(const Evidence&, const AgentEvidence& agent) {
  constexpr std::int64_t kLongAgo = 5 * 60'000;
  const EvidenceJson& group = lines_of(agent, "loop");
  if (number_of(group, "count") == 0 || number_of(group, "age_ms") > kLongAgo) {
    return std::nullopt;
  }
  std::vector<std::string> people;
  for (const EvidenceJson& one : list_of(group, "people")) {
    if (const std::string who = text_of(one, "who"); is_plain_address(who)) {
      people.push_back(who);
    }
  }
  people.resize(std::min<std::size_t>(people.size(), 5));
  return Shown{.subject = join_names(people), .shown = examples_of(group)};
}

std::optional<Shown> bounce_burst(const Evidence&, const AgentEvidence& agent) {
  constexpr std::int64_t kBurst = 20;
  const EvidenceJson& group = lines_of(agent, "bounced");
  const std::int64_t count = number_of(group, "count");
  if (count < kBurst) {
    return std::nullopt;
  }
  Shown shown{.shown = examples_of(group)};
  shown.shown.insert(shown.shown.begin(),
                     fmt::format("{} messages bounced in the last {} minutes", count,
                                 number_of(agent.section("mail_lines"), "minutes")));
  return shown;
}

// Either the agent's limit stops the account, or it sends much, of which much comes back.
std::optional<Shown> sends_spam(const Evidence&, const AgentEvidence& agent) {
  constexpr std::int64_t kMany = 100;
  constexpr std::int64_t kBounces = 20;
  std::vector<std::string> accounts;
  Shown shown;
  const EvidenceJson& limited = lines_of(agent, "limited");
  for (const EvidenceJson& one : list_of(limited, "people")) {
    accounts.push_back(text_of(one, "who"));
    shown.shown.push_back(
        fmt::format("{} was refused {} times: more than an account may send in "
                    "an hour",
                    accounts.back(), number_of(one, "count")));
  }
  const std::int64_t bounces = number_of(lines_of(agent, "bounced"), "count");
  for (const EvidenceJson& one : list_of(lines_of(agent, "sent_by"), "people")) {
    const std::string who = text_of(one, "who");
    const bool named = std::ranges::find(accounts, who) != accounts.end();
    if (!named && number_of(one, "count") >= kMany && bounces >= kBounces) {
      accounts.push_back(who);
      shown.shown.push_back(fmt::format("{} sent {} messages, and {} bounced", who,
                                        number_of(one, "count"), bounces));
    }
  }
  if (accounts.empty()) {
    return std::nullopt;
  }
  for (std::string& line : examples_of(limited)) {
    shown.shown.push_back(std::move(line));
  }
  shown.subject = join_names(accounts);
  return shown;
}

std::optional<Shown> mailbox_full(const Evidence&, const AgentEvidence& agent) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : list_of(agent.section("mailboxes"), "full")) {
    names.push_back(text_of(one, "mailbox"));
    shown.shown.push_back(fmt::format("{} has {} of {} bytes", names.back(), number_of(one, "used"),
                                      number_of(one, "quota")));
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  shown.follows = {"new mail for it is refused with 552"};
  return shown;
}

std::optional<Shown> mailbox_denied(const Evidence&, const AgentEvidence& agent) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : list_of(agent.section("mailboxes"), "denied")) {
    names.push_back(text_of(one, "mailbox"));
    shown.shown.push_back(text_of(one, "words"));
  }
  if (names.empty()) {
    return std::nullopt;
  }
  for (std::string& line : examples_of(lines_of(agent, "denied"))) {
    shown.shown.push_back(std::move(line));
  }
  shown.subject = join_names(names);
  shown.follows = {"its owner cannot read mail, and new mail for it waits in the queue"};
  return shown;
}

std::optional<Shown> account_locked(const Evidence& evidence) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : evidence.fact("locked")) {
    names.push_back(text_of(one, "account"));
    shown.shown.push_back(fmt::format("{} is locked until {}: {} wrong passwords", names.back(),
                                      text_of(one, "until"), number_of(one, "tries")));
    for (const EvidenceJson& last : list_of(one, "last")) {
      shown.shown.push_back(fmt::format("{} {} by {} from {} ({} times)", text_of(last, "at"),
                                        text_of(last, "kind"), text_of(last, "door"),
                                        text_of(last, "address"), number_of(last, "count", 1)));
    }
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

std::optional<Shown> address_locked(const Evidence& evidence) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : evidence.fact("locked_addresses")) {
    names.push_back(text_of(one, "address"));
    shown.shown.push_back(
        fmt::format("{} is locked until {}", names.back(), text_of(one, "until")));
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

// Of the last hour. People who mistype make a few.
std::optional<Shown> guessing(const Evidence& evidence) {
  constexpr std::int64_t kBulk = 100;
  const EvidenceJson& figures = evidence.fact("guessing");
  const std::int64_t tries = number_of(figures, "failed") + number_of(figures, "refused");
  if (tries < kBulk) {
    return std::nullopt;
  }
  return Shown{
      .shown = {fmt::format("{} wrong passwords and {} refused tries within an hour",
                            number_of(figures, "failed"), number_of(figures, "refused")),
                fmt::format("at {} accounts, from {} addresses", number_of(figures, "accounts"),
                            number_of(figures, "addresses")),
                fmt::format("{} accounts and {} addresses are locked now",
                            number_of(figures, "locked_accounts"),
                            number_of(figures, "locked_addresses"))}};
}

constexpr Cause kRows[] = {
    {.id = "directory-damaged",
     .service = "mail",
     .title = "the mail service's copy of the directory is damaged",
     .remedy = "run `podplay system restart mail`: it fetches the directory again; if it comes "
               "back, check the disk",
     .runbook = "docs/runbooks/mail.md#directory-damaged",
     .rank = 33,
     .explains = kDirectoryFollows,
     .agent = directory_damaged},
    {.id = "directory-stale",
     .service = "mail",
     .title = "the mail service does not follow changes of accounts and aliases",
     .remedy = "run `podplay logs mail --level WARN`; the line about the directory says why; then "
               "`podplay system restart mail`",
     .runbook = "docs/runbooks/mail.md#directory-stale",
     .rank = 36,
     .agent = directory_stale},
    {.id = "mail-lookups-unreachable",
     .service = "mail",
     .title = "Postfix cannot ask the agent for mailboxes and aliases",
     .remedy = "run `podplay system restart mail`",
     .runbook = "docs/runbooks/mail.md#mail-lookups-unreachable",
     .rank = 36,
     .explains = kDeliveryWaits,
     .agent = lookups_unreachable},
    {.id = "dovecot-auth-unreachable",
     .service = "mail",
     .title = "Dovecot's login service does not answer",
     .remedy = "run `podplay system restart mail`; then `podplay logs mail --daemon auth` says "
               "whether it stays",
     .runbook = "docs/runbooks/mail.md#dovecot-auth-unreachable",
     .rank = 37,
     .explains = kDeliveryWaits,
     .agent = auth_unreachable},
    {.id = "dovecot-lmtp-unreachable",
     .service = "mail",
     .title = "Dovecot takes no mail from Postfix (LMTP)",
     .remedy = "run `podplay system restart mail`; what waits is delivered by itself then",
     .runbook = "docs/runbooks/mail.md#dovecot-lmtp-unreachable",
     .rank = 38,
     .explains = kDeliveryWaits,
     .agent = lmtp_unreachable},
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
    {.id = "mail-account-sends-spam",
     .service = "mail",
     .title = "{} sends unusually much mail: probably its password is known to others",
     .remedy = "run `podplay users update {} --disable`, delete its messages with `podplay mail "
               "queue delete --sender {}`, then give it a new password",
     .runbook = "docs/runbooks/mail.md#mail-account-sends-spam",
     .rank = 50,
     .explains = kSpamFollows,
     .agent = sends_spam},
    {.id = "mail-mailbox-permissions",
     .service = "mail",
     .title = "Dovecot may not use the mailbox of {}: the owner or mode of a folder is wrong",
     .remedy = "give the folder that is named below to vmail (5000:5000) with the mode 0700; then "
               "run `podplay mail queue retry`",
     .runbook = "docs/runbooks/mail.md#mail-mailbox-permissions",
     .rank = 60,
     .explains = kDeniedFollows,
     .agent = mailbox_denied},
    {.id = "mail-mailbox-refused",
     .service = "mail",
     .title = "mail for mailboxes waits: Dovecot refuses it for now",
     .remedy = "run `podplay logs mail --daemon dovecot --level ERROR`",
     .runbook = "docs/runbooks/mail.md#mail-mailbox-refused",
     .rank = 61,
     .explains = kQueueGrows,
     .agent = [](const Evidence&, const AgentEvidence& a) { return waiting(a, "mailbox", 1); }},
    {.id = "mail-mailbox-full",
     .service = "mail",
     .title = "the mailbox of {} is full",
     .remedy = "run `podplay users update {} --quota 1G`, or let its owner delete mail",
     .runbook = "docs/runbooks/mail.md#mail-mailbox-full",
     .rank = 62,
     .explains = kFullFollows,
     .severity = CauseSeverity::warning,
     .agent = mailbox_full},
    {.id = "mail-deferred-quota",
     .service = "mail",
     .title = "mail waits: the other side says that a mailbox is full",
     .remedy = "read the words below; what stays full bounces after five days",
     .runbook = "docs/runbooks/mail.md#mail-deferred-quota",
     .rank = 63,
     .severity = CauseSeverity::warning,
     .agent = [](const Evidence&, const AgentEvidence& a) { return waiting(a, "quota", 1); }},
    {.id = "mail-loop",
     .service = "mail",
     .title = "mail for {} goes round in a circle",
     .remedy = "look at where the address leads with `podplay aliases list --search {}`, and at "
               "the forwarding on the other side",
     .runbook = "docs/runbooks/mail.md#mail-loop",
     .rank = 64,
     .severity = CauseSeverity::warning,
     .agent = loops},
    {.id = "mail-bounce-burst",
     .service = "mail",
     .title = "much mail bounces",
     .remedy = "run `podplay mail trace --since 15m`; look whether one account sends it",
     .runbook = "docs/runbooks/mail.md#mail-bounce-burst",
     .rank = 65,
     .severity = CauseSeverity::warning,
     .agent = bounce_burst},
    {.id = "mail-queue-growing",
     .service = "mail",
     .title = "the queue of mail grows",
     .remedy = "run `podplay mail queue list`; its reasons say why messages wait",
     .runbook = "docs/runbooks/mail.md#mail-queue-growing",
     .rank = 66,
     .severity = CauseSeverity::warning,
     .agent = queue_growing},
    {.id = "password-guessing",
     .service = "api",
     .title = "somebody guesses passwords",
     .remedy = "nothing has to be done: accounts are locked in time; block the addresses in the "
               "host's firewall if it goes on",
     .runbook = "docs/runbooks/logins.md#password-guessing",
     .rank = 70,
     .severity = CauseSeverity::warning,
     .pod = guessing},
    {.id = "account-locked",
     .service = "api",
     .title = "{} cannot log in: too many wrong passwords",
     .remedy = "if its owner asks: run `podplay users unlock {}`; a forgotten mail program with an "
               "old password is the usual reason",
     .runbook = "docs/runbooks/logins.md#account-locked",
     .rank = 71,
     .severity = CauseSeverity::warning,
     .pod = account_locked},
    {.id = "address-locked",
     .service = "api",
     .title = "nobody can log in from {}: too many wrong passwords came from there",
     .remedy = "wait until the time below; if many people share the address, name it in "
               "PODPLAY_LOGIN_SHARED_ADDRESSES",
     .runbook = "docs/runbooks/logins.md#address-locked",
     .rank = 72,
     .severity = CauseSeverity::warning,
     .pod = address_locked},
};

}  // namespace

const std::span<const Cause> kMailCauses = kRows;

}  // namespace podplay::control
