// An answer about a change has the fields of the thing, and the revision.
#include "wire/credentials.hpp"

#include <array>

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kCredentialRevision{.name = "revision",
                                       .type = integer,
                                       .required = true,
                                       .help = "Revision of the change",
                                       .example = "42"};
constexpr FieldRow kNewRecoveryCodes{
    .name = "recovery_codes",
    .type = text_list,
    .required = true,
    .help =
        "Ten codes that stand in for a lost factor, each once; shown once. Empty: there are "
        "some already",
    .example = R"(["mzxw-6ytb-oi4t-c2lq"])"};

// The rows of two tables, one after the other.
template <std::size_t kA, std::size_t kB>
constexpr std::array<FieldRow, kA + kB> joined(const FieldRow (&a)[kA], const FieldRow (&b)[kB]) {
  std::array<FieldRow, kA + kB> rows{};
  for (std::size_t i = 0; i < kA; ++i) {
    rows[i] = a[i];
  }
  for (std::size_t i = 0; i < kB; ++i) {
    rows[kA + i] = b[i];
  }
  return rows;
}
constexpr FieldRow kOnlyRevision[] = {kCredentialRevision};

constexpr FieldRow kCurrentPassword{
    .name = "current_password",
    .type = text,
    .help = "Your password; needed when the login is not recent (PODPLAY_REAUTHENTICATION)",
    .example = R"("battery staple")"};

constexpr FieldRow kOwnProofFields[] = {kCurrentPassword};
constexpr FieldRow kTotpConfirmFields[] = {
    {.name = "code",
     .type = text,
     .required = true,
     .help = "The six digits that the app shows now (RFC 6238); blanks do not matter",
     .example = R"("123456")"},
};
constexpr FieldRow kPasskeyName{.name = "name",
                                .type = text,
                                .required = true,
                                .help = "What you call the device, 1 to 64 octets",
                                .example = R"("phone")"};
constexpr FieldRow kCredential{
    .name = "credential",
    .type = object,
    .required = true,
    .help = "What the browser made, as PublicKeyCredential.toJSON() gives it (WebAuthn level 3)",
    .example = "{}"};
constexpr FieldRow kPasskeyCreateFields[] = {kPasskeyName, kCredential};
constexpr FieldRow kPasskeyRenameFields[] = {kPasskeyName};
constexpr FieldRow kPasskeyLoginFields[] = {
    kCredential,
    {.name = "session",
     .type = text,
     .help = "cookie: begin a browser's session, and answer with a cookie instead of a token",
     .example = R"("cookie")"},
    {.name = "name",
     .type = text,
     .help = "Name of the token",
     .example = R"("podplay on laptop")"},
};
constexpr FieldRow kAppPasswordCreateFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "The device or program that it is for, 1 to 64 octets",
     .example = R"("phone")"},
    {.name = "protocols",
     .type = text_list,
     .help = "Where it may be used: imap, pop3, smtp, sieve; missing: everywhere",
     .example = R"(["imap", "smtp"])"},
    kCurrentPassword,
};

constexpr FieldRow kFactorsFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "Whose they are",
     .example = R"("test@example.com")"},
    {.name = "required",
     .type = boolean,
     .required = true,
     .help = "The role must have a second factor (PODPLAY_SECOND_FACTOR)",
     .example = "false"},
    {.name = "second_factor",
     .type = boolean,
     .required = true,
     .help = "A login needs one, and mail programs need app passwords",
     .example = "true"},
    {.name = "totp",
     .type = boolean,
     .required = true,
     .help = "There is an authenticator app (RFC 6238)",
     .example = "true"},
    {.name = "passkeys",
     .type = integer,
     .required = true,
     .help = "Number of passkeys",
     .example = "1"},
    {.name = "recovery_codes_left",
     .type = integer,
     .required = true,
     .help = "Number of recovery codes that are left",
     .example = "10"},
    {.name = "recovery_codes_created",
     .type = text,
     .required = true,
     .help = "When they were made; null: there are none",
     .example = R"("2026-01-01T00:00:00Z")",
     .nullable = true},
};
constexpr auto kFactorsChangedFields = joined(kFactorsFields, kOnlyRevision);
constexpr FieldRow kTotpAddedMore[] = {kNewRecoveryCodes, kCredentialRevision};
constexpr auto kTotpAddedFields = joined(kFactorsFields, kTotpAddedMore);

