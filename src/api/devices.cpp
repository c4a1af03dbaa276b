// Each handler is one call of control/mail. The password and its codes are in an answer once.
#include "api/devices.hpp"

#include "api/answers.hpp"
#include "api/query.hpp"
#include "control/mail/device_setup.hpp"
#include "control/mail/usage.hpp"

namespace podplay::api {
namespace {

Json qr_json(const auth::QrCode& code) {
  return {{"size", code.size}, {"path", code.path}, {"text", code.text}};
}

Json device_json(const control::DeviceSetup& setup) {
  return {{"id", setup.password.id},
          {"name", setup.password.name},
          {"email", setup.email},
          {"password", setup.text.reveal()},
          {"thunderbird_qr", qr_json(setup.thunderbird)},
          {"profile_url", setup.profile_url.reveal()},
          {"profile_qr", qr_json(setup.profile)},
          {"profile_expires", to_rfc3339(setup.profile_expires)},
          {"revision", setup.password.revision}};
}

}  // namespace

Result<Answer> set_up_device(control::Context& context, Request& request) {
  control::DeviceInput input{.name = wire::text_or(request.body, "name")};
  if (auto password = wire::optional_text(request.body, "current_password")) {
    input.current_password = Secret(std::move(*password));
  }
  return write_answer<control::DeviceSetup>(
      context, request, control::set_up_device(context, request.actor, input, request.options),
      device_json);
}

Result<Answer> get_device_profile(control::Context& context, Request& request) {
  TRY(auto profile, control::device_profile(context, Secret(read_text(request, "setup"))));
  return Answer{.text = std::move(profile),
                .media_type = "application/x-apple-aspen-config",
                .headers = {{"Content-Disposition", "attachment; filename=\"mail.mobileconfig\""}}};
}

Result<Answer> get_mailbox_usage(control::Context& context, Request& request) {
  TRY(const auto usage, control::mailbox_usage(context, request.actor, request.parameter));
  return Answer{.body = wire::to_json(usage)};
}

}  // namespace podplay::api
