// Anybody may ask, so no answer depends on whether an account exists.
#include "api/mail_setup.hpp"

#include <fmt/format.h>

#include "api/query.hpp"
#include "control/mail/client_settings.hpp"
#include "model/names.hpp"

namespace podplay::api {
namespace {

constexpr std::string_view kXml = "application/xml; charset=utf-8";

}  // namespace

Result<Answer> get_mail_settings(control::Context& context, Request& request) {
  TRY(const auto settings, control::client_settings(context, read_text(request, "host")));
  return Answer{.body = wire::to_json(settings)};
}

Result<Answer> set_up_thunderbird(control::Context& context, Request& request) {
  TRY(const auto settings, control::client_settings(context, read_text(request, "host")));
  return Answer{.text = wire::thunderbird_document(settings), .media_type = kXml};
}

Result<Answer> set_up_outlook(control::Context& context, Request& request) {
  TRY(const auto settings, control::client_settings(context, read_text(request, "host")));
  if (request.http.method != "POST") {
    return Answer{.text = wire::outlook_document(settings, ""), .media_type = kXml};
  }
  const auto asked = wire::read_outlook_request(request.http.body);
  const auto email = EmailAddress::parse(asked.email);
  if (!email || email->domain() != settings.domain) {
    return Answer{.text = wire::outlook_error(
                      600, fmt::format("EMailAddress must be an address of {}", settings.domain)),
                  .media_type = kXml};
  }
  if (!asked.schema.empty() && asked.schema != wire::kOutlookSchema) {
    return Answer{.text = wire::outlook_error(601, "there are settings for IMAP and SMTP only"),
                  .media_type = kXml};
  }
  return Answer{.text = wire::outlook_document(settings, email->text()), .media_type = kXml};
}

Result<Answer> set_up_apple(control::Context& context, Request& request) {
  TRY(const auto settings, control::client_settings(context, read_text(request, "host")));
  TRY(const auto email, EmailAddress::parse(read_text(request, "email")));
  if (email.domain() != settings.domain) {
    return fail_faults(
        {{.field = "email",
          .code = "other_domain",
          .message = fmt::format("{} is no address of {}", email.text(), settings.domain),
          .remedy = "ask at the domain of the address"}});
  }
  return Answer{.text = wire::apple_document(settings, email.text()),
                .media_type = "application/x-apple-aspen-config"};
}

}  // namespace podplay::api
