// A token itself is only in the answer that made it.
#include "wire/tokens.hpp"

#include <algorithm>
#include <array>

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kTokenCreateFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "What it is for, in 1 to 100 characters",
     .example = R"("backup")"},
    {.name = "scopes",
     .type = text_list,
     .help = "What it may be used for: all, read, or an area with :read or :write, such as "
             "users:read; areas are account, users, domains, dns, mail, certificates, system, "
             "audit; missing: all that your login may",
     .example = R"(["users:read", "mail:write"])"},
    {.name = "networks",
     .type = text_list,
     .help = "Where it may come from: IP addresses, or networks in CIDR notation (RFC 4632); "
             "missing: anywhere",
     .example = R"(["192.0.2.0/24"])"},
    {.name = "lifetime",
     .type = integer,
     .help = "Seconds until it expires, 60 to 31622400; missing: 90 days, or as long as the token "
             "that makes it",
     .example = "2592000"},
    {.name = "current_password",
     .type = text,
     .help = "Your password; needed when your login was proven too long ago (proof_needed)",
     .example = R"("correct horse")"},
};

constexpr FieldRow kTokenFields[] = {
    {.name = "id", .type = integer, .required = true, .help = "Its number", .example = "9"},
    {.name = "name",
     .type = text,
     .required = true,
     .help = "What it is for",
     .example = R"("backup")"},
    {.name = "current",
     .type = boolean,
     .required = true,
     .help = "It is the one that this request came with",
     .example = "false"},
    {.name = "scopes",
     .type = text_list,
     .required = true,
     .help = "What it may be used for, besides the limits of its user",
     .example = R"(["users:read", "mail:write"])"},
    {.name = "networks",
     .type = text_list,
     .required = true,
     .help = "Where it may come from; empty: anywhere",
     .example = R"(["192.0.2.0/24"])"},
    {.name = "strength",
     .type = text,
     .required = true,
     .help = "Of the login that made it: single_factor, or multi_factor",
     .example = R"("multi_factor")"},
    {.name = "parent",
     .type = integer,
     .required = true,
     .help = "The token that made it, with which it ends",
     .example = "7",
     .nullable = true},
    {.name = "address",
     .type = text,
     .required = true,
     .help = "Where it was made",
     .example = R"("192.0.2.7")"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When it was made",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "expires",
     .type = text,
     .required = true,
     .help = "When it ends",
     .example = R"("2026-04-01T00:00:00Z")"},
    {.name = "last_used",
     .type = text,
     .required = true,
     .help = "The last request, some minutes behind; null: none yet",
     .example = R"("2026-01-02T00:00:00Z")",
     .nullable = true},
    {.name = "last_address",
     .type = text,
     .required = true,
     .help = "Where that came from",
     .example = R"("192.0.2.7")"},
};

constexpr auto kTokenCreatedFields = [] {
  std::array<FieldRow, std::size(kTokenFields) + 1> fields{};
  std::ranges::copy(kTokenFields, fields.begin());
  fields.back() = {.name = "token",
                   .type = text,
                   .required = true,
                   .help = "For the header Authorization: Bearer (RFC 6750); shown once",
                   .example = R"("pp_...")"};
  return fields;
}();

}  // namespace

const Shape kTokenCreate{
    .name = "TokenCreate", .help = "A new token for a program", .fields = kTokenCreateFields};
const Shape kToken{.name = "Token", .help = "A token of a program", .fields = kTokenFields};
const Shape kTokenCreated{
    .name = "TokenCreated", .help = "A new token, shown once", .fields = kTokenCreatedFields};

Json to_json(const Token& token, bool current) {
  return {{"id", token.id},
          {"name", token.name},
          {"current", current},
          {"scopes", token.scopes.words()},
          {"networks", token.networks},
          {"strength", to_text(token.strength)},
          {"parent", token.parent == 0 ? Json() : Json(token.parent)},
          {"address", token.address},
          {"created", to_rfc3339(token.created)},
          {"expires", to_rfc3339(token.expires)},
          {"last_used", token.last_used == WallTime{} ? Json() : Json(to_rfc3339(token.last_used))},
          {"last_address", token.last_address}};
}

}  // namespace podplay::wire
