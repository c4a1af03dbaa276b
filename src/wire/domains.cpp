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
     .example = "true",
     .on_null = "true"},
};

constexpr FieldRow kZoneSerialUpdateFields[] = {
    {.name = "serial",
     .type = integer,
     .required = true,
     .help = "The serial of the zone's SOA, after the present one (RFC 1982)",
     .example = "2026112501"},
};
constexpr FieldRow kZoneSerialFields[] = {
    {.name = "domain",
     .type = text,
     .required = true,
     .help = "In A-label form (RFC 5890)",
     .example = R"("example.com")"},
    {.name = "serial",
     .type = integer,
     .required = true,
     .help = "The serial of the zone's SOA; each change of the zone raises it",
     .example = "2026112501"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the change",
     .example = "42"},
};

constexpr FieldRow kDomainFields[] = {
    {.name = "id",
     .type = integer,
     .required = true,
     .help = "Unique, and never used again",
     .example = "3"},
    {.name = "name",
     .type = text,
     .required = true,
     .help = "In A-label form (RFC 5890)",
     .example = R"("example.com")"},
    {.name = "enabled",
     .type = boolean,
     .required = true,
     .help = "false: no mail, no web site, no zone",
     .example = "true"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When the domain was created",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "updated",
     .type = text,
     .required = true,
     .help = "When the domain was last changed",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the last change; the ETag",
     .example = "42"},
};

constexpr FieldRow kDomainsImportedFields[] = {
    {.name = "created",
     .type = integer,
     .required = true,
     .help = "Number of domains",
     .example = "20"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the change",
     .example = "42"},
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

const Shape kZoneSerialUpdate{.name = "ZoneSerialUpdate",
                              .help = "Where a zone's serial goes on",
                              .fields = kZoneSerialUpdateFields};

const Shape kDomain{.name = "Domain", .help = "A domain", .fields = kDomainFields};
const Shape kDomainsImported{.name = "DomainsImported",
                             .help = "How many domains were added",
                             .fields = kDomainsImportedFields};
const Shape kZoneSerial{
    .name = "ZoneSerial", .help = "The serial of a zone", .fields = kZoneSerialFields};

Json to_json(const Domain& domain) {
  return {{"id", domain.id},
          {"name", domain.name},
          {"enabled", domain.enabled},
          {"created", to_rfc3339(domain.created)},
          {"updated", to_rfc3339(domain.updated)},
          {"revision", domain.revision}};
}

}  // namespace podplay::wire
