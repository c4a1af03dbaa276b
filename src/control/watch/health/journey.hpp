// The journey of the check account: it sends itself a mail over submission, reads it by IMAP,
// resolves its name and fetches a page. The first step that breaks is named. The account is a
// mailbox row without a user: it cannot log in to the API, its password is random at each start,
// and Dovecot takes its login from this pod only.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/secret.hpp"
#include "control/context.hpp"
#include "control/watch/health/check_account.hpp"
#include "model/health.hpp"

namespace podplay::control {

struct JourneyPorts {
  std::string address = "127.0.0.1";
  int submission = 587;
  int imaps = 993;
  int dns = 53;
  int https = 443;
  // Of one answer, and of the mail's delivery.
  std::chrono::milliseconds timeout{5000};
  std::chrono::milliseconds delivery{20000};
};

struct JourneyAccount {
  std::string address;
  std::string domain;
  Secret password;
};

// Walks once; the reason names the step that broke.
ServiceCheck walk_journey(Clock& clock, const JourneyAccount& account, const JourneyPorts& ports);

class JourneyCheck {
 public:
  explicit JourneyCheck(Context& context, JourneyPorts ports = {})
      : context_(context), ports_(std::move(ports)) {}
  ~JourneyCheck() { stop(); }
  JourneyCheck(const JourneyCheck&) = delete;
  JourneyCheck& operator=(const JourneyCheck&) = delete;

  // Removes the account when PODPLAY_JOURNEY_CHECK is 0.
  void start();
  void stop();
  // The last answers; none before the first journey.
  std::vector<ServiceCheck> answers() const;

 private:
  void run();
  void walk();
  bool pause(std::chrono::milliseconds duration);
  // Puts the account's row in, with a new password, unless it is there already.
  Result<JourneyAccount> ensure_account();
  Status remove_accounts(const std::string& except);

  // Constant after construction.
  Context& context_;
  const JourneyPorts ports_;

  // Owned by the thread.
  JourneyAccount account_;

  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  // Guarded by mutex_.
  bool stopping_ = false;
  std::vector<ServiceCheck> answers_;

  std::thread thread_;
};

}  // namespace podplay::control