constexpr FieldRow kTotpEnrolmentFields[] = {
    {.name = "secret",
     .type = text,
     .required = true,
     .help = "For typing into an app, base32; shown once",
     .example = R"("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")"},
    {.name = "uri",
     .type = text,
     .required = true,
     .help = "The same as otpauth://, which an app opens",
     .example = R"("otpauth://totp/...")"},
    {.name = "qr_size",
     .type = integer,
     .required = true,
     .help = "Width and height of the QR code, in modules with its border",
     .example = "53"},
    {.name = "qr_path",
     .type = text,
     .required = true,
     .help = "The attribute d of one SVG path that draws the QR code's dark modules",
     .example = R"("M4 4h7v1h-7z")"},
    {.name = "qr_svg",
     .type = text,
     .required = true,
     .help = "The QR code as an SVG document",
     .example = R"("<svg>...</svg>")"},
    {.name = "qr_text",
     .type = text,
     .required = true,
     .help = "The QR code as lines for a terminal",
     .example = R"("...")"},
};

constexpr FieldRow kRecoveryCodesFields[] = {kNewRecoveryCodes};
constexpr FieldRow kRecoveryCodesLeftFields[] = {
    {.name = "left",
     .type = integer,
     .required = true,
     .help = "How many are left of ten",
     .example = "9"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When they were made; null: there are none",
     .example = R"("2026-01-01T00:00:00Z")",
     .nullable = true},
};

constexpr FieldRow kLoginChallenge{
    .name = "challenge",
    .type = text,
    .required = true,
    .help = "base64url; it can be answered once, within five minutes",
    .example = R"("...")"};
constexpr FieldRow kTimeout{.name = "timeout",
                            .type = integer,
                            .required = true,
                            .help = "Milliseconds",
                            .example = "300000"};
constexpr FieldRow kPasskeyOptionsFields[] = {
    {.name = "rp",
     .type = object,
     .required = true,
     .help = "This server: id, name",
     .example = "{}"},
    {.name = "user",
     .type = object,
     .required = true,
     .help = "Whose passkey it will be: id, name, displayName",
     .example = "{}"},
    kLoginChallenge,
    {.name = "pubKeyCredParams",
     .type = object_list,
     .required = true,
     .help = "The algorithms that are taken, best first: type, alg",
     .example = "[]"},
    kTimeout,
    {.name = "excludeCredentials",
     .type = object_list,
     .required = true,
     .help = "The passkeys that are there already: type, id",
     .example = "[]"},
    {.name = "authenticatorSelection",
     .type = object,
     .required = true,
     .help = "The passkey must be found without a name, and verify its user",
     .example = "{}"},
    {.name = "attestation", .type = text, .required = true, .help = "none", .example = R"("none")"},
};
constexpr FieldRow kPasskeyQuestionFields[] = {
    kLoginChallenge,
    kTimeout,
    {.name = "rpId",
     .type = text,
     .required = true,
     .help = "This server's name",
     .example = R"("control.example.com")"},
    {.name = "allowCredentials",
     .type = object_list,
     .required = true,
     .help = "The passkeys that may answer: type, id; empty: any",
     .example = "[]"},
    {.name = "userVerification",
     .type = text,
     .required = true,
     .help = "required",
     .example = R"("required")"},
};

constexpr FieldRow kPasskeyFields[] = {
    {.name = "id", .type = integer, .required = true, .help = "Never used again", .example = "7"},
    {.name = "name",
     .type = text,
     .required = true,
     .help = "What you call the device",
     .example = R"("phone")"},
    {.name = "algorithm",
     .type = text,
     .required = true,
     .help = "ES256, EdDSA or RS256",
     .example = R"("ES256")"},
    {.name = "synced",
     .type = boolean,
     .required = true,
     .help = "It is on other devices, too, as those of phones are",
     .example = "false"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When it was added",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "last_used",
     .type = text,
     .required = true,
     .help = "The last login; null: never",
     .example = R"("2026-01-02T00:00:00Z")",
     .nullable = true},
};
constexpr FieldRow kPasskeyAddedMore[] = {kNewRecoveryCodes, kCredentialRevision};
constexpr auto kPasskeyAddedFields = joined(kPasskeyFields, kPasskeyAddedMore);
constexpr auto kPasskeyRemovedFields = joined(kPasskeyFields, kOnlyRevision);

constexpr FieldRow kAppPasswordFields[] = {
    {.name = "id", .type = integer, .required = true, .help = "Never used again", .example = "7"},
    {.name = "name",
     .type = text,
     .required = true,
     .help = "The device or program that it is for",
     .example = R"("phone")"},
    {.name = "protocols",
     .type = text_list,
     .required = true,
     .help = "Where it may be used: imap, pop3, smtp, sieve",
     .example = R"(["imap", "smtp"])"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When it was made",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "last_used",
     .type = text,
     .required = true,
     .help = "The last login with it, told a minute late; null: never",
     .example = R"("2026-01-02T00:00:00Z")",
     .nullable = true},
    {.name = "last_address",
     .type = text,
     .required = true,
     .help = "Where that login came from; empty: there was none",
     .example = R"("192.0.2.7")"},
    {.name = "last_protocol",
     .type = text,
     .required = true,
     .help = "What that login was for; empty: there was none",
     .example = R"("imap")"},
};
constexpr FieldRow kAppPasswordAddedMore[] = {
    {.name = "password",
     .type = text,
     .required = true,
     .help = "For the mail program, as it stands; shown once",
     .example = R"("app-mfrggzdfmztwq2lknnwg23tpoa")"},
    kCredentialRevision,
};
constexpr auto kAppPasswordAddedFields = joined(kAppPasswordFields, kAppPasswordAddedMore);
constexpr auto kAppPasswordRevokedFields = joined(kAppPasswordFields, kOnlyRevision);

// Names of COSE's numbers (RFC 9053).
std::string_view algorithm_name(std::int64_t algorithm) {
  switch (algorithm) {
    case -7: return "ES256";
    case -8: return "EdDSA";
    default: return "RS256";
  }
}

}  // namespace

