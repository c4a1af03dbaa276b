// Only about the account of who asks, apart from deletions, which administrators see and undo. What
// a thief of a login must not do (another recovery address, a copy of all data, deletion) needs a
// recent login or the current password.
#include "api/account.hpp"

#include "api/answers.hpp"
#include "api/download.hpp"
#include "control/journeys/deletion.hpp"
#include "control/journeys/export.hpp"
#include "control/journeys/own_account.hpp"
#include "wire/journeys.hpp"
#include "wire/users.hpp"

namespace podplay::api {
namespace {

std::optional<Secret> proof_of(const Request& request) {
  auto text = wire::optional_text(request.body, "current_password");
  if (!text) {
    return std::nullopt;
  }
  return Secret(std::move(*text));
}

Json account_json(const control::OwnAccount& account) {
  const Json user = wire::to_json(account.user);
  Json body;
  for (const char* name :
       {"id", "email", "username", "domain", "role", "quota", "services", "created"}) {
    body[name] = user.at(name);
  }
  body["language"] = account.language;
  body["recovery_address"] = account.recovery_address;
  body["recovery_change"] = nullptr;
  if (const auto& change = account.recovery_change) {
    body["recovery_change"] = {{"address", change->address},
                               {"new_confirmed", change->new_confirmed},
                               {"old_confirmed", change->old_confirmed},
                               {"expires", to_rfc3339(change->expires)}};
  }
  return body;
}

Json export_json(const Request& request, const std::optional<Export>& copy) {
  if (copy) {
    return wire::to_json(*copy, control::export_name(request.actor.email(), *copy));
  }
  return {{"state", "none"}, {"percent", 0},       {"words", ""},       {"bytes", 0},
          {"file", ""},      {"created", nullptr}, {"expires", nullptr}};
}

}  // namespace

Result<Answer> get_account(control::Context& context, Request& request) {
  TRY(const auto account, control::get_own_account(context, request.actor));
  return Answer{.body = account_json(account)};
}

Result<Answer> update_account(control::Context& context, Request& request) {
  const auto language = wire::optional_text(request.body, "language");
  if (!language) {
    return get_account(context, request);
  }
  TRY(const auto account, control::set_own_language(context, request.actor, *language));
  return Answer{.body = account_json(account)};
}

Result<Answer> change_recovery_address(control::Context& context, Request& request) {
  // A merge patch may leave it out.
  if (!request.body.contains("address")) {
    return fail_faults({{.field = "address",
                         .code = "missing",
                         .message = "the address is missing",
                         .remedy = "give one, or an empty text for none"}});
  }
  TRY(const auto asked,
      control::change_recovery_address(context, request.actor,
                                       wire::text_or(request.body, "address"), proof_of(request)));
  return Answer{.body = {{"address", asked.address},
                         {"waits_for", asked.waits_for},
                         {"expires", to_rfc3339(asked.expires)}}};
}

Result<Answer> start_export(control::Context& context, Request& request) {
  TRY(const auto copy, control::start_export(context, request.actor, proof_of(request)));
  return Answer{.body = export_json(request, copy)};
}

Result<Answer> get_export(control::Context& context, Request& request) {
  TRY(const auto copy, control::get_export(context, request.actor));
  return Answer{.body = export_json(request, copy)};
}

Result<Answer> download_export(control::Context& context, Request& request) {
  TRY(auto file, control::find_export_file(context, request.actor));
  return file_answer({.path = std::move(file.path),
                      .name = std::move(file.name),
                      .bytes = static_cast<std::size_t>(file.bytes),
                      .media_type = "application/x-tar"},
                     {.kind = ErrorKind::not_found,
                      .code = "export_missing",
                      .message = "the copy of your data is not there",
                      .remedy = "ask for a new one with POST /api/account/export"});
}

Result<Answer> delete_own_account(control::Context& context, Request& request) {
  return write_answer<Deletion>(
      context, request,
      control::delete_own_account(context, request.actor, proof_of(request), request.options),
      [](const Deletion& one) { return wire::to_json(one); });
}

Result<Answer> list_deletions(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto found,
      control::list_deletions(context, request.actor, page.domain, page.after, page.limit));
  return page_answer<Deletion>(
      found, page, [](const Deletion& one) { return wire::to_json(one); },
      [](const Deletion& one) { return one.user_id; });
}

Result<Answer> restore_account(control::Context& context, Request& request) {
  return write_answer(
      context, request,
      control::restore_account(context, request.actor, request.parameter, request.options));
}

}  // namespace podplay::api
