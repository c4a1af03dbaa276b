// Answers kept for Idempotency-Key: a repeated request gets the first one's answer instead of being
// carried out again.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "control/context.hpp"
#include "store/answers.hpp"

namespace podplay::control {

// Answers from before this time no longer count (PODPLAY_ANSWER_RETENTION): a repetition is a new
// request.
WallTime oldest_answer(const Context& context);

struct KeyedRequest {
  // At most 200 printable ASCII characters, chosen by the client.
  std::string key;
  std::string path;
  std::string body;
  // True: the work does something that no transaction can undo, such as sending mail.
  bool acts = false;
};

// Carries out `work` once for each key of an actor, and keeps its answer. The store knows that a
// request has begun before its work begins. When the answer is lost with this program, or an
// action failed and may have been done all the same, a repetition gets "outcome_unknown", so
// nothing is done twice. A request that failed and changed nothing may be repeated.
//
// Any thread may call it.
class Answers {
 public:
  Result<store::KeptAnswer> once(Context& context, const Actor& actor, const KeyedRequest& request,
                                 const std::function<Result<store::KeptAnswer>()>& work);

 private:
  Result<store::KeptAnswer> carry_out(Context& context, const Actor& actor,
                                      const KeyedRequest& request,
                                      const std::function<Result<store::KeptAnswer>()>& work);
  // The key of the requests' hashes. It is made when it does not exist.
  Result<Secret> key_of_hashes(Context& context);

  std::mutex mutex_;
  // Guarded by mutex_. "ACTOR KEY" of each request that is being carried out.
  std::set<std::string> under_way_;
  // Guarded by mutex_. Empty until it is needed.
  Secret key_;
};

}  // namespace podplay::control
