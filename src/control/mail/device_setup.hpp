// Sets a device up for mail: a new app password, in a code that the device's camera reads.
#pragma once

#include <optional>
#include <string>

#include "auth/qr_code.hpp"
#include "control/identity/app_passwords.hpp"

namespace podplay::control {

struct DeviceInput {
  std::string name;
  std::optional<Secret> current_password{};
};
struct DeviceSetup {
  AppPassword password;
  std::string email;
  // Shown once; empty in a rehearsal, as are the codes.
  Secret text{};
  auth::QrCode thunderbird{};
  // Where an Apple device gets its profile. It has the password in it, sealed.
  Secret profile_url{};
  auth::QrCode profile{};
  WallTime profile_expires{};
};

// The actor's own. The password may read and send mail and change filters. Fails as
// create_app_password() does.
Result<Changed<DeviceSetup>> set_up_device(Context& context, const Actor& actor,
                                           const DeviceInput& input, const WriteOptions& options);

// The profile for an Apple device, to whom has its address: for some minutes, and until the
// password is used for the first time. Fails with "profile_expired".
Result<std::string> device_profile(Context& context, const Secret& sealed);

}  // namespace podplay::control
