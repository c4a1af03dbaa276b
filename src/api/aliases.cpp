// What a patch leaves out stays as it is. Whether the actor may touch the alias is decided by
// control/mail/aliases.hpp.
#include "api/aliases.hpp"

#include "api/answers.hpp"
#include "control/mail/aliases.hpp"

namespace podplay::api {
namespace {

control::AliasInput alias_input(const Json& body) {
  control::AliasInput input;
  input.address = wire::text_or(body, "address");
  if (body.contains("targets") && body["targets"].is_array()) {
    input.targets = wire::texts(body, "targets");
  }
  if (body.contains("enabled") && body["enabled"].is_boolean()) {
    input.enabled = body["enabled"].get<bool>();
  }
  return input;
}

}  // namespace

Result<Answer> list_aliases(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto search, read_search(request, page));
  if (search) {
    TRY(const auto found, control::search_aliases(context, request.actor, page.domain, *search));
    return search_answer<Alias>(
        found, page, search->by_name, [](const Alias& alias) { return wire::to_json(alias); },
        [](const Alias& alias) -> const std::string& { return alias.address; });
  }
  TRY(const auto aliases,
      control::list_aliases(context, request.actor, page.domain, page.after, page.limit));
  return page_answer<Alias>(
      aliases, page, [](const Alias& alias) { return wire::to_json(alias); },
      [](const Alias& alias) { return alias.id; });
}

Result<Answer> create_alias(control::Context& context, Request& request) {
  return write_answer(
      context, request,
      control::create_alias(context, request.actor, alias_input(request.body), request.options));
}

Result<Answer> get_alias(control::Context& context, Request& request) {
  return object_answer(control::get_alias(context, request.actor, request.parameter));
}

Result<Answer> update_alias(control::Context& context, Request& request) {
  return write_answer(context, request,
                      control::update_alias(context, request.actor, request.parameter,
                                            alias_input(request.body), request.options));
}

Result<Answer> delete_alias(control::Context& context, Request& request) {
  return write_answer(
      context, request,
      control::delete_alias(context, request.actor, request.parameter, request.options));
}

}  // namespace podplay::api
