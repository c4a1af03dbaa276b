// UNIX sockets that the mail daemons reach the agent by: a listener with its group, and a client.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace podplay::agent {

// "cannot ATTEMPT the socket PATH: the system's words" (errno).
std::unexpected<Error> socket_error(std::string_view attempt, const std::string& path);

// A listening socket that does not block, with the mode 0660 and this group; empty: the agent's
// own. Replaces a socket that another process left at the path.
Result<int> listen_unix(const std::string& path, const std::string& group);
Result<int> connect_unix(const std::string& path);

}  // namespace podplay::agent
