// The agent's messages to the control plane. Losing it is a state that is logged once; daemons keep
// running.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/board.hpp"
#include "agent/identity.hpp"
#include "base/log.hpp"
#include "net/http.hpp"
#include "wire/limits.hpp"
#include "wire/link.hpp"

namespace podplay::agent {

// One connection for one thread; several share an Identity.
class Link {
 public:
  Link(Identity& identity, Board& board, Logger log);

  // Waits for work as long as the question says, and tells the board whether the link is up.
  Result<wire::WorkAnswer> ask(const wire::WorkQuestion& question);
  // Tells the status, and leaves the answer to the next ask(). A failure does not tell the board
  // that the link is away: it may be that of an old connection, while ask() has a new one.
  Status tell(const wire::WorkQuestion& question);
  Status report(const ApplyReport& report);
  // Commands that this instance of the agent has not been given yet; waits for one.
  Result<std::vector<AgentCommand>> commands(const wire::CommandsQuestion& question);
  Status result(const CommandResult& result);
  // Returns up to where the control plane has heard this agent.
  Result<LoginPosition> tell_logins(const wire::LoginNews& news);
  // What happened to logins elsewhere; waits for something.
  Result<wire::LoginAnswer> hear_logins(const wire::LoginQuestion& question);

 private:
  Result<net::HttpResponse> post(const std::string& path, const wire::Json& body);
  void away(const Error& error);
  void back();

  // Constant after construction.
  Identity& identity_;
  Board& board_;
  const Logger log_;

  // Owned by the link's thread.
  std::unique_ptr<net::HttpClient> client_;
  // The number of the certificate that the client was made with.
  std::uint64_t connected_with_ = 0;
  // The code of the failure that was logged last.
  std::string said_;
};

}  // namespace podplay::agent
