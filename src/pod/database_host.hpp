// The name of the database's machine. The pod's only resolver is its own BIND, which starts after
// the control plane and may have no other server to ask. So `podplay up` resolves the name on the
// host and puts it into /etc/hosts of the containers.
#pragma once

#include <string>

#include "base/secret.hpp"
#include "model/settings.hpp"

namespace podplay::pod {

// The host of postgresql://user:password@host:port/name (libpq 34.1.1.2, "Connection URIs"). Empty
// for an address, a socket's folder, or no URL, because there is nothing to resolve.
std::string database_host(const Secret& url);

// The manifest with the address of the setting PODPLAY_DATABASE_URL's host in its hostAliases.
Result<std::string> with_database_host(std::string manifest, const Settings& settings);

}  // namespace podplay::pod
