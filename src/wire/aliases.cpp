// Aliases. An address is checked by control, which knows the domains.
#include "wire/aliases.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kAliasEnabled{.name = "enabled",
                                 .type = boolean,
                                 .help = "false: the alias is disabled, as if it did not exist",
                                 .example = "true",
                                 .on_null = R"(true)"};

constexpr FieldRow kAliasCreateFields[] = {
    {.name = "address",
     .type = text,
     .required = true,
     .help = "name@domain, or @domain for every address that does not exist (catch-all)",
     .example = R"("info@example.com")"},
    {.name = "targets",
     .type = text_list,
     .required = true,
     .help = "Addresses that get the mail, at least one",
     .example = R"(["test@example.com"])"},
    kAliasEnabled,
};
constexpr FieldRow kAliasUpdateFields[] = {
    {.name = "targets",
     .type = text_list,
     .help = "Addresses that get the mail, at least one",
     .example = R"(["test@example.com"])"},
    kAliasEnabled,
};

constexpr FieldRow kAliasFields[] = {
    {.name = "id",
     .type = integer,
     .required = true,
     .help = "Unique, and never used again",
     .example = "9"},
    {.name = "address",
     .type = text,
     .required = true,
     .help = "name@domain, or @domain for a catch-all",
     .example = R"("info@example.com")"},
    {.name = "domain",
     .type = text,
     .required = true,
     .help = "Domain of the address",
     .example = R"("example.com")"},
    {.name = "targets",
     .type = text_list,
     .required = true,
     .help = "Addresses that get the mail",
     .example = R"(["test@example.com"])"},
    {.name = "enabled",
     .type = boolean,
     .required = true,
     .help = "false: the alias is disabled, as if it did not exist",
     .example = "true"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When the alias was created",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "updated",
     .type = text,
     .required = true,
     .help = "When the alias was last changed",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the last change; the ETag",
     .example = "42"},
    {.name = "warnings",
     .type = text_list,
     .help = "Only in the answer to a change: mail for the alias that nobody will get",
     .example = R"(["nobody@example.com does not exist here: it gets no mail"])"},
};

}  // namespace

const Shape kAliasCreate{
    .name = "AliasCreate", .help = "A new alias", .fields = kAliasCreateFields};
const Shape kAliasUpdate{.name = "AliasUpdate",
                         .help = "Changes to an alias; what is missing stays as it is",
                         .fields = kAliasUpdateFields};

const Shape kAlias{.name = "Alias", .help = "An alias", .fields = kAliasFields};

Json to_json(const Alias& alias) {
  return {{"id", alias.id},
          {"address", alias.address},
          {"domain", alias.domain},
          {"targets", alias.targets},
          {"enabled", alias.enabled},
          {"created", to_rfc3339(alias.created)},
          {"updated", to_rfc3339(alias.updated)},
          {"revision", alias.revision}};
}

}  // namespace podplay::wire
