// How a device is set up for mail without typing: what its codes hold, and the answer with them.
#pragma once

#include <string>

#include "base/secret.hpp"
#include "wire/client_settings.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kDeviceCreate;
extern const Shape kDeviceSetup;

// What Thunderbird for Android reads from a QR code: its "Export for Mobile" format, version 1,
// with one account whose password is in it.
Secret thunderbird_transfer(const ClientSettings& settings, const std::string& email,
                            const Secret& password);

}  // namespace podplay::wire
