// Mail and sites differ only in their kind. A restore answers with its job.
#include "api/deleted.hpp"

#include "api/answers.hpp"
#include "control/deleted.hpp"
#include "wire/jobs.hpp"

namespace podplay::api {
namespace {

using control::DeletedKind;

Json deleted_json(const control::DeletedItem& item) {
  return {{"id", item.id},
          {"name", item.name},
          {"revision", item.revision},
          {"deleted", to_rfc3339(item.deleted)},
          {"erased_after", to_rfc3339(item.erased_after)},
          {"bytes", item.bytes}};
}

// The cursor is a position in the list, newest first. What is deleted meanwhile moves the rest
// down, so a page skips nothing.
Result<Answer> list(control::Context& context, const Request& request, DeletedKind kind) {
  TRY(const auto page, read_page(request));
  TRY(const auto found,
      control::list_deleted(context, request.actor, kind, page.after, page.limit));
  Json items = Json::array();
  for (const control::DeletedItem& item : found.items) {
    items.push_back(deleted_json(item));
  }
  const std::int64_t next = page.after + static_cast<std::int64_t>(found.items.size());
  Answer answer = list_answer(std::move(items));
  if (next < found.total) {
    answer.body["next"] = std::to_string(next);
  }
  return answer;
}

Result<Answer> restore(control::Context& context, const Request& request, DeletedKind kind,
                       const char* target) {
  TRY(const auto job, control::restore_deleted(context, request.actor, kind, request.parameter,
                                               wire::text_or(request.body, target)));
  return Answer{.body = wire::to_json(job)};
}

Result<Answer> erase(control::Context& context, const Request& request, DeletedKind kind) {
  TRY(control::erase_deleted(context, request.actor, kind, request.parameter));
  return Answer{.body = {{"id", request.parameter}, {"erased", true}}};
}

}  // namespace

Result<Answer> list_deleted_mail(control::Context& context, Request& request) {
  return list(context, request, DeletedKind::mail);
}

Result<Answer> restore_deleted_mail(control::Context& context, Request& request) {
  return restore(context, request, DeletedKind::mail, "mailbox");
}

Result<Answer> erase_deleted_mail(control::Context& context, Request& request) {
  return erase(context, request, DeletedKind::mail);
}

Result<Answer> list_deleted_sites(control::Context& context, Request& request) {
  return list(context, request, DeletedKind::site);
}

Result<Answer> restore_deleted_site(control::Context& context, Request& request) {
  return restore(context, request, DeletedKind::site, "site");
}

Result<Answer> erase_deleted_site(control::Context& context, Request& request) {
  return erase(context, request, DeletedKind::site);
}

}  // namespace podplay::api
