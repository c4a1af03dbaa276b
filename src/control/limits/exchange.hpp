// The control plane's half of the exchange about logins: what agents tell is heard here and told to
// the other agents, and what happens here is told to all of them.
#pragma once

#include <map>
#include <mutex>

#include "control/context.hpp"
#include "wire/limits.hpp"

namespace podplay::control {

// Up to where each agent was heard. For any thread.
class LoginExchange {
 public:
  explicit LoginExchange(guard::LoginLimiter& logins) : logins_(logins) {}

  // Returns up to where the agent was heard. News that do not follow what was heard are not taken:
  // the agent tells them again from there.
  LoginPosition take(const AgentName& agent, const wire::LoginNews& news);

 private:
  // Guards itself.
  guard::LoginLimiter& logins_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<AgentName, LoginPosition> heard_;
};

// Answers when something happened that the agent has not heard, or after the question's wait.
wire::LoginAnswer give_logins(Context& context, const AgentName& agent,
                              const wire::LoginQuestion& question);

}  // namespace podplay::control
