// Answers kept for Idempotency-Key: a repeated request gets the first one's answer instead of being carried out again.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "control/context.hpp"
#include "store/sessions.hpp"

namespace podplay::control {

struct KeyedRequest {
  std::string key;  // at most 200 characters, of the actor's choice
  std::string path;
  std::string body;
};

// Carries `work` out once for each key of an actor. The answer is kept for a day.
class Answers {
 public:
  Result<store::KeptAnswer> once(Context& context, const Actor& actor, const KeyedRequest& request,
                                 const std::function<Result<store::KeptAnswer>()>& work);

 private:
  std::mutex mutex_;
  std::set<std::string> under_way_;  // actor and key
};

}  // namespace podplay::control
