// The names of the database's machine and of the mail relay. The pod's only resolver is its own
// BIND, which starts after the control plane and may have no other server to ask. So `podplay up`
// resolves the names on the host and puts them into /etc/hosts of the containers.
#pragma once

#include <string>

#include "base/secret.hpp"
#include "model/settings.hpp"

namespace podplay::pod {

// The host of postgresql://user:password@host:port/name (libpq 34.1.1.2, "Connection URIs"). Empty
// for an address, a socket's folder, or no URL, because there is nothing to resolve.
std::string database_host(const Secret& url);

// The host of PODPLAY_MAIL_RELAY. Empty when it is an address, when no mail goes to a relay, or
// when BIND asks other resolvers: they know when the relay's address changes.
std::string relay_host(const Settings& settings);

// The manifest with these hosts' addresses in its hostAliases.
Result<std::string> with_outside_hosts(std::string manifest, const Settings& settings);

}  // namespace podplay::pod
