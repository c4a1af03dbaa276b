// Nothing is kept of the password in clear: the address of the profile has it, sealed with a key of
// the control plane's, so that the store need not.
#include "control/mail/device_setup.hpp"

#include <fmt/format.h>

#include "base/json_text.hpp"
#include "control/identity/sealing.hpp"
#include "control/mail/client_settings.hpp"
#include "store/app_passwords.hpp"
#include "store/users.hpp"
#include "wire/device_setup.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::minutes kProfileLifetime{10};
// What is sealed for this opens nowhere else.
constexpr std::string_view kPlace = "device profile";

std::unexpected<Error> profile_expired() {
  return fail(ErrorKind::not_found, "profile_expired",
              "this address of a profile is no longer valid, or was used",
              "set the device up again: the page \"Set up mail\", or podplay app-passwords device");
}

struct Profile {
  std::int64_t app_password = 0;
  std::string text;
  WallTime until{};
};

Secret seal_profile(const auth::Seal& seal, const Profile& profile) {
  const Json value{
      {"id", profile.app_password}, {"text", profile.text}, {"until", to_millis(profile.until)}};
  return Secret(seal.close(Secret(json_text(value)), kPlace));
}

Result<Profile> open_profile(const auth::Seal& seal, const Secret& sealed) {
  const auto opened = seal.open(sealed.reveal(), kPlace);
  if (!opened) {
    return profile_expired();
  }
  const Json value = Json::parse(opened->reveal());
  return Profile{.app_password = value.at("id").get<std::int64_t>(),
                 .text = value.at("text").get<std::string>(),
                 .until = from_millis(value.at("until").get<std::int64_t>())};
}

}  // namespace

Result<Changed<DeviceSetup>> set_up_device(Context& context, const Actor& actor,
                                           const DeviceInput& input, const WriteOptions& options) {
  TRY(const auto settings, client_settings(context, actor.domain()));
  TRY(const auto seal, open_seal(context));
  TRY(auto made, create_app_password(context, actor,
                                     {.name = input.name,
                                      .protocols = {{"imap", "smtp", "sieve"}},
                                      .current_password = input.current_password},
                                     options));
  Changed<DeviceSetup> changed{.object = {.password = made.object.password, .email = actor.email()},
                               .revision = made.revision,
                               .services = std::move(made.services),
                               .rehearsal = std::move(made.rehearsal),
                               .warnings = std::move(made.warnings)};
  if (options.dry_run) {
    return changed;
  }
  DeviceSetup& setup = changed.object;
  setup.text = made.object.text;
  setup.profile_expires = context.clock.now() + kProfileLifetime;
  TRY(setup.thunderbird,
      auth::make_qr_code(wire::thunderbird_transfer(settings, setup.email, setup.text)));
  const Secret sealed = seal_profile(seal, {.app_password = setup.password.id,
                                            .text = setup.text.reveal(),
                                            .until = setup.profile_expires});
  setup.profile_url =
      Secret(fmt::format("{}/api/devices/profile?setup={}",
                         context.settings.text("PODPLAY_PUBLIC_URL"), sealed.reveal()));
  TRY(setup.profile, auth::make_qr_code(setup.profile_url));
  return changed;
}

Result<std::string> device_profile(Context& context, const Secret& sealed) {
  TRY(const auto seal, open_seal(context));
  TRY(const auto profile, open_profile(seal, sealed));
  struct Found {
    std::optional<AppPassword> password;
    std::optional<User> user;
  };
  TRY(const auto found, context.store.read_together<Found>([&](store::Session& session) {
    Found both{.password = store::find_app_password(session, profile.app_password)};
    if (both.password) {
      both.user = store::find_user(session, both.password->user_id);
    }
    return both;
  }));
  const bool usable = found.user && found.user->enabled && context.clock.now() < profile.until &&
                      found.password->last_used == WallTime{};
  if (!usable) {
    return profile_expired();
  }
  TRY(const auto settings, client_settings(context, found.user->domain));
  return wire::apple_document(settings, found.user->email, Secret(profile.text));
}

}  // namespace podplay::control
