// An answer comes when the mail agent has done the work: Postfix has the message, or the test
// message was followed to every mailbox and removed there.
#include "api/mail.hpp"

#include "api/answers.hpp"
#include "control/mail/send.hpp"

namespace podplay::api {

Result<Answer> send_mail(control::Context& context, Request& request) {
  TRY(const auto sent, control::send_mail(context, request.actor,
                                          {.from = wire::text_or(request.body, "from"),
                                           .to = wire::texts(request.body, "to"),
                                           .subject = wire::text_or(request.body, "subject"),
                                           .text = wire::text_or(request.body, "text")}));
  return Answer{.body = {{"message_id", sent.message_id}, {"from", sent.from}, {"to", sent.to}}};
}

Result<Answer> test_mail(control::Context& context, Request& request) {
  TRY(const auto test,
      control::test_mail(context, request.actor, wire::text_or(request.body, "to")));
  return Answer{.body = wire::to_json(test)};
}

}  // namespace podplay::api
