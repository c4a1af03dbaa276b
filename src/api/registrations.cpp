// Each handler is one call of control/journeys. An answer to a stranger has nothing in it that the
// stranger did not send.
#include "api/registrations.hpp"

#include "api/answers.hpp"
#include "control/identity/passwords.hpp"
#include "control/journeys/cleanup.hpp"
#include "control/journeys/confirm.hpp"
#include "control/journeys/links.hpp"
#include "control/journeys/passwords_by_link.hpp"
#include "control/journeys/registration.hpp"
#include "control/journeys/registration_rules.hpp"
#include "control/journeys/user_mail.hpp"
#include "wire/journeys.hpp"
#include "wire/users.hpp"

namespace podplay::api {
namespace {

// A person may give the whole link.
Secret token_of(const Request& request) {
  constexpr std::string_view kMark = "#token=";
  const std::string text = wire::text_or(request.body, "token");
  const std::size_t mark = text.find(kMark);
  return Secret(mark == text.npos ? text : text.substr(mark + kMark.size()));
}

}  // namespace

Result<Answer> get_registration_doors(control::Context& context, Request&) {
  TRY(const auto open, control::open_domains(context));
  Json domains = Json::array();
  for (const RegistrationRule& rule : open) {
    domains.push_back({{"domain", rule.domain},
                       {"approval", rule.mode == RegistrationMode::approval},
                       {"allowed_domains", rule.allowed_domains}});
  }
  return Answer{.body = {{"domains", std::move(domains)},
                         {"shortest_password", control::kShortestPassword},
                         {"languages", {"en", "de"}}}};
}

Result<Answer> register_account(control::Context& context, Request& request) {
  TRY(const auto registration,
      control::register_account(
          context, request.actor,
          {.email = wire::text_or(request.body, "email"),
           .password = Secret(wire::text_or(request.body, "password")),
           .recovery_address = wire::text_or(request.body, "recovery_address"),
           .language = wire::text_or(request.body, "language")}));
  return Answer{.body = {{"state", "mail_sent"},
                         {"email", registration.email},
                         {"recovery_address", registration.recovery_address}}};
}

Result<Answer> look_at_link(control::Context& context, Request& request) {
  TRY(const auto view, control::look_at_link(context, token_of(request)));
  return Answer{.body = {{"purpose", to_text(view.purpose)},
                         {"email", view.email},
                         {"address", view.address},
                         {"expires", to_rfc3339(view.expires)}}};
}

Result<Answer> confirm_link(control::Context& context, Request& request) {
  return write_answer<control::Confirmation>(
      context, request,
      control::confirm_link(context, request.actor, token_of(request), request.options),
      [](const control::Confirmation& done) {
        return Json{
            {"purpose", to_text(done.purpose)}, {"email", done.email}, {"state", done.state}};
      });
}

Result<Answer> request_password_reset(control::Context& context, Request& request) {
  TRY(const auto email,
      control::request_password_reset(context, request.actor, wire::text_or(request.body, "email"),
                                      wire::text_or(request.body, "language")));
  return Answer{.body = {{"state", "mail_sent"}, {"email", email}}};
}

Result<Answer> set_password_by_link(control::Context& context, Request& request) {
  return write_answer<control::PasswordSet>(
      context, request,
      control::set_password_by_link(context, request.actor, token_of(request),
                                    Secret(wire::text_or(request.body, "password")),
                                    request.options),
      [](const control::PasswordSet& set) {
        return Json{{"email", set.email}, {"purpose", to_text(set.purpose)}};
      });
}

Result<Answer> get_registration_rule(control::Context& context, Request& request) {
  TRY(const auto rule, control::get_registration_rule(context, request.actor, request.parameter));
  return Answer{.body = wire::to_json(rule), .etag = control::etag_of(rule.revision)};
}

Result<Answer> set_registration_rule(control::Context& context, Request& request) {
  control::RuleInput input{
      .mode = wire::optional_text(request.body, "mode"), .allowed_domains = {}, .most_pending = {}};
  if (request.body.contains("allowed_domains")) {
    input.allowed_domains = wire::texts(request.body, "allowed_domains");
  }
  if (request.body.contains("most_pending")) {
    input.most_pending = wire::integer_or(request.body, "most_pending", 0);
  }
  return write_answer<RegistrationRule>(
      context, request,
      control::set_registration_rule(context, request.actor, request.parameter, input,
                                     request.options),
      [](const RegistrationRule& rule) { return wire::to_json(rule); });
}

Result<Answer> list_registrations(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto found,
      control::list_registrations(context, request.actor, page.domain, page.after, page.limit));
  return page_answer<Registration>(
      found, page, [](const Registration& one) { return wire::to_json(one); },
      [](const Registration& one) { return one.id; });
}

Result<Answer> get_registration(control::Context& context, Request& request) {
  TRY(const auto found, control::get_registration(context, request.actor, request.parameter));
  return Answer{.body = wire::to_json(found)};
}

Result<Answer> approve_registration(control::Context& context, Request& request) {
  return write_answer(
      context, request,
      control::approve_registration(context, request.actor, request.parameter, request.options));
}

Result<Answer> refuse_registration(control::Context& context, Request& request) {
  TRY(const auto refused, control::refuse_registration(context, request.actor, request.parameter));
  return Answer{.body = wire::to_json(refused)};
}

Result<Answer> show_registration_link(control::Context& context, Request& request) {
  TRY(const auto shown, control::show_registration_link(context, request.actor, request.parameter));
  return Answer{.body = {{"email", shown.email},
                         {"url", shown.url.reveal()},
                         {"expires", to_rfc3339(shown.expires)}}};
}

Result<Answer> invite_user(control::Context& context, Request& request) {
  TRY(const auto invited, control::invite_user(context, request.actor, request.parameter,
                                               wire::text_or(request.body, "address"),
                                               wire::text_or(request.body, "language")));
  return Answer{.body = {{"email", invited.email}, {"sent_to", invited.sent_to}}};
}

Result<Answer> mail_user(control::Context& context, Request& request) {
  TRY(const auto mailed, control::mail_user(context, request.actor, request.parameter,
                                            {.subject = wire::text_or(request.body, "subject"),
                                             .text = wire::text_or(request.body, "text"),
                                             .to_recovery_address = wire::boolean_or(
                                                 request.body, "to_recovery_address", false)}));
  return Answer{.body = {{"email", mailed.email}, {"sent_to", mailed.sent_to}}};
}

Result<Answer> clean_up_journeys(control::Context& context, Request& request) {
  TRY(const auto cleaned,
      control::clean_up_journeys(context, request.actor, request.options.dry_run));
  Json body{{"registrations", cleaned.registrations},
            {"links", cleaned.links},
            {"letters", cleaned.letters},
            {"exports", cleaned.exports}};
  if (request.options.dry_run) {
    body["dry_run"] = true;
    return Answer{.body = std::move(body), .status = 200};
  }
  return Answer{.body = std::move(body)};
}

}  // namespace podplay::api
