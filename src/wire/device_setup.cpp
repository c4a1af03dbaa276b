// The texts have a password in them, so they are secrets.
#include "wire/device_setup.hpp"

#include "base/json_text.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kDeviceCreateFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "Of the device; its app password has this name",
     .example = R"("my phone")"},
    {.name = "current_password",
     .type = text,
     .help = "Your password, when the login is some time ago",
     .example = R"("battery staple")"},
};

constexpr FieldRow kQrFields[] = {
    {.name = "size",
     .type = integer,
     .required = true,
     .help = "Width and height in modules, with the empty border",
     .example = "41"},
    {.name = "path",
     .type = text,
     .required = true,
     .help = "Of an SVG path that covers the dark modules, one unit each",
     .example = R"("M4 4h7v1h-7z")"},
    {.name = "text",
     .type = text,
     .required = true,
     .help = "For a terminal, light on dark",
     .example = R"("")"},
};
constexpr Shape kQr{.name = "QrCode", .help = "A QR code (ISO/IEC 18004)", .fields = kQrFields};

constexpr FieldRow kDeviceSetupFields[] = {
    {.name = "id",
     .type = integer,
     .required = true,
     .help = "Of the app password; podplay app-passwords revoke ends it",
     .example = "12"},
    {.name = "name",
     .type = text,
     .required = true,
     .help = "Of the device",
     .example = R"("my phone")"},
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The address, which is the user name at all servers",
     .example = R"("test@example.com")"},
    {.name = "password",
     .type = text,
     .required = true,
     .help = "The new app password, shown once",
     .example = R"("app-k7qx...")"},
    {.name = "thunderbird_qr",
     .type = object,
     .required = true,
     .help = "For Thunderbird on Android: the account with its password",
     .example = "{}",
     .of = &kQr},
    {.name = "profile_url",
     .type = text,
     .required = true,
     .help =
         "Where an Apple device gets a profile with the password, until it is used for the first "
         "time",
     .example = R"("https://pod.example.com/api/devices/profile?setup=...")"},
    {.name = "profile_qr",
     .type = object,
     .required = true,
     .help = "The same address for a camera",
     .example = "{}",
     .of = &kQr},
    {.name = "profile_expires",
     .type = text,
     .required = true,
     .help = "When the address ends",
     .example = R"("2026-01-01T00:10:00Z")"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the change",
     .example = "42"},
};

// Numbers of the format.
constexpr int kFormatVersion = 1;
constexpr int kImap = 0;
constexpr int kSmtp = 0;
constexpr int kTls = 3;
constexpr int kPasswordInTheClear = 1;

}  // namespace

const Shape kDeviceCreate{
    .name = "DeviceCreate", .help = "A device to set up for mail", .fields = kDeviceCreateFields};
const Shape kDeviceSetup{.name = "DeviceSetup",
                         .help = "All that a device needs to be set up, shown once",
                         .fields = kDeviceSetupFields};

Secret thunderbird_transfer(const ClientSettings& settings, const std::string& email,
                            const Secret& password) {
  const Json incoming{kImap, settings.server, settings.imap_tls, kTls, kPasswordInTheClear,
                      email, email,           password.reveal()};
  const Json outgoing{kSmtp, settings.server,  settings.smtp_tls, kTls, kPasswordInTheClear,
                      email, password.reveal()};
  const Json identity{email, email};
  // This code is the first of one.
  const Json place{1, 1};
  const Json group = Json::array({outgoing, identity});
  return Secret(json_text(Json::array({kFormatVersion, place, incoming, Json::array({group})})));
}

}  // namespace podplay::wire
