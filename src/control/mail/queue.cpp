// The domains of the person who asks go to the agent with the question, so messages of others do
// not even come here.
#include "control/mail/queue.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/ascii.hpp"
#include "base/numbers.hpp"
#include "control/audit.hpp"
#include "control/every_host.hpp"

namespace podplay::control {
namespace {

using nlohmann::json;

constexpr auto kPatience = std::chrono::seconds(40);
constexpr std::array<std::string_view, 4> kStates{"deferred", "active", "hold", "incoming"};
constexpr std::size_t kMostIds = 1000;
constexpr std::size_t kLongestText = 320;
// A hundred years.
constexpr std::int64_t kOldest = 100LL * 365 * 24 * 60;
// Ids that an audit event names.
constexpr std::size_t kNamed = 20;

struct ActionRow {
  QueueAction action;
  std::string_view verb;
  std::string_view event;
};
constexpr ActionRow kActions[] = {
    {QueueAction::retry, "retry", "MAIL_QUEUE_RETRIED"},
    {QueueAction::hold, "hold", "MAIL_QUEUE_HELD"},
    {QueueAction::release, "release", "MAIL_QUEUE_RELEASED"},
    {QueueAction::remove, "delete", "MAIL_QUEUE_DELETED"},
    // The same event: its words say that there were bounces.
    {QueueAction::bounce, "bounce", "MAIL_QUEUE_DELETED"},
};

bool is_id(std::string_view text) {
  return text.size() >= 5 && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
         });
}

void check_ids(const std::vector<std::string>& ids, std::vector<Fault>& faults) {
  if (ids.size() > kMostIds) {
    faults.push_back({.field = "queue_ids",
                      .code = "bad_count",
                      .message = fmt::format("{} queue ids", ids.size()),
                      .remedy = fmt::format("name at most {}, or choose by sender, recipient, "
                                            "domain, state, age or reason",
                                            kMostIds)});
  }
  const auto bad = std::ranges::find_if_not(ids, [](const auto& id) { return is_id(id); });
  if (bad != ids.end()) {
    faults.push_back({.field = "queue_ids",
                      .code = "bad_queue_id",
                      .message = fmt::format("'{}' is no queue id", bad->substr(0, 60)),
                      .remedy = "use ids that `podplay mail queue list` shows"});
  }
}

Status check(const QueueChoice& choice) {
  std::vector<Fault> faults;
  check_ids(choice.queue_ids, faults);
  if (!choice.state.empty() && std::ranges::find(kStates, choice.state) == kStates.end()) {
    faults.push_back({.field = "state",
                      .code = "bad_state",
                      .message = fmt::format("'{}' is no state", choice.state.substr(0, 60)),
                      .remedy = fmt::format("use one of: {}", fmt::join(kStates, ", "))});
  }
  if (choice.older_than && (*choice.older_than < 0 || *choice.older_than > kOldest)) {
    faults.push_back({.field = "older_than",
                      .code = "bad_number",
                      .message = fmt::format("{} is no age in minutes", *choice.older_than),
                      .remedy = "give the minutes, such as 60"});
  }
  struct Text {
    const char* field;
    const std::string& text;
  };
  for (const Text& one : {Text{"sender", choice.sender}, Text{"recipient", choice.recipient},
                          Text{"domain", choice.domain}, Text{"reason", choice.reason}}) {
    if (one.text.size() > kLongestText) {
      faults.push_back({.field = one.field,
                        .code = "too_long",
                        .message = fmt::format("{} has {} octets", one.field, one.text.size()),
                        .remedy = fmt::format("use at most {}", kLongestText)});
    }
  }
  return no_faults(std::move(faults));
}

bool names_some(const QueueChoice& choice) {
  return !choice.queue_ids.empty() || !choice.sender.empty() || !choice.recipient.empty() ||
         !choice.domain.empty() || !choice.state.empty() || choice.older_than ||
         !choice.reason.empty();
}

// Nothing by accident: neither an empty choice nor one that says two things. A retry is what
// happens anyway, so it may be of all without a word.
Status check_action(const QueueChoice& choice, QueueAction action) {
  TRY(check(choice));
  const bool empty = !choice.all && !names_some(choice);
  if ((empty && action != QueueAction::retry) || (choice.all && names_some(choice))) {
    return fail_faults(
        {{.field = "all",
          .code = choice.all ? "contradiction" : "missing",
          .message = choice.all ? "`all` is given together with a choice of messages"
                                : "no message is chosen",
          .remedy = "give queue_ids, or sender, recipient, domain, state, older_than or reason; "
                    "or only `all`"}});
  }
  return {};
}

// What the agent is asked.
Result<json> filter_for(Context& context, const Actor& actor, const QueueChoice& choice) {
  json filter{{"queue_ids", choice.queue_ids}, {"sender", choice.sender},
              {"recipient", choice.recipient}, {"domain", lower(choice.domain)},
              {"state", choice.state},         {"reason", choice.reason}};
  if (choice.with_details) {
    filter["with_details"] = true;
  }
  TRY(const auto allowed, actor.domains_to_list(""));
  if (!allowed.all) {
    filter["domains"] = allowed.names;
  }
  if (choice.older_than) {
    const auto before = context.clock.now() - std::chrono::minutes(*choice.older_than);
    filter["arrived_before"] =
        std::chrono::duration_cast<std::chrono::seconds>(before.time_since_epoch()).count();
  }
  return filter;
}

