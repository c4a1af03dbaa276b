// Domains in requests and answers.
#pragma once

#include "model/user.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kDomainCreate;
extern const Shape kDomainImport;
extern const Shape kDomainUpdate;
extern const Shape kZoneSerialUpdate;

extern const Shape kDomain;
extern const Shape kDomainsImported;
extern const Shape kZoneSerial;

// Times are RFC 3339 in UTC.
Json to_json(const Domain& domain);

}  // namespace podplay::wire
