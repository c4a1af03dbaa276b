// The mail agent's limits: on tries to log in, which it shares with the control plane, and on
// messages. While the control plane is away, the agent goes on with its own counts.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "agent/guard/policy.hpp"
#include "agent/link.hpp"
#include "agent/stop_signal.hpp"
#include "base/files.hpp"
#include "guard/login_limiter.hpp"
#include "guard/outbound.hpp"
#include "net/http.hpp"

namespace podplay::agent {

struct WatchOptions {
  // Of what outlives the agent.
  std::string memory = "/data/service/limits.json";
  // Included by dovecot.conf.
  std::string settings = "/run/podplay/dovecot-logins.conf";
  // The secret of marks, the same for the control plane.
  std::string nonce = "/run/podplay-enrol/login-nonce";
  // Dovecot asks here; 0 takes any free port.
  int port = 0;
};

class Watch {
 public:
  struct Parts {
    Identity& identity;
    Board& board;
    Files& files;
    Clock& clock;
    const StopSignal& stop;
  };
  // `poll_wait`: seconds of one long-poll.
  Watch(Parts parts, WatchOptions options, int poll_wait, Logger log);

  // Remembers, begins to answer Dovecot, and tells it where. Call it before Dovecot starts.
  Status open();
  // The thread that tells the control plane what happened here, and keeps the memory.
  void tell();
  // The thread that hears what happened elsewhere.
  void hear();
  // For any thread: lets both return once a stop was requested.
  void wake() { logins_.close(); }
  // When the threads have ended: keeps the memory, and answers no more.
  void close();

  guard::OutboundLimiter& outbound() { return outbound_; }

 private:
  void use_rules(const LimitRules& rules);
  bool post_news();
  void remember();
  void keep();

  // Constant after construction.
  const Parts parts_;
  const WatchOptions options_;
  const int poll_wait_;
  const Logger log_;

  // For any thread; each guards itself.
  guard::LoginLimiter logins_;
  guard::OutboundLimiter outbound_;
  AppPasswordUses uses_;
  LoginPolicy policy_;
  std::unique_ptr<net::HttpServer> server_;

  // Owned by the telling thread.
  Link telling_;
  LoginPosition told_{};
  SteadyTime posted_{};
  SteadyTime uses_told_{};
  SteadyTime kept_{};

  // Owned by the hearing thread.
  Link hearing_;
  LoginPosition heard_{};

  std::mutex mutex_;
  // Guarded by mutex_.
  LimitRules rules_{};
};

}  // namespace podplay::agent