const Shape kOwnProof{.name = "OwnProof",
                      .help = "Proof that it is you, when the login is not recent",
                      .fields = kOwnProofFields};
const Shape kTotpConfirm{
    .name = "TotpConfirm", .help = "What the app shows", .fields = kTotpConfirmFields};
const Shape kPasskeyCreate{
    .name = "PasskeyCreate", .help = "A new passkey", .fields = kPasskeyCreateFields};
const Shape kPasskeyRename{
    .name = "PasskeyRename", .help = "Another name of a passkey", .fields = kPasskeyRenameFields};
const Shape kPasskeyLogin{
    .name = "PasskeyLogin", .help = "A login by a passkey alone", .fields = kPasskeyLoginFields};
const Shape kAppPasswordCreate{.name = "AppPasswordCreate",
                               .help = "A password for one mail program",
                               .fields = kAppPasswordCreateFields};

const Shape kFactors{
    .name = "Factors", .help = "Which second factors a user has", .fields = kFactorsFields};
const Shape kFactorsChanged{.name = "FactorsChanged",
                            .help = "Which second factors are left",
                            .fields = kFactorsChangedFields};
const Shape kTotpEnrolment{.name = "TotpEnrolment",
                           .help = "What an authenticator app is given",
                           .fields = kTotpEnrolmentFields};
const Shape kTotpAdded{
    .name = "TotpAdded", .help = "The authenticator app is set up", .fields = kTotpAddedFields};
const Shape kRecoveryCodes{
    .name = "RecoveryCodes", .help = "New recovery codes", .fields = kRecoveryCodesFields};
const Shape kRecoveryCodesLeft{.name = "RecoveryCodesLeft",
                               .help = "Recovery codes that are left",
                               .fields = kRecoveryCodesLeftFields};
const Shape kPasskeyOptions{.name = "PasskeyOptions",
                            .help = "For navigator.credentials.create()",
                            .fields = kPasskeyOptionsFields};
const Shape kPasskeyQuestion{.name = "PasskeyQuestion",
                             .help = "For navigator.credentials.get()",
                             .fields = kPasskeyQuestionFields};
const Shape kPasskey{.name = "Passkey", .help = "A passkey", .fields = kPasskeyFields};
const Shape kPasskeyAdded{
    .name = "PasskeyAdded", .help = "A passkey was added", .fields = kPasskeyAddedFields};
const Shape kPasskeyRemoved{
    .name = "PasskeyRemoved", .help = "A passkey was removed", .fields = kPasskeyRemovedFields};
const Shape kAppPassword{.name = "AppPassword",
                         .help = "The password of one mail program",
                         .fields = kAppPasswordFields};
const Shape kAppPasswordAdded{.name = "AppPasswordAdded",
                              .help = "An app password, and its text",
                              .fields = kAppPasswordAddedFields};
const Shape kAppPasswordRevoked{.name = "AppPasswordRevoked",
                                .help = "An app password that opens nothing any more",
                                .fields = kAppPasswordRevokedFields};

Json to_json(const FactorOverview& factors) {
  return {{"email", factors.email},
          {"required", factors.required},
          {"second_factor", factors.second_factor},
          {"totp", factors.totp},
          {"passkeys", factors.passkeys},
          {"recovery_codes_left", factors.recovery_codes},
          {"recovery_codes_created", time_or_null(factors.recovery_codes_created)}};
}

Json to_json(const StoredPasskey& passkey) {
  return {{"id", passkey.id},
          {"name", passkey.name},
          {"algorithm", algorithm_name(passkey.algorithm)},
          {"synced", passkey.is_copied},
          {"created", to_rfc3339(passkey.created)},
          {"last_used", time_or_null(passkey.last_used)}};
}

Json to_json(const AppPassword& password) {
  Json protocols = Json::array();
  for (const MailProtocol protocol : password.protocols) {
    protocols.push_back(to_text(protocol));
  }
  return {{"id", password.id},
          {"name", password.name},
          {"protocols", std::move(protocols)},
          {"created", to_rfc3339(password.created)},
          {"last_used", time_or_null(password.last_used)},
          {"last_address", password.last_address},
          {"last_protocol", password.last_protocol}};
}

}  // namespace podplay::wire
