// Web sites: one row of Apache's feed for each enabled domain.
#pragma once

#include <optional>
#include <string>

#include "control/change.hpp"
#include "model/user.hpp"

namespace podplay::control {

// The site of a domain with the certificate that it presents; no site while the domain is disabled,
// or when its name is the control host's, which has no pages that users can write.
void put_site(Change& change, const Domain& domain, const CertificateRef& certificate);
void remove_site(Change& change, const std::string& domain);
// True when the name is itself a domain or a host, and so no further name of another domain.
bool is_own_name(Change& change, const std::string& name);
// The domain whose further name this could be: a.test of www.a.test.
std::optional<std::string> parent_of(const std::string& domain);

}  // namespace podplay::control
