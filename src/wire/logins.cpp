// Logins and the first administrator. Only the answer to a login carries its token.
#include "wire/logins.hpp"

#include "wire/users.hpp"

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

constexpr FieldRow kLoginDoneFields[] = {
    {.name = "token",
     .type = text,
     .required = true,
     .help = "For the header Authorization: Bearer (RFC 6750); shown once",
     .example = R"("...")"},
    {.name = "expires",
     .type = text,
     .required = true,
     .help = "When the token ends",
     .example = R"("2026-01-02T00:00:00Z")"},
    {.name = "user",
     .type = object,
     .required = true,
     .help = "Whose token it is",
     .example = "{}",
     .of = &kUser},
};

constexpr FieldRow kLogoutDoneFields[] = {
    {.name = "logged_out",
     .type = text,
     .required = true,
     .help = "Whose token was ended",
     .example = R"("test@example.com")"},
};

}  // namespace

const Shape kLogin{.name = "Login", .help = "What a login needs", .fields = kLoginFields};
const Shape kBootstrap{
    .name = "Bootstrap", .help = "The first administrator", .fields = kBootstrapFields};

const Shape kLoginDone{
    .name = "LoginDone", .help = "A bearer token and whose it is", .fields = kLoginDoneFields};
const Shape kLogoutDone{
    .name = "LogoutDone", .help = "The end of a login", .fields = kLogoutDoneFields};

}  // namespace podplay::wire
