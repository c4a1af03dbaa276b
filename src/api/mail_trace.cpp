// A page may be short, even empty, and have a next one: then the time was over. A person finds the
// own mail only, and administrators that of their domains.
#include "api/mail_trace.hpp"

#include "api/answers.hpp"
#include "control/mail/trace/trace.hpp"

namespace podplay::api {

Result<Answer> trace_mail(control::Context& context, Request& request) {
  control::TraceQuestion question{.queue_id = read_text(request, "queue_id"),
                                  .message_id = read_text(request, "message_id"),
                                  .sender = read_text(request, "sender"),
                                  .recipient = read_text(request, "recipient"),
                                  .cursor = read_text(request, "cursor")};
  TRY(question.since, read_time(request, "since"));
  TRY(question.until, read_time(request, "until"));
  TRY(question.limit, read_number(request, "limit", 20, 1, 100));
  TRY(const auto page, control::trace_mail(context, request.actor, question));
  Json items = Json::array();
  for (const wire::MailTrace& trace : page.traces) {
    items.push_back(wire::to_json(trace));
  }
  Answer answer = list_answer(std::move(items));
  if (!page.next.empty()) {
    answer.body["next"] = page.next;
  }
  return answer;
}

}  // namespace podplay::api
