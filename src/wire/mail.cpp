// Messages in requests and answers, and what the mail agent says of them.
#include "wire/mail.hpp"

#include "wire/agent_result.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kMailSendFields[] = {
    {.name = "from",
     .type = text,
     .help = "The sender: your own address or alias; default: your address",
     .example = R"("test@example.com")"},
    {.name = "to",
     .type = text_list,
     .required = true,
     .help = "Recipients (RFC 5321 forward-paths)",
     .example = R"(["other@example.com"])"},
    {.name = "subject",
     .type = text,
     .required = true,
     .help = "One line",
     .example = R"("Hello")"},
    {.name = "text",
     .type = text,
     .required = true,
     .help = "The message's text, UTF-8",
     .example = R"("How are you?")"},
};
constexpr FieldRow kMailTestFields[] = {
    {.name = "to",
     .type = text,
     .required = true,
     .help = "A mailbox, an alias or name+detail of this pod; the message is removed again from "
             "every mailbox that got it",
     .example = R"("test@example.com")"},
};

constexpr FieldRow kMailSentFields[] = {
    {.name = "message_id",
     .type = text,
     .required = true,
     .help = "Without angle brackets",
     .example = R"("k7Qx@mail.example.com")"},
    {.name = "from",
     .type = text,
     .required = true,
     .help = "The sender",
     .example = R"("test@example.com")"},
    {.name = "to",
     .type = text_list,
     .required = true,
     .help = "The recipients",
     .example = R"(["other@example.com"])"},
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
    {.name = "recipients",
     .type = object_list,
     .required = true,
     .help = "Who waits for the message",
     .example = "[]",
     .of = &kQueuedRecipientShape},
};
constexpr Shape kQueuedMessageShape{
    .name = "QueuedMessage", .help = "A message in the queue", .fields = kQueuedMessageFields};

constexpr FieldRow kMailQueueFields[] = {
    {.name = "messages",
     .type = object_list,
     .required = true,
     .help = "What Postfix still has to deliver",
     .example = "[]",
     .of = &kQueuedMessageShape},
    {.name = "truncated",
     .type = boolean,
     .required = true,
     .help = "The queue is longer than an answer can be",
     .example = "false"},
};

constexpr FieldRow kDeliveryStageFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "accepted, delivered or removed",
     .example = R"("accepted")"},
    {.name = "ms",
     .type = integer,
     .required = true,
     .help = "Milliseconds since the test began",
     .example = "12"},
    {.name = "words",
     .type = text,
     .required = true,
     .help = "The daemon's own words",
     .example = R"("250 2.0.0 Ok")"},
};
constexpr Shape kDeliveryStageShape{.name = "DeliveryStage",
                                    .help = "One step of a message on its way",
                                    .fields = kDeliveryStageFields};

constexpr FieldRow kMailTestedFields[] = {
    {.name = "message_id",
     .type = text,
     .required = true,
     .help = "Without angle brackets",
     .example = R"("podplay-test-k7Qx@localhost")"},
    {.name = "accepted_ms",
     .type = integer,
     .required = true,
     .help = "Milliseconds until Postfix accepted it",
     .example = "12"},
    {.name = "delivered_ms",
     .type = integer,
     .required = true,
     .help = "Milliseconds until it was in the mailbox",
     .example = "40"},
    {.name = "stages",
     .type = object_list,
     .required = true,
     .help = "Each step",
     .example = "[]",
     .of = &kDeliveryStageShape},
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
                        .sender = text_or(value, "sender")};
  for (const Json& recipient : value.at("recipients")) {
    message.recipients.push_back(recipient_from(recipient));
  }
  return message;
}

DeliveryStage stage_from(const Json& value) {
  return {.name = value.at("name").get<std::string>(),
          .ms = value.at("ms").get<std::int64_t>(),
          .words = value.at("words").get<std::string>()};
}

Json message_json(const QueuedMessage& message) {
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
          {"recipients", std::move(recipients)}};
}

}  // namespace

const Shape kMailSend{.name = "MailSend", .help = "A message to send", .fields = kMailSendFields};
const Shape kMailTest{.name = "MailTest",
                      .help = "A delivery test from SMTP to the mailboxes",
                      .fields = kMailTestFields};

const Shape kMailSent{
    .name = "MailSent", .help = "A message that Postfix has", .fields = kMailSentFields};
const Shape kMailQueue{.name = "MailQueue", .help = "Postfix' queue", .fields = kMailQueueFields};
const Shape kMailTested{
    .name = "MailTested", .help = "How long a delivery took", .fields = kMailTestedFields};

Json to_json(const MailQueue& queue) {
  Json messages = Json::array();
  for (const QueuedMessage& message : queue.messages) {
    messages.push_back(message_json(message));
  }
  return {{"messages", std::move(messages)}, {"truncated", queue.truncated}};
}

Json to_json(const DeliveryTest& test) {
  Json stages = Json::array();
  for (const DeliveryStage& stage : test.stages) {
    stages.push_back({{"name", stage.name}, {"ms", stage.ms}, {"words", stage.words}});
  }
  return {{"message_id", test.message_id},
          {"accepted_ms", test.accepted_ms},
          {"delivered_ms", test.delivered_ms},
          {"stages", std::move(stages)}};
}

Result<MailQueue> parse_mail_queue(const std::string& text) {
  return parse_result<MailQueue>("list of the queue", text, [](const Json& value) {
    MailQueue queue{.truncated = value.at("truncated").get<bool>()};
    for (const Json& message : value.at("messages")) {
      queue.messages.push_back(message_from(message));
    }
    return queue;
  });
}

Result<DeliveryTest> parse_delivery_test(const std::string& text) {
  return parse_result<DeliveryTest>("delivery test", text, [](const Json& value) {
    DeliveryTest test{.message_id = value.at("message_id").get<std::string>(),
                      .accepted_ms = value.at("accepted_ms").get<std::int64_t>(),
                      .delivered_ms = value.at("delivered_ms").get<std::int64_t>()};
    for (const Json& stage : value.at("stages")) {
      test.stages.push_back(stage_from(stage));
    }
    return test;
  });
}

}  // namespace podplay::wire
