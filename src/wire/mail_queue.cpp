// A recipient has no reason before the first try. An answer of the agent that lacks a member is an
// error, never half a queue.
#include "wire/mail_queue.hpp"

#include "wire/agent_result.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kQueueIds{.name = "queue_ids",
                             .type = text_list,
                             .help = "Only these messages",
                             .example = R"(["4gGZQW3k2bzQkYp"])"};
constexpr FieldRow kSender{.name = "sender",
                           .type = text,
                           .help = "Only those of this envelope sender; <> for bounces",
                           .example = R"("test@example.com")"};
constexpr FieldRow kRecipient{.name = "recipient",
                              .type = text,
                              .help = "Only those that wait for this recipient",
                              .example = R"("other@example.com")"};
constexpr FieldRow kDomain{.name = "domain",
                           .type = text,
                           .help = "Only those whose sender or recipient is in this domain",
                           .example = R"("example.com")"};
constexpr FieldRow kQueueState{.name = "state",
                               .type = text,
                               .help = "deferred, active, hold or incoming",
                               .example = R"("deferred")"};
constexpr FieldRow kOlderThan{.name = "older_than",
                              .type = integer,
                              .help = "Only those that came more than so many minutes ago",
                              .example = "60"};
constexpr FieldRow kReason{.name = "reason",
                           .type = text,
                           .help = "Only those with this text in the reason why they wait",
                           .example = R"("refused")"};
constexpr FieldRow kAll{.name = "all",
                        .type = boolean,
                        .help = "true: every message, without any of the other members",
                        .example = "false"};
constexpr FieldRow kQueueChoiceFields[] = {kQueueIds,   kSender,    kRecipient, kDomain,
                                           kQueueState, kOlderThan, kReason,    kAll};
constexpr FieldRow kQueueDeletionFields[] = {
    kQueueIds,
    kSender,
    kRecipient,
    kDomain,
    kQueueState,
    kOlderThan,
    kReason,
    kAll,
    {.name = "bounce",
     .type = boolean,
     .help = "true: the senders are told by a bounce; false, the default: nobody is told",
     .example = "false"},
};

constexpr FieldRow kQueuedRecipientFields[] = {
    {.name = "address",
     .type = text,
     .required = true,
     .help = "Who waits for the message",
     .example = R"("other@example.com")"},
    {.name = "delay_reason",
     .type = text,
     .help = "Why the last try failed; missing before the first one",
     .example = R"("connection refused")"},
};
constexpr Shape kQueuedRecipientShape{.name = "QueuedRecipient",
                                      .help = "A recipient that still waits",
                                      .fields = kQueuedRecipientFields};

constexpr FieldRow kQueuedMessageFields[] = {
    {.name = "queue_name",
     .type = text,
     .required = true,
     .help = "active, deferred, hold, incoming or maildrop",
     .example = R"("deferred")"},
    {.name = "queue_id",
     .type = text,
     .required = true,
     .help = "The id that Postfix gave the message",
     .example = R"("4A1")"},
    {.name = "arrival_time",
     .type = integer,
     .required = true,
     .help = "Unix seconds",
     .example = "1767225600"},
    {.name = "message_size", .type = integer, .required = true, .help = "Bytes", .example = "1024"},
    {.name = "sender",
     .type = text,
     .required = true,
     .help = "Envelope sender; empty: a bounce (RFC 5321 section 4.5.5)",
     .example = R"("test@example.com")"},
    {.name = "expired",
     .type = boolean,
     .required = true,
     .help = "It is returned to its sender at its next try",
     .example = "false"},
    {.name = "recipients",
     .type = object_list,
     .required = true,
     .help = "Who waits for the message",
     .example = "[]",
     .of = &kQueuedRecipientShape},
};

}  // namespace

const Shape kQueuedMessage{
    .name = "QueuedMessage", .help = "A message in the queue", .fields = kQueuedMessageFields};

