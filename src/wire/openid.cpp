// A client's secret is no member of the client: only the answer that made the client has it.
#include "wire/openid.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kClientId{.name = "client_id",
                             .type = text,
                             .required = true,
                             .help = "The client",
                             .example = R"("webmail")"};
constexpr FieldRow kRedirectUri{.name = "redirect_uri",
                                .type = text,
                                .required = true,
                                .help = "Where the answer goes: exactly one of the client's",
                                .example = R"("https://webmail.example.com/callback")"};

constexpr FieldRow kId{.name = "id",
                       .type = text,
                       .required = true,
                       .help = "What it calls itself (client_id), 1 to 64 of a-z 0-9 - _",
                       .example = R"("webmail")"};
constexpr FieldRow kClientName{.name = "name",
                               .type = text,
                               .required = true,
                               .help = "For people",
                               .example = R"("Webmail")"};
constexpr FieldRow kRedirectUris{.name = "redirect_uris",
                                 .type = text_list,
                                 .required = true,
                                 .help = "Where answers may go: https://, or http://127.0.0.1:PORT",
                                 .example = R"(["https://webmail.example.com/callback"])"};

constexpr FieldRow kOpenidClientCreateFields[] = {
    kId,
    kClientName,
    kRedirectUris,
    {.name = "confidential",
     .type = boolean,
     .help = "It runs on a server and gets a secret; false: it runs in a browser or on a device",
     .example = "true"},
};
constexpr FieldRow kOpenidAuthorizeFields[] = {
    kClientId,
    kRedirectUri,
    {.name = "response_type",
     .type = text,
     .required = true,
     .help = "code",
     .example = R"("code")"},
    {.name = "scope",
     .type = text,
     .required = true,
     .help = "Words with blanks between: openid, and email, profile, mail",
     .example = R"("openid email mail")"},
    {.name = "state",
     .type = text,
     .help = "Comes back with the code",
     .example = R"("af0ifjsldkj")"},
    {.name = "nonce",
     .type = text,
     .help = "Comes back in the identity token",
     .example = R"("n-0S6_WzA2Mj")"},
    {.name = "code_challenge",
     .type = text,
     .required = true,
     .help = "base64url of the SHA-256 of the code_verifier (RFC 7636 section 4.2)",
     .example = R"("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")"},
    {.name = "code_challenge_method",
     .type = text,
     .required = true,
     .help = "S256",
     .example = R"("S256")"},
};
constexpr FieldRow kOpenidTokenFields[] = {
    {.name = "grant_type",
     .type = text,
     .required = true,
     .help = "authorization_code",
     .example = R"("authorization_code")"},
    {.name = "code",
     .type = text,
     .required = true,
     .help = "What the browser brought; it works once, within a minute",
     .example = R"("...")"},
    kRedirectUri,
    kClientId,
    {.name = "client_secret",
     .type = text,
     .help = "Of a confidential client",
     .example = R"("...")"},
    {.name = "code_verifier",
     .type = text,
     .required = true,
     .help = "What code_challenge was made of",
     .example = R"("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")"},
};

constexpr FieldRow kCreated{.name = "created",
                            .type = text,
                            .required = true,
                            .help = "When it was made",
                            .example = R"("2026-01-01T00:00:00Z")"};
constexpr FieldRow kConfidential{.name = "confidential",
                                 .type = boolean,
                                 .required = true,
                                 .help = "It has a secret",
                                 .example = "true"};
constexpr FieldRow kClientRevision{.name = "revision",
                                   .type = integer,
                                   .required = true,
                                   .help = "Revision of the change",
                                   .example = "42"};
constexpr FieldRow kOpenidClientFields[] = {kId, kClientName, kRedirectUris, kConfidential,
                                            kCreated};
constexpr FieldRow kOpenidClientAddedFields[] = {kId,
                                                 kClientName,
                                                 kRedirectUris,
                                                 kConfidential,
                                                 kCreated,
                                                 {.name = "client_secret",
                                                  .type = text,
                                                  .required = true,
                                                  .help = "Shown once; empty: it has none",
                                                  .example = R"("...")"},
                                                 kClientRevision};
constexpr FieldRow kOpenidClientDeletedFields[] = {kId,           kClientName, kRedirectUris,
                                                   kConfidential, kCreated,    kClientRevision};
constexpr FieldRow kOpenidAuthorizedFields[] = {
    {.name = "redirect",
     .type = text,
     .required = true,
     .help = "Where the browser goes now; it has the code",
     .example = R"("https://webmail.example.com/callback?code=...&state=...")"},
};
constexpr FieldRow kOpenidTokensFields[] = {
    {.name = "access_token",
     .type = text,
     .required = true,
     .help = "For IMAP, POP3, SMTP and ManageSieve by OAUTHBEARER or XOAUTH2 (RFC 7628), when the "
             "scope has mail; ten minutes",
     .example = R"("...")"},
    {.name = "token_type",
     .type = text,
     .required = true,
     .help = "Bearer",
     .example = R"("Bearer")"},
    {.name = "expires_in", .type = integer, .required = true, .help = "Seconds", .example = "600"},
    {.name = "id_token",
     .type = text,
     .required = true,
     .help = "Who the person is (OpenID Connect Core section 2), signed with ES256",
     .example = R"("...")"},
    {.name = "scope",
     .type = text,
     .required = true,
     .help = "What was given of what was asked",
     .example = R"("email mail openid")"},
};
constexpr FieldRow kOpenidConfigurationFields[] = {
    {.name = "issuer",
     .type = text,
     .required = true,
     .help = "Who signs tokens",
     .example = R"("https://control.example.com/api/openid")"},
    {.name = "authorization_endpoint",
     .type = text,
     .required = true,
     .help = "The page to which a program sends the person",
     .example = R"("https://control.example.com/authorize")"},
    {.name = "token_endpoint",
     .type = text,
     .required = true,
     .help = "Where a code is exchanged for tokens",
     .example = R"("https://control.example.com/api/openid/token")"},
    {.name = "jwks_uri",
     .type = text,
     .required = true,
     .help = "The keys of tokens",
     .example = R"("https://control.example.com/api/openid/keys")"},
    {.name = "scopes_supported",
     .type = text_list,
     .required = true,
     .help = "What a client may ask for",
     .example = R"(["openid", "email", "profile", "mail"])"},
    {.name = "response_types_supported",
     .type = text_list,
     .required = true,
     .help = "code only",
     .example = R"(["code"])"},
    {.name = "response_modes_supported",
     .type = text_list,
     .required = true,
     .help = "The answer is in the query of redirect_uri",
     .example = R"(["query"])"},
    {.name = "grant_types_supported",
     .type = text_list,
     .required = true,
     .help = "authorization_code only",
     .example = R"(["authorization_code"])"},
    {.name = "subject_types_supported",
     .type = text_list,
     .required = true,
     .help = "sub is the same for all clients",
     .example = R"(["public"])"},
    {.name = "id_token_signing_alg_values_supported",
     .type = text_list,
     .required = true,
     .help = "How tokens are signed",
     .example = R"(["ES256"])"},
    {.name = "token_endpoint_auth_methods_supported",
     .type = text_list,
     .required = true,
     .help = "How a client shows its secret",
     .example = R"(["none", "client_secret_post"])"},
    {.name = "code_challenge_methods_supported",
     .type = text_list,
     .required = true,
     .help = "PKCE (RFC 7636)",
     .example = R"(["S256"])"},
    {.name = "claims_supported",
     .type = text_list,
     .required = true,
     .help = "What tokens say",
     .example = R"(["iss", "sub"])"},
    {.name = "authorization_response_iss_parameter_supported",
     .type = boolean,
     .required = true,
     .help = "Answers name the issuer (RFC 9207)",
     .example = "true"},
};
constexpr FieldRow kOpenidKeysFields[] = {
    {.name = "keys",
     .type = object_list,
     .required = true,
     .help = "Public keys (RFC 7517): kty, crv, x, y, kid, use, alg",
     .example = "[]"},
};

}  // namespace

const Shape kOpenidClientCreate{.name = "OpenidClientCreate",
                                .help = "A program that lets people log in with their account here",
                                .fields = kOpenidClientCreateFields};
const Shape kOpenidAuthorize{.name = "OpenidAuthorize",
                             .help =
                                 "What a program asks of a person (OpenID Connect Core "
                                 "section 3.1.2.1)",
                             .fields = kOpenidAuthorizeFields};
const Shape kOpenidToken{.name = "OpenidToken",
                         .help = "A code, to be exchanged for tokens (RFC 6749 section 4.1.3)",
                         .fields = kOpenidTokenFields};

const Shape kOpenidClient{
    .name = "OpenidClient", .help = "A client of the provider", .fields = kOpenidClientFields};
const Shape kOpenidClientAdded{.name = "OpenidClientAdded",
                               .help = "A new client, and its secret",
                               .fields = kOpenidClientAddedFields};
const Shape kOpenidClientDeleted{.name = "OpenidClientDeleted",
                                 .help = "A client that nobody can log in with any more",
                                 .fields = kOpenidClientDeletedFields};
const Shape kOpenidAuthorized{.name = "OpenidAuthorized",
                              .help = "Where the browser goes",
                              .fields = kOpenidAuthorizedFields};
const Shape kOpenidTokens{
    .name = "OpenidTokens", .help = "The tokens of a person", .fields = kOpenidTokensFields};
const Shape kOpenidConfiguration{.name = "OpenidConfiguration",
                                 .help = "OpenID Connect Discovery 1.0 section 3",
                                 .fields = kOpenidConfigurationFields};
const Shape kOpenidKeys{
    .name = "OpenidKeys", .help = "A JSON Web Key Set", .fields = kOpenidKeysFields};

Json to_json(const OpenidClient& client) {
  return {{"id", client.id},
          {"name", client.name},
          {"redirect_uris", client.redirect_uris},
          {"confidential", !client.secret_hash.empty()},
          {"created", to_rfc3339(client.created)}};
}

}  // namespace podplay::wire
