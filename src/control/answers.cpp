// Idempotent requests.
#include "control/answers.hpp"

#include "base/encoding.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kLongestKey = 200;
constexpr auto kKept = std::chrono::hours(24);

}  // namespace

Result<store::KeptAnswer> Answers::once(Context& context, const Actor& actor, const KeyedRequest& request,
                                        const std::function<Result<store::KeptAnswer>()>& work) {
  if (request.key.size() > kLongestKey) {
    return fail(ErrorKind::invalid, "bad_idempotency_key", "the Idempotency-Key is too long", "use at most 200 characters");
  }
  const std::string hash = sha256_hex(request.path + "\n" + request.body);
  const std::string mark = actor.email + " " + request.key;
  {
    const std::scoped_lock lock(mutex_);
    if (!under_way_.insert(mark).second) {
      return fail(ErrorKind::conflict, "request_under_way", "the same request is being carried out", "ask again in a moment");
    }
  }
  const auto carry_out = [&]() -> Result<store::KeptAnswer> {
    auto kept = context.store.read<std::optional<store::KeptAnswer>>(
        [&](store::Session& session) { return store::find_answer(session, actor.email, request.key); });
    if (!kept) return std::unexpected(kept.error());
    if (*kept && (**kept).request_hash == hash) return std::move(**kept);
    if (*kept)
      return fail(ErrorKind::conflict, "idempotency_key_reused", "this Idempotency-Key was used for another request",
                  "use a new key for a new request");
    auto answer = work();
    if (!answer) return answer;
    answer->request_hash = hash;
    const WallTime now = context.clock.now();
    const auto written = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
      store::delete_answers_before(transaction, now - kKept);
      store::keep_answer(transaction, actor.email, request.key, *answer, now);
      return true;
    });
    if (!written) context.log.error("an answer could not be kept for its Idempotency-Key", {{"why", describe(written.error())}});
    return answer;
  };
  auto result = carry_out();
  const std::scoped_lock lock(mutex_);
  under_way_.erase(mark);
  return result;
}

}  // namespace podplay::control
