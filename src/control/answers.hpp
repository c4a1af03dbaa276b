// Answers kept for Idempotency-Key: a repeated request gets the first one's answer instead of being
// carried out again.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "control/context.hpp"
#include "store/sessions.hpp"

namespace podplay::control {

// A repetition after that is a new request.
inline constexpr std::chrono::hours kKeptAnswers{24};

struct KeyedRequest {
  // at most 200 printable ASCII characters, of the actor's choice
  std::string key;
  std::string path;
  std::string body;
  // it does something that no transaction takes back, such as sending mail
  bool acts = false;
};

// Carries `work` out once for each key of an actor. That it was begun is on disk before it begins:
// when its answer is lost with this program, or an action ended without telling what it did, a
// repetition is told so (409 outcome_unknown) and nothing is done twice. What failed and left
// nothing may be repeated. Answers are kept for a day.
class Answers {
 public:
  Result<store::KeptAnswer> once(Context& context, const Actor& actor, const KeyedRequest& request,
                                 const std::function<Result<store::KeptAnswer>()>& work);

 private:
  Result<store::KeptAnswer> carry_out(Context& context, const Actor& actor,
                                      const KeyedRequest& request,
                                      const std::function<Result<store::KeptAnswer>()>& work);
  std::mutex mutex_;
  // actor and key
  std::set<std::string> under_way_;
};

}  // namespace podplay::control
