// Logins, and the first administrator.
#include "wire/logins.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kLoginFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "Login name",
     .example = R"("admin@example.com")"},
    {.name = "password",
     .type = text,
     .required = true,
     .help = "Password",
     .example = R"("correct horse")"},
};
constexpr FieldRow kBootstrapFields[] = {
    {.name = "secret",
     .type = text,
     .required = true,
     .help = "The one-time secret from the state volume (bootstrap.secret)",
     .example = R"("...")"},
    {.name = "email",
     .type = text,
     .required = true,
     .help = "Address of the first administrator, in a domain that exists; PODPLAY_DOMAIN is added",
     .example = R"("admin@example.com")"},
    {.name = "password",
     .type = text,
     .required = true,
     .help = "At least 8 characters",
     .example = R"("correct horse")"},
    {.name = "username",
     .type = text,
     .help = "Made from the address when missing",
     .example = R"("admin")"},
};

}  // namespace

const Shape kLogin{.name = "Login", .help = "A login for a bearer token", .fields = kLoginFields};
const Shape kBootstrap{
    .name = "Bootstrap", .help = "The first administrator, once", .fields = kBootstrapFields};

}  // namespace podplay::wire
