// /api/mail
#include "api/handlers.hpp"
#include "control/mail/send.hpp"

namespace podplay::api {
namespace {

Result<Answer> agents_answer(const Result<std::string>& result, int status) {
  if (!result) {
    return std::unexpected(result.error());
  }
  return Answer{status, Json::parse(*result, nullptr, false), ""};
}

}  // namespace

Result<Answer> send_mail(control::Context& context, Request& request) {
  return agents_answer(
      control::send_mail(
          context, request.actor,
          {wire::text_or(request.body, "from"), wire::texts(request.body, "to"),
           wire::text_or(request.body, "subject"), wire::text_or(request.body, "text")}),
      202);
}

Result<Answer> get_mail_queue(control::Context& context, Request& request) {
  return agents_answer(control::read_mail_queue(context, request.actor), 200);
}

Result<Answer> test_mail(control::Context& context, Request& request) {
  return agents_answer(
      control::test_mail(context, request.actor, wire::text_or(request.body, "from"),
                         wire::text_or(request.body, "to")),
      200);
}

}  // namespace podplay::api
