// Logins and the first administrator. Only the answer to a login carries its token.
#include "wire/logins.hpp"

#include "base/encoding.hpp"
#include "wire/users.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow required(FieldRow row) {
  row.required = true;
  return row;
}

constexpr FieldRow kSessionKind{
    .name = "session",
    .type = text,
    .help =
        "cookie: a browser gets a cookie, and needs X-CSRF-Token (GET /api/csrf); token, or "
        "missing: a program gets a bearer token",
    .example = R"("token")"};
constexpr FieldRow kLoginName{.name = "name",
                              .type = text,
                              .help = "What the token is called in lists; login when missing",
                              .example = R"("podplay on laptop")"};

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
    kSessionKind,
    kLoginName,
};
// One of a login's second factors.
constexpr FieldRow kFactor{.name = "factor",
                           .type = text,
                           .help = "totp, passkey or recovery_code",
                           .example = R"("totp")"};
constexpr FieldRow kCode{
    .name = "code", .type = text, .help = "Of totp and recovery_code", .example = R"("123456")"};
constexpr FieldRow kPasskey{
    .name = "passkey",
    .type = object,
    .help = "Of passkey: the credential that the browser made (WebAuthn level 3 section 5.8.1)",
    .example = "{}"};
constexpr FieldRow kLoginFactorFields[] = {
    {.name = "ticket",
     .type = text,
     .required = true,
     .help = "That of the login's first step",
     .example = R"("...")"},
    required(kFactor),
    kCode,
    kPasskey,
};
constexpr FieldRow kSessionProofFields[] = {
    {.name = "password",
     .type = text,
     .help = "Your password; or a factor",
     .example = R"("correct horse")"},
    kFactor,
    kCode,
    kPasskey,
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

constexpr FieldRow kCsrfFields[] = {
    {.name = "csrf_token",
     .type = text,
     .required = true,
     .help = "For the header X-CSRF-Token; that of the session, or for a login",
     .example = R"("...")"},
    {.name = "logged_in",
     .type = boolean,
     .required = true,
     .help = "Whether the browser has a session",
     .example = "false"},
};

constexpr FieldRow kLoginDoneFields[] = {
    {.name = "expires",
     .type = text,
     .required = true,
     .help = "When the token, the session or the ticket ends",
     .example = R"("2026-01-02T00:00:00Z")"},
    {.name = "user",
     .type = object,
     .help = "Who is logged in; missing while a second factor is",
     .example = "{}",
     .of = &kUser},
    {.name = "token",
     .type = text,
     .help = "For the header Authorization: Bearer (RFC 6750); shown once; missing of a session",
     .example = R"("pp_...")"},
    {.name = "csrf_token",
     .type = text,
     .help = "Of a session: for the header X-CSRF-Token of its writes",
     .example = R"("...")"},
    {.name = "second_factor_required",
     .type = boolean,
     .help = "true: go on with POST /api/login/factor",
     .example = "true"},
    {.name = "ticket", .type = text, .help = "What that needs; used once", .example = R"("...")"},
    {.name = "factors",
     .type = text_list,
     .help = "Which factors the user has: totp, passkey, recovery_code",
     .example = R"(["totp", "recovery_code"])"},
    {.name = "passkey",
     .type = object,
     .help = "What the browser needs for a passkey: PublicKeyCredentialRequestOptions in JSON",
     .example = "{}"},
};

constexpr FieldRow kLoginFactsFields[] = {
    {.name = "kind",
     .type = text,
     .required = true,
     .help = "session (a browser) or token (a program)",
     .example = R"("session")"},
    {.name = "id", .type = integer, .required = true, .help = "Its number", .example = "9"},
    {.name = "strength",
     .type = text,
     .required = true,
     .help = "single_factor, or multi_factor",
     .example = R"("multi_factor")"},
    {.name = "scopes",
     .type = text_list,
     .required = true,
     .help = "What it may be used for; only account while your role needs a second factor that "
             "you do not have",
     .example = R"(["all"])"},
    {.name = "expires",
     .type = text,
     .required = true,
     .help = "When it ends in any case",
     .example = R"("2026-01-01T12:00:00Z")"},
    {.name = "idle_until",
     .type = text,
     .help = "Of a session: when it ends unless it is used",
     .example = R"("2026-01-01T02:00:00Z")"},
    {.name = "recent_until",
     .type = text,
     .help = "Until when it may change what protects the account; missing: it must be proven first",
     .example = R"("2026-01-01T00:10:00Z")"},
    {.name = "csrf_token",
     .type = text,
     .help = "Of a session: for the header X-CSRF-Token",
     .example = R"("...")"},
};

constexpr FieldRow kLogoutDoneFields[] = {
    {.name = "logged_out",
     .type = text,
     .required = true,
     .help = "Whose token was ended",
     .example = R"("test@example.com")"},
};

// PublicKeyCredentialDescriptor (WebAuthn level 3 section 5.8.3) of each id.
Json descriptors(const std::vector<std::string>& ids) {
  Json list = Json::array();
  for (const std::string& id : ids) {
    list.push_back({{"type", "public-key"}, {"id", id}});
  }
  return list;
}

}  // namespace

const Shape kLogin{.name = "Login", .help = "What a login needs", .fields = kLoginFields};
const Shape kLoginFactor{
    .name = "LoginFactor", .help = "The second factor of a login", .fields = kLoginFactorFields};
const Shape kSessionProof{.name = "SessionProof",
                          .help = "What proves again who uses a session",
                          .fields = kSessionProofFields};
const Shape kBootstrap{
    .name = "Bootstrap", .help = "The first administrator", .fields = kBootstrapFields};

const Shape kCsrf{
    .name = "Csrf", .help = "What a browser shows with its writes", .fields = kCsrfFields};
const Shape kLoginDone{.name = "LoginDone",
                       .help = "A login and whose it is, or the ticket of one that needs a factor",
                       .fields = kLoginDoneFields};
const Shape kLoginFacts{
    .name = "LoginFacts", .help = "The login of a request", .fields = kLoginFactsFields};
const Shape kLogoutDone{
    .name = "LogoutDone", .help = "The end of a login", .fields = kLogoutDoneFields};

Json to_json(const PasskeyQuestion& question) {
  return {{"challenge", base64url(question.challenge)},
          {"timeout", question.timeout.count()},
          {"rpId", question.relying_party},
          {"allowCredentials", descriptors(question.allowed)},
          {"userVerification", "required"}};
}

Json to_json(const PasskeyCreation& creation) {
  Json algorithms = Json::array();
  for (const int algorithm : creation.algorithms) {
    algorithms.push_back({{"type", "public-key"}, {"alg", algorithm}});
  }
  return {{"rp", {{"id", creation.relying_party}, {"name", creation.relying_party}}},
          {"user",
           {{"id", creation.user_handle},
            {"name", creation.user_name},
            {"displayName", creation.user_name}}},
          {"challenge", base64url(creation.challenge)},
          {"pubKeyCredParams", std::move(algorithms)},
          {"timeout", creation.timeout.count()},
          {"excludeCredentials", descriptors(creation.excluded)},
          {"authenticatorSelection",
           {{"residentKey", "required"},
            {"requireResidentKey", true},
            {"userVerification", "required"}}},
          {"attestation", "none"}};
}

}  // namespace podplay::wire
