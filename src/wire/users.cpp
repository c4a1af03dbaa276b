// Users. The fields that a user may send are checked here; what they mean is checked by control.
#include "wire/users.hpp"

#include <algorithm>
#include <array>

#include "wire/logins.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

// These fields are the same in every request.
constexpr FieldRow kUserEnabled{.name = "enabled",
                                .type = boolean,
                                .help = "false: no login, mail is refused",
                                .example = "true",
                                .on_null = R"(true)"};
constexpr FieldRow kQuota{
    .name = "quota",
    .type = integer,
    .help = "Mailbox size in bytes, 0 is unlimited; default for a new user: 524288000",
    .example = "524288000",
    .on_null = R"(524288000)"};
constexpr FieldRow kDomains{.name = "domains",
                            .type = text_list,
                            .help = "Domains that a domain-admin administers; missing: the own one",
                            .example = R"(["example.com"])",
                            .on_null = "[]"};
constexpr FieldRow kUserServices{.name = "services",
                                 .type = text_list,
                                 .help = "What the user may use: mail, www, webdav",
                                 .example = R"(["mail", "www"])",
                                 .on_null = R"(["mail", "www"])"};

constexpr FieldRow kUserCreateFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "Login name and mailbox, name@domain of a domain that exists (RFC 5321 section 4.1.2)",
     .example = R"("test@example.com")"},
    {.name = "password",
     .type = text,
     .required = true,
     .help = "At least 8 characters; kept as an Argon2id hash only",
     .example = R"("correct horse")"},
    {.name = "username",
     .type = text,
     .help = "3 to 64 of a-z A-Z 0-9 _ . -; made from the address when missing",
     .example = R"("test")"},
    {.name = "role", .type = text, .help = "user, domain-admin or admin", .example = R"("user")"},
    kDomains,
    kUserEnabled,
    kQuota,
    kUserServices,
};
constexpr FieldRow kUserUpdateFields[] = {
    {.name = "password",
     .type = text,
     .help = "A new password of at least 8 characters; your own must not be an easy guess",
     .example = R"("correct horse")"},
    {.name = "current_password",
     .type = text,
     .help = "The password until now; needed to change the own one",
     .example = R"("battery staple")"},
    {.name = "username",
     .type = text,
     .help = "3 to 64 of a-z A-Z 0-9 _ . -",
     .example = R"("test")"},
    {.name = "role",
     .type = text,
     .help = "user, domain-admin or admin",
     .example = R"("user")",
     .on_null = R"("user")"},
    kDomains,
    kUserEnabled,
    kQuota,
    kUserServices,
};
constexpr FieldRow kUserImportFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "Login name and mailbox",
     .example = R"("test@example.com")"},
    {.name = "password_hash",
     .type = text,
     .help = "Argon2id hash as $argon2id$v=19$...: m at most 65536 (KiB), t at most 10, p at most "
             "16, and m times t at most 262144; or {SHA512-CRYPT} or {BLF-CRYPT} and such a hash "
             "(docs/credentials.md)",
     .example = R"("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$)"
                R"(RdescudvJCsgt3ub+b4dWRWJTmaaJObG0000000000w")"},
    {.name = "password",
     .type = text,
     .help = "A password instead of its hash; hashing takes about 22 ms each",
     .example = R"("correct horse")"},
    {.name = "username",
     .type = text,
     .help = "Made from the address when missing",
     .example = R"("test")"},
    {.name = "aliases",
     .type = text_list,
     .help = "Addresses whose mail the user gets, too; they become aliases",
     .example = R"(["info@example.com"])"},
    kUserEnabled,
    kQuota,
    kUserServices,
};

constexpr FieldRow kUserFields[] = {
    {.name = "id",
     .type = integer,
     .required = true,
     .help = "Unique, and never used again",
     .example = "7"},
    {.name = "email",
     .type = text,
     .required = true,
     .help = "Login name and mailbox",
     .example = R"("test@example.com")"},
    {.name = "username",
     .type = text,
     .required = true,
     .help = "Short name",
     .example = R"("test")"},
    {.name = "domain",
     .type = text,
     .required = true,
     .help = "Domain of the e-mail address",
     .example = R"("example.com")"},
    {.name = "role",
     .type = text,
     .required = true,
     .help = "The strongest of the user's grants: user, domain-admin or admin",
     .example = R"("user")"},
    {.name = "domains",
     .type = text_list,
     .required = true,
     .help = "The domains that were granted to the user",
     .example = "[]"},
    {.name = "enabled",
     .type = boolean,
     .required = true,
     .help = "false: no login, mail is refused",
     .example = "true"},
    {.name = "quota",
     .type = integer,
     .required = true,
     .help = "Mailbox size in bytes, 0 is unlimited",
     .example = "524288000"},
    {.name = "services",
     .type = text_list,
     .required = true,
     .help = "What the user may use: mail, www, webdav",
     .example = R"(["mail", "www"])"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When the user was created",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "updated",
     .type = text,
     .required = true,
     .help = "When the user was last changed",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the last change; the ETag",
     .example = "42"},
    {.name = "warnings",
     .type = text_list,
     .help = "Only in the answer to a change: a password that others would guess soon",
     .example = R"(["the password is one of the first that others would try"])"},
};

constexpr auto kCurrentUserFields = [] {
  std::array<FieldRow, std::size(kUserFields) + 1> fields{};
  std::ranges::copy(kUserFields, fields.begin());
  fields.back() = {.name = "login",
                   .type = object,
                   .required = true,
                   .help = "The login that this request came with",
                   .example = "{}",
                   .of = &kLoginFacts};
  return fields;
}();

constexpr FieldRow kUsersImportedFields[] = {
    {.name = "created",
     .type = integer,
     .required = true,
     .help = "Number of users",
     .example = "1000"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the change",
     .example = "42"},
};

}  // namespace

const Shape kUserCreate{.name = "UserCreate", .help = "A new user", .fields = kUserCreateFields};
const Shape kUserUpdate{.name = "UserUpdate",
                        .help = "Changes to a user; what is missing stays as it is",
                        .fields = kUserUpdateFields};
const Shape kUserImport{
    .name = "UserImport", .help = "One row of the import", .fields = kUserImportFields};

const Shape kUser{.name = "User", .help = "A user", .fields = kUserFields};
const Shape kCurrentUser{
    .name = "CurrentUser", .help = "Who asks, and by which login", .fields = kCurrentUserFields};
const Shape kUsersImported{
    .name = "UsersImported", .help = "How many users were created", .fields = kUsersImportedFields};

Json to_json(const User& user) {
  Json services = Json::array();
  for (const Offer offer : user.offers) {
    services.push_back(to_text(offer));
  }
  return {{"id", user.id},
          {"email", user.email},
          {"username", user.username},
          {"domain", user.domain},
          {"role", to_text(user.role)},
          {"domains", user.domains},
          {"enabled", user.enabled},
          {"quota", user.quota},
          {"services", std::move(services)},
          {"created", to_rfc3339(user.created)},
          {"updated", to_rfc3339(user.updated)},
          {"revision", user.revision}};
}

}  // namespace podplay::wire
