// An action without a choice of messages is refused unless it says `all`; only a retry may be of
// all without a word. A deletion tells senders only when the body asks for bounces.
#include "api/mail_queue.hpp"

#include "api/answers.hpp"
#include "control/mail/queue.hpp"

namespace podplay::api {
namespace {

using control::QueueAction;

Result<Answer> act(control::Context& context, Request& request, QueueAction action) {
  control::QueueChoice choice{.queue_ids = wire::texts(request.body, "queue_ids"),
                              .sender = wire::text_or(request.body, "sender"),
                              .recipient = wire::text_or(request.body, "recipient"),
                              .domain = wire::text_or(request.body, "domain"),
                              .state = wire::text_or(request.body, "state"),
                              .reason = wire::text_or(request.body, "reason"),
                              .all = wire::boolean_or(request.body, "all", false)};
  if (request.body.contains("older_than")) {
    choice.older_than = wire::integer_or(request.body, "older_than", 0);
  }
  const bool dry_run = request.options.dry_run;
  TRY(const auto done, control::act_on_mail_queue(context, request.actor, action, choice, dry_run));
  Answer answer{.body = wire::to_json(done)};
  if (dry_run) {
    answer.body["dry_run"] = true;
  }
  return answer;
}

}  // namespace

Result<Answer> list_mail_queue(control::Context& context, Request& request) {
  TRY(const auto limit, read_number(request, "limit", 50, 1, 500));
  control::QueueChoice choice{.sender = read_text(request, "sender"),
                              .recipient = read_text(request, "recipient"),
                              .domain = read_text(request, "domain"),
                              .state = read_text(request, "state"),
                              .reason = read_text(request, "reason")};
  if (const auto age = read_text(request, "older_than"); !age.empty()) {
    TRY(choice.older_than, read_number(request, "older_than", 0, 0, 52560000));
  }
  TRY(const auto page, control::list_mail_queue(context, request.actor, choice,
                                                read_text(request, "cursor"), limit));
  Json items = Json::array();
  for (const wire::QueuedMessage& message : page.messages) {
    items.push_back(wire::to_json(message));
  }
  Answer answer = list_answer(std::move(items));
  if (!page.next.empty()) {
    answer.body["next"] = page.next;
  }
  return answer;
}

Result<Answer> retry_queued_mail(control::Context& context, Request& request) {
  return act(context, request, QueueAction::retry);
}

Result<Answer> hold_queued_mail(control::Context& context, Request& request) {
  return act(context, request, QueueAction::hold);
}

Result<Answer> release_queued_mail(control::Context& context, Request& request) {
  return act(context, request, QueueAction::release);
}

Result<Answer> delete_queued_mail(control::Context& context, Request& request) {
  const bool bounce = wire::boolean_or(request.body, "bounce", false);
  return act(context, request, bounce ? QueueAction::bounce : QueueAction::remove);
}

}  // namespace podplay::api
