// A grant of the role admin holds everywhere, so its domain is null.
#include "wire/grants.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kGrantChangeFields[] = {
    {.name = "role",
     .type = text,
     .help = "domain-admin or admin; domain-admin when missing",
     .example = R"("domain-admin")"},
    {.name = "domain",
     .type = text,
     .help = "The domain that a domain-admin administers",
     .example = R"("example.com")"},
};

constexpr FieldRow kGrantFields[] = {
    {.name = "role",
     .type = text,
     .required = true,
     .help = "domain-admin or admin",
     .example = R"("domain-admin")"},
    {.name = "domain",
     .type = text,
     .required = true,
     .help = "What a domain-admin administers; null of an admin",
     .example = R"("example.com")",
     .nullable = true},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When it was given",
     .example = R"("2026-01-01T00:00:00Z")"},
};

}  // namespace

const Shape kGrantChange{
    .name = "GrantChange", .help = "A grant that is given or taken", .fields = kGrantChangeFields};
const Shape kGrant{.name = "Grant", .help = "What a user administers", .fields = kGrantFields};

Json to_json(const Grant& grant) {
  return {{"role", to_text(grant.role)},
          {"domain", grant.scope.empty() ? Json() : Json(grant.scope)},
          {"created", to_rfc3339(grant.created)}};
}

}  // namespace podplay::wire
