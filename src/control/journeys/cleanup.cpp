// Rows go in small transactions, so other writes wait for a few milliseconds at most.
#include "control/journeys/cleanup.hpp"

#include <fmt/format.h>

#include <functional>

#include "control/audit.hpp"
#include "control/journeys/export.hpp"
#include "store/contacts.hpp"
#include "store/links.hpp"
#include "store/registrations.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr std::int64_t kBatch = 500;
constexpr milliseconds kPause{20};
// A letter that is as old as this was given up.
constexpr days kLettersKept{7};
// The longest window of a limit.
constexpr days kTriesKept{1};

using Delete = std::function<std::int64_t(store::Transaction&)>;

Result<std::int64_t> in_batches(Context& context, const Delete& some) {
  std::int64_t deleted = 0;
  for (;;) {
    TRY(const auto count, context.store.write<std::int64_t>(
                              [&](store::Transaction& transaction) -> Result<std::int64_t> {
                                return some(transaction);
                              }));
    deleted += count;
    if (count < kBatch) {
      return deleted;
    }
    context.clock.sleep(kPause);
  }
}

Result<Cleaned> look(Context& context, WallTime now) {
  return context.store.read_together<Cleaned>([&](store::Session& session) {
    return Cleaned{.registrations = store::count_registrations_expired(session, now),
                   .links = store::count_links_expired(session, now),
                   .letters = store::count_letters_before(session, now - kLettersKept),
                   .exports = static_cast<std::int64_t>(
                       store::list_exports_expired(session, now, kBatch).size())};
  });
}

Result<Cleaned> remove(Context& context, WallTime now) {
  Cleaned cleaned;
  TRY(cleaned.registrations, in_batches(context, [&](store::Transaction& transaction) {
        return store::delete_registrations_expired(transaction, now, kBatch);
      }));
  TRY(cleaned.links, in_batches(context, [&](store::Transaction& transaction) {
        return store::delete_links_expired(transaction, now, kBatch);
      }));
  TRY(cleaned.letters, in_batches(context, [&](store::Transaction& transaction) {
        return store::delete_letters_before(transaction, now - kLettersKept, kBatch);
      }));
  TRY(in_batches(context, [&](store::Transaction& transaction) {
    return store::delete_tries_before(transaction, now - kTriesKept, kBatch);
  }));
  TRY(const auto expired, context.store.read<std::vector<Export>>([&](store::Session& session) {
    return store::list_exports_expired(session, now, kBatch);
  }));
  for (const Export& copy : expired) {
    TRY(remove_export(context, copy.user_id));
    ++cleaned.exports;
  }
  TRY(remove_lost_exports(context));
  return cleaned;
}

}  // namespace

Result<Cleaned> clean_up_journeys(Context& context, const Actor& actor, bool dry_run) {
  const WallTime now = context.clock.now();
  if (dry_run) {
    return look(context, now);
  }
  TRY(const auto cleaned, remove(context, now));
  note_action(context, actor, "JOURNEYS_CLEANED",
              fmt::format("{} registrations, {} links, {} letters, {} exports",
                          cleaned.registrations, cleaned.links, cleaned.letters, cleaned.exports));
  return cleaned;
}

Status delete_old_journeys(Context& context, JobRun& run) {
  run.step("delete what has expired");
  TRY(const auto cleaned, remove(context, context.clock.now()));
  run.say(fmt::format("{} registrations, {} links, {} letters, {} exports", cleaned.registrations,
                      cleaned.links, cleaned.letters, cleaned.exports));
  return {};
}

}  // namespace podplay::control
