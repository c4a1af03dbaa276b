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

constexpr Cause kMailRows[] = {
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
     .may_pass = true,
     .agent = lookups_unreachable},
    {.id = "dovecot-auth-unreachable",
     .service = "mail",
     .title = "Dovecot's login service does not answer",
     .remedy = "run `podplay system restart mail`; then `podplay logs mail --daemon auth` says "
               "whether it stays",
     .runbook = "docs/runbooks/mail.md#dovecot-auth-unreachable",
     .rank = 37,
     .explains = kDeliveryWaits,
     .may_pass = true,
     .agent = auth_unreachable},
    {.id = "dovecot-lmtp-unreachable",
     .service = "mail",
     .title = "Dovecot takes no mail from Postfix (LMTP)",
     .remedy = "run `podplay system restart mail`; what waits is delivered by itself then",
     .runbook = "docs/runbooks/mail.md#dovecot-lmtp-unreachable",
     .rank = 38,
     .explains = kDeliveryWaits,
     .may_pass = true,
     .agent = lmtp_unreachable},
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
    {.id = "mail-mailbox-full",
     .service = "mail",
     .title = "the mailbox of {} is full",
     .remedy = "run `podplay users update {} --quota 1G`, or let its owner delete mail",
     .runbook = "docs/runbooks/mail.md#mail-mailbox-full",
     .rank = 62,
     .explains = kFullFollows,
     .severity = CauseSeverity::warning,
     .agent = mailbox_full},
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
};

}  // namespace

const std::span<const Cause> kMailCauses = kMailRows;

}  // namespace podplay::control
