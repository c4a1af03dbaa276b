// A setting as the control plane has read it. A secret shows only whether it is set.
#include "wire/settings.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kSettingFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "Name of the environment variable",
     .example = R"("PODPLAY_DOMAIN")"},
    {.name = "value",
     .type = text,
     .required = true,
     .help = "Value in force; (set) for a secret that is set",
     .example = R"("example.com")"},
    {.name = "default",
     .type = text,
     .required = true,
     .help = "Value when the variable is not set",
     .example = R"("")"},
    {.name = "help",
     .type = text,
     .required = true,
     .help = "What the setting does",
     .example = R"("...")"},
};

}  // namespace

const Shape kSetting{.name = "Setting", .help = "A setting in force", .fields = kSettingFields};

}  // namespace podplay::wire
