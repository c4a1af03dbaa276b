// Domains. A name is checked by control, which knows the other domains.
#include "wire/domains.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kDomainCreateFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "Domain name in A-label form (RFC 1123 section 2.1, RFC 5890)",
     .example = R"("example.com")"},
    {.name = "enabled",
     .type = boolean,
     .help = "false: no mail, no web site, no zone",
     .example = "true"},
};
constexpr FieldRow kDomainImportFields[] = {
    {.name = "names",
     .type = text_list,
     .required = true,
     .help = "Domain names in A-label form; all are added or none",
     .example = R"(["a.example", "b.example"])"},
};
constexpr FieldRow kDomainUpdateFields[] = {
    {.name = "enabled",
     .type = boolean,
     .required = true,
     .help = "false: no mail, no web site, no zone",
     .example = "true"},
};

}  // namespace

const Shape kDomainCreate{.name = "DomainCreate",
                          .help = "A new domain for mail, web and DNS",
                          .fields = kDomainCreateFields};
const Shape kDomainImport{.name = "DomainImport",
                          .help = "New domains for mail, web and DNS",
                          .fields = kDomainImportFields};
const Shape kDomainUpdate{
    .name = "DomainUpdate", .help = "Changes to a domain", .fields = kDomainUpdateFields};

Json to_json(const Domain& domain) {
  return {{"id", domain.id},
          {"name", domain.name},
          {"enabled", domain.enabled},
          {"created", to_rfc3339(domain.created)},
          {"updated", to_rfc3339(domain.updated)},
          {"revision", domain.revision}};
}

}  // namespace podplay::wire
