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

struct ZoneSerial {
  std::string domain;
  std::uint32_t serial = 0;
};
// The domain's zone goes on from this serial. It must be after the present one.
Result<Changed<ZoneSerial>> set_zone_serial(Context& context, const Actor& actor,
                                            const std::string& name, std::int64_t serial,
                                            const WriteOptions& options);
// Refused while the domain has users or aliases.
Result<Changed<Domain>> delete_domain(Context& context, const Actor& actor, const std::string& name,
                                      const WriteOptions& options);

// All or nothing, in one revision. Returns the number of domains. Fails when PODPLAY_DOMAIN_LIMIT
// does not leave room for all of them.
Result<Changed<std::int64_t>> import_domains(Context& context, const Actor& actor,
                                             const std::vector<std::string>& names,
                                             const WriteOptions& options);

// Fails when the name is taken, by a domain or by one of the servers, or when the domain is one
// more than PODPLAY_DOMAIN_LIMIT. Call it before the certificate is issued, and again inside the
// change.
Status check_new_domain(const Settings& settings, store::Session& session, const std::string& name);
// For use inside a change: puts the domain in, with the rows of every service. The certificate was
// issued before the transaction.
Domain insert_domain(Change& change, const std::string& name, bool enabled,
                     const Certificate& certificate);
FeedRow domain_row(const Domain& domain);

}  // namespace podplay::control