namespace {

constexpr FieldRow kCount{.name = "count",
                          .type = integer,
                          .required = true,
                          .help = "How many messages",
                          .example = "1"};
constexpr FieldRow kTouchedIds{.name = "queue_ids",
                               .type = text_list,
                               .required = true,
                               .help = "Which, the oldest first",
                               .example = R"(["4gGZQW3k2bzQkYp"])"};
constexpr FieldRow kTouched{.name = "messages",
                            .type = object_list,
                            .required = true,
                            .help = "The first hundred of them, as they were before",
                            .example = "[]",
                            .of = &kQueuedMessage};
constexpr FieldRow kMore{.name = "more",
                         .type = boolean,
                         .required = true,
                         .help =
                             "There are others, since 10,000 are the most at once, and a retry "
                             "has a time limit: repeat it",
                         .example = "false"};
constexpr FieldRow kQueueDoneFields[] = {kCount, kTouchedIds, kTouched, kMore};
constexpr FieldRow kQueueFindingsFields[] = {
    {.name = "dry_run",
     .type = boolean,
     .required = true,
     .help = "Nothing was done",
     .example = "true"},
    kCount,
    kTouchedIds,
    kTouched,
    kMore,
};

QueuedRecipient recipient_from(const Json& value) {
  return {.address = value.at("address").get<std::string>(),
          .delay_reason = optional_text(value, "delay_reason")};
}

QueuedMessage message_from(const Json& value) {
  QueuedMessage message{.queue_name = value.at("queue_name").get<std::string>(),
                        .queue_id = value.at("queue_id").get<std::string>(),
                        .arrival_time = value.at("arrival_time").get<std::int64_t>(),
                        .message_size = value.at("message_size").get<std::int64_t>(),
                        .sender = text_or(value, "sender"),
                        .expired = boolean_or(value, "forced_expire", false)};
  // How showq(8) names the null sender.
  if (message.sender == "MAILER-DAEMON") {
    message.sender.clear();
  }
  for (const Json& recipient : value.at("recipients")) {
    message.recipients.push_back(recipient_from(recipient));
  }
  return message;
}

std::vector<QueuedMessage> messages_from(const Json& value) {
  std::vector<QueuedMessage> messages;
  for (const Json& message : value.at("messages")) {
    messages.push_back(message_from(message));
  }
  return messages;
}

}  // namespace

const Shape kQueueChoice{.name = "QueueChoice",
                         .help = "Which messages of the queue; what is given must all be so",
                         .fields = kQueueChoiceFields};
const Shape kQueueDeletion{.name = "QueueDeletion",
                           .help = "Which messages of the queue, and whether they bounce",
                           .fields = kQueueDeletionFields};
const Shape kQueueDone{
    .name = "QueueDone", .help = "What was done to the queue", .fields = kQueueDoneFields};
const Shape kQueueFindings{.name = "QueueFindings",
                           .help = "What would be done to the queue",
                           .fields = kQueueFindingsFields};

Json to_json(const QueuedMessage& message) {
  Json recipients = Json::array();
  for (const QueuedRecipient& recipient : message.recipients) {
    Json one{{"address", recipient.address}};
    if (recipient.delay_reason) {
      one["delay_reason"] = *recipient.delay_reason;
    }
    recipients.push_back(std::move(one));
  }
  return {{"queue_name", message.queue_name},
          {"queue_id", message.queue_id},
          {"arrival_time", message.arrival_time},
          {"message_size", message.message_size},
          {"sender", message.sender},
          {"expired", message.expired},
          {"recipients", std::move(recipients)}};
}

Json to_json(const QueueDone& done) {
  Json messages = Json::array();
  for (const QueuedMessage& message : done.messages) {
    messages.push_back(to_json(message));
  }
  return {{"count", done.count},
          {"queue_ids", done.queue_ids},
          {"messages", std::move(messages)},
          {"more", done.more}};
}

Result<MailQueue> parse_mail_queue(const std::string& text) {
  return parse_result<MailQueue>("list of the queue", text, [](const Json& value) {
    return MailQueue{.messages = messages_from(value),
                     .truncated = value.at("truncated").get<bool>()};
  });
}

Result<QueueDone> parse_queue_done(const std::string& text) {
  return parse_result<QueueDone>("work on the queue", text, [](const Json& value) {
    return QueueDone{.count = value.at("count").get<std::int64_t>(),
                     .queue_ids = value.at("queue_ids").get<std::vector<std::string>>(),
                     .messages = messages_from(value),
                     .more = value.at("more").get<bool>()};
  });
}

}  // namespace podplay::wire
