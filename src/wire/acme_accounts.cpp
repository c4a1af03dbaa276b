// Accounts at certificate authorities. Their keys never leave the control plane.
#include "wire/acme_accounts.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kAcmeAccountCreateFields[] = {
    {.name = "name",
     .type = text,
     .help = "1 to 40 of a-z, 0-9 and -; made from the directory when missing",
     .example = R"("letsencrypt")"},
    {.name = "directory",
     .type = text,
     .required = true,
     .help = "letsencrypt, letsencrypt-staging, or the URL of a directory (RFC 8555 section 7.1.1)",
     .example = R"("letsencrypt")"},
    {.name = "ca",
     .type = text,
     .help = "PEM: the CA of the authority's own HTTPS server; missing: the system's CAs",
     .example = R"("")",
     .lines = true},
    {.name = "trusted",
     .type = boolean,
     .help = "false: no browser trusts what it signs; default: true, but for staging",
     .example = "true"},
    {.name = "contact",
     .type = text_list,
     .help = "E-mail addresses that the authority may write to",
     .example = R"(["admin@example.com"])"},
    {.name = "terms",
     .type = text,
     .help = "The URL of the terms of service that you have read and accept",
     .example = R"("https://authority.example/terms")"},
    {.name = "external_id",
     .type = text,
     .help = "The authority's name of the external account (RFC 8555 section 7.3.4)",
     .example = R"("kid-1")"},
    {.name = "external_key",
     .type = text,
     .help = "The external account's HMAC key in base64url; no answer and no log has it",
     .example = R"("zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W")"},
};
constexpr FieldRow kAcmeAccountChangeFields[] = {
    {.name = "contact",
     .type = text_list,
     .required = true,
     .help = "E-mail addresses that the authority may write to; empty: none",
     .example = R"(["admin@example.com"])",
     .on_null = "[]"},
};

constexpr FieldRow kAcmeAccountFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "Its name here, which certificates have as their issuer",
     .example = R"("letsencrypt")"},
    {.name = "directory",
     .type = text,
     .required = true,
     .help = "The URL of the authority's directory",
     .example = R"("https://authority.example/directory")"},
    {.name = "ca",
     .type = text,
     .required = true,
     .help = "PEM: the CA of the authority's own HTTPS server; empty: the system's CAs",
     .example = R"("")"},
    {.name = "trusted",
     .type = boolean,
     .required = true,
     .help = "Whether browsers trust what it signs",
     .example = "true"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "wanted (the authority has not confirmed it), valid or deactivated",
     .example = R"("valid")"},
    {.name = "url",
     .type = text,
     .required = true,
     .help = "Its URL at the authority; empty before it is valid",
     .example = R"("https://authority.example/account/7")"},
    {.name = "contact",
     .type = text_list,
     .required = true,
     .help = "E-mail addresses",
     .example = R"(["admin@example.com"])"},
    {.name = "terms",
     .type = text,
     .required = true,
     .help = "The URL of the terms that were accepted; empty: the authority has none",
     .example = R"("https://authority.example/terms")"},
    {.name = "external_id",
     .type = text,
     .required = true,
     .help = "The authority's name of the external account; empty: none",
     .example = R"("")"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When it was first wanted",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "updated",
     .type = text,
     .required = true,
     .help = "When it was last changed",
     .example = R"("2026-01-01T00:00:00Z")"},
};

constexpr FieldRow kAcmeAccountDeletedFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "The account that was forgotten, with its key",
     .example = R"("letsencrypt-staging")"},
};

}  // namespace

const Shape kAcmeAccountCreate{.name = "AcmeAccountCreate",
                               .help = "A new account at a certificate authority",
                               .fields = kAcmeAccountCreateFields};
const Shape kAcmeAccountChange{.name = "AcmeAccountChange",
                               .help = "Changes to an account",
                               .fields = kAcmeAccountChangeFields};

const Shape kAcmeAccount{.name = "AcmeAccount",
                         .help = "An account at a certificate authority (RFC 8555)",
                         .fields = kAcmeAccountFields};
const Shape kAcmeAccountDeleted{.name = "AcmeAccountDeleted",
                                .help = "An account that was deleted",
                                .fields = kAcmeAccountDeletedFields};

Json to_json(const AcmeAccount& account) {
  return {{"name", account.name},
          {"directory", account.directory},
          {"ca", account.ca},
          {"trusted", account.trusted},
          {"state", to_text(account.state)},
          {"url", account.url},
          {"contact", account.contact},
          {"terms", account.terms},
          {"external_id", account.external_id},
          {"created", to_rfc3339(account.created)},
          {"updated", to_rfc3339(account.updated)}};
}

}  // namespace podplay::wire
