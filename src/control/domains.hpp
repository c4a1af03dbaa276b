// Use-cases of domains.
#pragma once

#include <string>
#include <vector>

#include "control/change.hpp"

namespace podplay::control {

// The folder that the domain's web pages are served from; while it is empty, the welcome page is.
void ensure_web_root(Context& context, const std::string& domain);
// of every domain
Status ensure_web_roots(Context& context);
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

// Inside a change: certificate, row, directory; the caller finishes.
Result<Domain> add_domain(Context& context, Change& change, const std::string& name, bool enabled);

}  // namespace podplay::control
