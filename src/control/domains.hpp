// Use-cases of domains.
#pragma once

#include <string>
#include <vector>

#include "control/change.hpp"
#include "model/certificate.hpp"

namespace podplay::control {

Result<Changed<Domain>> create_domain(Context& context, const Actor& actor, const std::string& name,
                                      bool enabled, const WriteOptions& options);
Result<Domain> get_domain(Context& context, const Actor& actor, const std::string& name);
Result<std::vector<Domain>> list_domains(Context& context, const Actor& actor, std::int64_t after,
                                         std::int64_t limit);
Result<Changed<Domain>> update_domain(Context& context, const Actor& actor, const std::string& name,
                                      bool enabled, const WriteOptions& options);
// Refused while the domain has users or aliases.
Result<Changed<Domain>> delete_domain(Context& context, const Actor& actor, const std::string& name,
                                      const WriteOptions& options);

// All or nothing, one revision. The result is the number of domains. At most as many as
// PODPLAY_DOMAIN_LIMIT leaves room for.
Result<Changed<std::int64_t>> import_domains(Context& context, const Actor& actor,
                                             const std::vector<std::string>& names,
                                             const WriteOptions& options);

// Inside a change, in two steps, since a certificate is issued before the transaction: checks that
// the domain may be made, and puts in the domain with its rows of every service.
Status check_new_domain(Change& change, const std::string& name);
Domain insert_domain(Change& change, const std::string& name, bool enabled,
                     const Certificate& certificate);
FeedRow domain_row(const Domain& domain);

}  // namespace podplay::control
