// Each handler is one call of control/certificates/accounts.hpp, which speaks with the authority:
// an answer may take as long as the authority does.
#include "api/acme_accounts.hpp"

#include "api/answers.hpp"
#include "control/certificates/accounts.hpp"
#include "wire/acme_accounts.hpp"

namespace podplay::api {
namespace {

// The key of a file ends with a newline, which is no part of it.
Secret trimmed(const std::string& key) {
  const std::size_t begin = key.find_first_not_of(" \t\r\n");
  if (begin == key.npos) {
    return {};
  }
  return Secret(key.substr(begin, key.find_last_not_of(" \t\r\n") - begin + 1));
}

Result<Answer> account_answer(const Result<AcmeAccount>& account) {
  TRY(const auto found, account);
  return Answer{.body = wire::to_json(found)};
}

}  // namespace

Result<Answer> list_acme_accounts(control::Context& context, Request&) {
  TRY(const auto accounts, control::list_acme_accounts(context));
  Json items = Json::array();
  for (const AcmeAccount& account : accounts) {
    items.push_back(wire::to_json(account));
  }
  return list_answer(std::move(items));
}

Result<Answer> create_acme_account(control::Context& context, Request& request) {
  const control::NewAcmeAccount wanted{
      .name = wire::text_or(request.body, "name"),
      .directory = wire::text_or(request.body, "directory"),
      .ca = wire::text_or(request.body, "ca"),
      .trusted = wire::boolean_or(request.body, "trusted", true),
      .contact = wire::texts(request.body, "contact"),
      .terms = wire::text_or(request.body, "terms"),
      .external_id = wire::text_or(request.body, "external_id"),
      .external_key = trimmed(wire::text_or(request.body, "external_key"))};
  return account_answer(control::create_acme_account(context, request.actor, wanted));
}

Result<Answer> get_acme_account(control::Context& context, Request& request) {
  return account_answer(control::get_acme_account(context, request.parameter));
}

Result<Answer> change_acme_contact(control::Context& context, Request& request) {
  return account_answer(control::change_acme_contact(context, request.actor, request.parameter,
                                                     wire::texts(request.body, "contact")));
}

Result<Answer> roll_over_acme_key(control::Context& context, Request& request) {
  return account_answer(control::roll_over_acme_key(context, request.actor, request.parameter));
}

Result<Answer> deactivate_acme_account(control::Context& context, Request& request) {
  return account_answer(
      control::deactivate_acme_account(context, request.actor, request.parameter));
}

Result<Answer> delete_acme_account(control::Context& context, Request& request) {
  TRY(control::delete_acme_account(context, request.actor, request.parameter));
  return Answer{.body = {{"name", request.parameter}}};
}

}  // namespace podplay::api
