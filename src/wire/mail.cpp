// Addresses are checked by control, not here. A delivery test of which the agent leaves a member
// out is an error, never half an answer.
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
     .example = R"("How are you?")",
     .lines = true},
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

DeliveryStage stage_from(const Json& value) {
  return {.name = value.at("name").get<std::string>(),
          .ms = value.at("ms").get<std::int64_t>(),
          .words = value.at("words").get<std::string>()};
}

}  // namespace

const Shape kMailSend{.name = "MailSend", .help = "A message to send", .fields = kMailSendFields};
const Shape kMailTest{.name = "MailTest",
                      .help = "A delivery test from SMTP to the mailboxes",
                      .fields = kMailTestFields};

const Shape kMailSent{
    .name = "MailSent", .help = "A message that Postfix has", .fields = kMailSentFields};
const Shape kMailTested{
    .name = "MailTested", .help = "How long a delivery took", .fields = kMailTestedFields};

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
