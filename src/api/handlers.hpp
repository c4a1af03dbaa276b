// Every handler: parse, one call of control, shape. In the file of its noun.
#pragma once

#include "api/api.hpp"
#include "control/change.hpp"
#include "wire/aliases.hpp"
#include "wire/domains.hpp"
#include "wire/users.hpp"

namespace podplay::api {

Result<Answer> get_livez(control::Context&, Request&);
Result<Answer> get_readyz(control::Context&, Request&);
Result<Answer> get_openapi(control::Context&, Request&);

Result<Answer> bootstrap(control::Context&, Request&);
Result<Answer> login(control::Context&, Request&);
Result<Answer> logout(control::Context&, Request&);
Result<Answer> get_session(control::Context&, Request&);

Result<Answer> list_users(control::Context&, Request&);
Result<Answer> create_user(control::Context&, Request&);
Result<Answer> import_users(control::Context&, Request&);
Result<Answer> get_user(control::Context&, Request&);
Result<Answer> update_user(control::Context&, Request&);
Result<Answer> delete_user(control::Context&, Request&);

Result<Answer> list_domains(control::Context&, Request&);
Result<Answer> create_domain(control::Context&, Request&);
Result<Answer> import_domains(control::Context&, Request&);
Result<Answer> get_domain(control::Context&, Request&);
Result<Answer> update_domain(control::Context&, Request&);
Result<Answer> delete_domain(control::Context&, Request&);

Result<Answer> list_aliases(control::Context&, Request&);
Result<Answer> create_alias(control::Context&, Request&);
Result<Answer> get_alias(control::Context&, Request&);
Result<Answer> update_alias(control::Context&, Request&);
Result<Answer> delete_alias(control::Context&, Request&);

Result<Answer> list_revisions(control::Context&, Request&);
Result<Answer> get_revision(control::Context&, Request&);
Result<Answer> get_settings(control::Context&, Request&);
Result<Answer> list_audit(control::Context&, Request&);
Result<Answer> get_status(control::Context&, Request&);
Result<Answer> restart_service(control::Context&, Request&);
Result<Answer> get_logs(control::Context&, Request&);
Result<Answer> list_deleted_mail(control::Context&, Request&);
Result<Answer> restore_deleted_mail(control::Context&, Request&);
Result<Answer> erase_deleted_mail(control::Context&, Request&);
Result<Answer> list_deleted_sites(control::Context&, Request&);
Result<Answer> restore_deleted_site(control::Context&, Request&);
Result<Answer> erase_deleted_site(control::Context&, Request&);
Result<Answer> list_jobs(control::Context&, Request&);
Result<Answer> get_job(control::Context&, Request&);
Result<Answer> run_job(control::Context&, Request&);
Result<Answer> send_mail(control::Context&, Request&);
Result<Answer> get_mail_queue(control::Context&, Request&);
Result<Answer> test_mail(control::Context&, Request&);

// Shared by the nouns.
struct Page {
  std::int64_t after = 0;
  std::int64_t limit = 50;
  std::string domain;
};
Result<Page> read_page(const Request& request);
Result<std::int64_t> read_number(const Request& request, const char* name, std::int64_t otherwise,
                                 std::int64_t least, std::int64_t most);

template <class T>
Answer page_answer(const std::vector<T>& items, const Page& page, Json (*shape)(const T&),
                   std::int64_t (*key)(const T&)) {
  Json list = Json::array();
  for (const T& item : items) {
    list.push_back(shape(item));
  }
  const bool full = static_cast<std::int64_t>(items.size()) == page.limit;
  return {200,
          {{"items", std::move(list)},
           {"next", full ? Json(std::to_string(key(items.back()))) : Json(nullptr)}}};
}

// The answer of a write: the object and its revision; what the services made of it when the request
// waits; what they would make of it in a dry run. A refusal is an error (422) that carries the
// same.
struct WriteOutcome {
  Json object;
  Revision revision = 0;
  const std::optional<control::Rehearsal>* rehearsal = nullptr;
};
Result<Answer> write_answer(control::Context& context, const Request& request, WriteOutcome outcome,
                            int status);

template <class T>
Result<Answer> write_answer(control::Context& context, const Request& request,
                            const Result<control::Changed<T>>& changed, int status) {
  if (!changed) {
    return std::unexpected(changed.error());
  }
  return write_answer(context, request,
                      {wire::to_json(changed->object), changed->revision, &changed->rehearsal},
                      status);
}

template <class T>
Result<Answer> object_answer(const Result<T>& object) {
  if (!object) {
    return std::unexpected(object.error());
  }
  return Answer{200, wire::to_json(*object), std::to_string(object->revision)};
}

}  // namespace podplay::api
