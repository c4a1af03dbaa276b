// A body may hold a password, so only its keyed hash is stored, and the key is in a file of its
// own: nobody can try passwords with a copy of the store.
//
// A row is written before the work, without an answer, and again with the answer. When the work
// failed and changed nothing, the row is deleted. A repetition that finds a row without an answer
// gets "outcome_unknown": nobody knows what the request did.
#include "control/answers.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kLongestKey = 200;
// The status of a row that has no answer yet.
constexpr int kBegun = 0;

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

// The work may have been done although it ended with this error.
bool may_have_acted(const Error& error) {
  return error.kind == ErrorKind::timeout || error.kind == ErrorKind::io ||
         error.kind == ErrorKind::internal;
}

std::unexpected<Error> outcome_unknown() {
  return fail(ErrorKind::conflict, "outcome_unknown",
              "this request was begun before, and its outcome is not known",
              "check whether it was done; if not, send it with a new Idempotency-Key");
}

}  // namespace

WallTime oldest_answer(const Context& context) {
  return context.clock.now() -
         std::chrono::days(context.settings.integer("PODPLAY_ANSWER_RETENTION"));
}

Result<store::KeptAnswer> Answers::once(Context& context, const Actor& actor,
                                        const KeyedRequest& request,
                                        const std::function<Result<store::KeptAnswer>()>& work) {
  if (request.key.size() > kLongestKey || !is_printable(request.key)) {
    return fail(ErrorKind::invalid, "bad_idempotency_key",
                "the Idempotency-Key is too long, or not printable ASCII",
                "use at most 200 printable ASCII characters, without spaces");
  }
  const std::string mark = actor.email() + " " + request.key;
  {
    const std::scoped_lock lock(mutex_);
    if (!under_way_.insert(mark).second) {
      return fail(ErrorKind::conflict, "request_under_way",
                  "a request with this Idempotency-Key is being carried out",
                  "send it again in a moment");
    }
  }
  struct Leave {
    Answers& answers;
    const std::string& mark;
    ~Leave() {
      const std::scoped_lock lock(answers.mutex_);
      answers.under_way_.erase(mark);
    }
  } const leave{*this, mark};
  return carry_out(context, actor, request, work);
}

Result<Secret> Answers::key_of_hashes(Context& context) {
  const std::scoped_lock lock(mutex_);
  if (key_.empty()) {
    const std::string path = context.paths.state + "/answers.key";
    if (!context.files.exists(path)) {
      TRY(context.files.write_atomic(path, random_token(), 0600));
    }
    TRY(auto text, context.files.read(path));
    key_ = Secret(std::move(text));
  }
  return key_;
}

Result<store::KeptAnswer> Answers::carry_out(
    Context& context, const Actor& actor, const KeyedRequest& request,
    const std::function<Result<store::KeptAnswer>()>& work) {
  TRY(const auto secret, key_of_hashes(context));
  const std::string hash = hmac_sha256_hex(secret, request.path + "\n" + request.body);
  const WallTime now = context.clock.now();
  const WallTime oldest = oldest_answer(context);
  TRY(const auto kept_before,
      context.store.write<std::optional<store::KeptAnswer>>(
          [&](store::Transaction& transaction) -> Result<std::optional<store::KeptAnswer>> {
            auto kept = store::find_answer(transaction, actor.email(), request.key, oldest);
            if (!kept) {
              store::put_answer(transaction, actor.email(), request.key,
                                {.request_hash = hash, .status = kBegun}, now);
            }
            return kept;
          }));
  if (kept_before) {
    if (kept_before->request_hash != hash) {
      return fail(ErrorKind::conflict, "idempotency_key_reused",
                  "this Idempotency-Key was used for another request",
                  "use a new key for a new request");
    }
    if (kept_before->status == kBegun) {
      return outcome_unknown();
    }
    return *kept_before;
  }
  auto answer = work();
  if (answer) {
    answer->request_hash = hash;
  }
  if (!answer && request.acts && may_have_acted(answer.error())) {
    return answer;
  }
  const auto written =
      context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
        if (answer) {
          store::put_answer(transaction, actor.email(), request.key, *answer, now);
        } else {
          store::delete_answer(transaction, actor.email(), request.key);
        }
        return true;
      });
  if (!written) {
    context.log.error("an answer could not be kept for its Idempotency-Key",
                      {{"why", describe(written.error())}});
  }
  return answer;
}

}  // namespace podplay::control