// "1767225600-4gGZQW3k2bzQkYp"
Result<json> place_of(const std::string& cursor) {
  if (cursor.empty()) {
    return json::object();
  }
  const std::size_t dash = std::min(cursor.find('-'), cursor.size());
  const auto arrival = parse_number<std::int64_t>(cursor.substr(0, dash));
  const std::string id = cursor.substr(std::min(dash + 1, cursor.size()));
  if (!arrival || !is_id(id)) {
    return fail_faults({{.field = "cursor",
                         .code = "bad_cursor",
                         .message = "the cursor is not one of this list",
                         .remedy = "use `next` of the page before"}});
  }
  return json{{"arrival_time", *arrival}, {"queue_id", id}};
}

HostQuestion question_of(const Actor& actor, std::string verb, json arguments) {
  return {.service = ServiceName::mail,
          .verb = std::move(verb),
          .arguments = std::move(arguments),
          .request_id = actor.request_id(),
          .longest = kPatience};
}

// One page of the queues of all hosts, the oldest message first.
wire::MailQueue merge(std::vector<wire::MailQueue> queues, std::size_t limit) {
  wire::MailQueue merged;
  for (wire::MailQueue& queue : queues) {
    merged.truncated = merged.truncated || queue.truncated;
    std::ranges::move(queue.messages, std::back_inserter(merged.messages));
  }
  std::ranges::sort(merged.messages, {}, [](const wire::QueuedMessage& message) {
    return std::pair(message.arrival_time, std::string_view(message.queue_id));
  });
  if (merged.messages.size() > limit) {
    merged.messages.resize(limit);
    merged.truncated = true;
  }
  return merged;
}

wire::QueueDone merge(std::vector<wire::QueueDone> answers) {
  wire::QueueDone merged;
  for (wire::QueueDone& one : answers) {
    merged.count += one.count;
    merged.more = merged.more || one.more;
    std::ranges::move(one.queue_ids, std::back_inserter(merged.queue_ids));
    std::ranges::move(one.messages, std::back_inserter(merged.messages));
  }
  return merged;
}

// "3 messages of sender a@b.test, state deferred: 4gG..., ...": for the audit.
std::string describe(const ActionRow& row, const QueueChoice& choice, const wire::QueueDone& done) {
  std::string chosen;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      chosen += fmt::format("{}{} {}", chosen.empty() ? " of " : ", ", name, value);
    }
  };
  add("sender", choice.sender);
  add("recipient", choice.recipient);
  add("domain", choice.domain);
  add("state", choice.state);
  add("reason", choice.reason);
  if (choice.older_than) {
    add("older than", fmt::format("{} min", *choice.older_than));
  }
  std::vector<std::string> named = done.queue_ids;
  named.resize(std::min(named.size(), kNamed));
  return fmt::format("{}: {} messages{}: {}{}", row.verb, done.count, chosen,
                     fmt::join(named, ", "), done.queue_ids.size() > kNamed ? ", ..." : "");
}

}  // namespace

Result<QueuePage> list_mail_queue(Context& context, const Actor& actor, const QueueChoice& choice,
                                  const std::string& cursor, std::int64_t limit) {
  TRY(check(choice));
  TRY(auto filter, filter_for(context, actor, choice));
  TRY(auto after, place_of(cursor));
  const json question{{"filter", std::move(filter)}, {"after", std::move(after)}, {"limit", limit}};
  TRY(auto queues, ask_every_host<wire::MailQueue>(context, question_of(actor, "queue", question),
                                                   wire::parse_mail_queue));
  auto [messages, truncated] = merge(std::move(queues), static_cast<std::size_t>(limit));
  QueuePage page{.messages = std::move(messages), .next = {}};
  if (truncated && !page.messages.empty()) {
    const wire::QueuedMessage& last = page.messages.back();
    page.next = fmt::format("{}-{}", last.arrival_time, last.queue_id);
  }
  return page;
}

Result<wire::QueueDone> act_on_mail_queue(Context& context, const Actor& actor, QueueAction action,
                                          const QueueChoice& choice, bool dry_run) {
  TRY(check_action(choice, action));
  TRY(auto filter, filter_for(context, actor, choice));
  const ActionRow& row = *std::ranges::find(kActions, action, &ActionRow::action);
  const json question{{"action", row.verb}, {"filter", std::move(filter)}, {"dry_run", dry_run}};
  auto answers = ask_every_host<wire::QueueDone>(context, question_of(actor, "queue_act", question),
                                                 wire::parse_queue_done);
  if (!answers) {
    if (!dry_run) {
      // It may have been done in part, or wholly and too late.
      note_failed_action(context, actor, std::string(row.event), std::string(row.verb),
                         answers.error());
    }
    return std::unexpected(answers.error());
  }
  wire::QueueDone done = merge(std::move(*answers));
  if (!dry_run) {
    note_action(context, actor, std::string(row.event), describe(row, choice, done));
  }
  return done;
}

}  // namespace podplay::control
