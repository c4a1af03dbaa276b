// Every row of the feed follows from a table of the store: users, aliases, domains, certificates,
// and for zones also the settings. A new generation is a change of its own, in which every zone
// gets a serial above what the lost history may have served.
#include "control/feed.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "control/certificates/certificates.hpp"
#include "control/certificates/solver.hpp"
#include "control/domains.hpp"
#include "control/identity/app_passwords.hpp"
#include "control/identity/users.hpp"
#include "control/mail/aliases.hpp"
#include "control/sites.hpp"
#include "control/zones.hpp"
#include "store/aliases.hpp"
#include "store/app_passwords.hpp"
#include "store/certificates.hpp"
#include "store/domains.hpp"
#include "store/feed.hpp"
#include "store/history.hpp"
#include "store/users.hpp"
#include "store/zones.hpp"

namespace podplay::control {
namespace {

constexpr const char* kBegunAlready = "generation_begun";
constexpr std::int64_t kFeedPage = 1000;
constexpr std::size_t kIdBytes = 12;

// Takes all rows of a table, a page at a time. `list` gives those after a key; `put` takes one and
// returns its key.
template <class Key, class List, class Put>
void put_each(Key after, const List& list, const Put& put) {
  for (auto page = list(after); !page.empty(); page = list(after)) {
    for (auto& row : page) {
      after = put(row);
    }
  }
}

void put_mailboxes(Change& change) {
  put_each(
      std::int64_t{0},
      [&](std::int64_t after) {
        return store::list_users(change.transaction(), "", after, kFeedPage);
      },
      [&](const User& user) {
        change.put(ServiceName::mail, mailbox_row(user));
        return user.id;
      });
}

void put_app_passwords(Change& change) {
  put_each(
      std::int64_t{0},
      [&](std::int64_t after) {
        return store::list_all_app_passwords(change.transaction(), after, kFeedPage);
      },
      [&](const AppPassword& password) {
        if (const auto user = store::find_user(change.transaction(), password.user_id)) {
          change.put(ServiceName::mail, app_password_row(password, *user));
        }
        return password.id;
      });
}

void put_aliases(Change& change) {
  put_each(
      std::int64_t{0},
      [&](std::int64_t after) {
        return store::list_aliases(change.transaction(), "", after, kFeedPage);
      },
      [&](const Alias& alias) {
        change.put(ServiceName::mail, alias_row(alias));
        return alias.id;
      });
}

void put_certificates(Change& change) {
  put_each(
      std::string(),
      [&](const std::string& after) {
        return store::list_certificates(change.transaction(), after, kFeedPage);
      },
      [&](const Certificate& certificate) {
        put_certificate(change, certificate);
        return certificate.name;
      });
}

// Everything that the tables say, as one change.
void put_everything(Change& change) {
  store::delete_feed(change.transaction());
  for (const Domain& domain : store::all_domains(change.transaction())) {
    change.put(ServiceName::mail, domain_row(domain));
  }
  put_mailboxes(change);
  put_app_passwords(change);
  put_aliases(change);
  // Puts in the sites of the domains, too.
  put_certificates(change);
  put_all_challenges(change);
  put_all_zones(change);
  for (const ServiceName service : kServices) {
    change.concern_files(service);
  }
}

// `before` is the generation that needs a successor. Nothing happens when it has one already:
// several agents find out at the same time that a store was restored.
Status begin_generation(Context& context, const std::string& before, const NumberMarks& marks,
                        std::uint64_t seq, const std::string& why) {
  const std::string id = random_token(kIdBytes);
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::raise_numbers(transaction, marks, seq);
    return true;
  }));
  // The id and all rows are one change: a crash leaves the generation before, which is found out
  // again.
  const auto begun = write_change(context, Actor::system(), {}, [&](Change& change) -> Status {
    if (store::find_generation(change.transaction()) != before) {
      return fail(ErrorKind::conflict, kBegunAlready, "another agent was faster");
    }
    store::begin_generation(change.transaction(), id);
    put_everything(change);
    change.finish("STORE_GENERATION", id, "begin a new generation: " + why);
    return {};
  });
  if (!begun && begun.error().code != kBegunAlready) {
    return std::unexpected(begun.error());
  }
  if (begun) {
    context.log.warn("began a new generation of the store", {{"id", id}, {"why", why}});
  }
  return {};
}

}  // namespace

Status open_feed(Context& context) {
  TRY(const auto generation,
      context.store.write<std::string>([](store::Transaction& transaction) -> Result<std::string> {
        store::begin_epoch(transaction, random_token(kIdBytes));
        return store::find_generation(transaction);
      }));
  if (!generation.empty()) {
    return {};
  }
  return begin_generation(context, "", {}, 0, "the store is new, or of an earlier version");
}

Result<std::string> store_generation(Context& context) {
  return context.store.read<std::string>(
      [](store::Session& session) { return store::find_generation(session); });
}

Result<FeedPage> read_feed(Context& context, ServiceName service, const FeedPosition& position,
                           std::int64_t limit) {
  const auto read = [&] {
    return context.store.read_together<std::optional<FeedPage>>(
        [&](store::Session& session) -> std::optional<FeedPage> {
          const std::string generation = store::find_generation(session);
          const bool same = position.generation == generation;
          if (same && !store::knows_position(session, position)) {
            return std::nullopt;
          }
          FeedPage page = store::read_feed(session, service, same ? position.seq : 0, limit);
          page.generation = generation;
          page.epoch = store::current_epoch(session);
          page.marks = store::number_marks(session);
          return page;
        });
  };
  TRY(auto page, read());
  // A program that starts makes the feed again. An agent must not take this for a history.
  if (page && page->generation.empty()) {
    return fail(ErrorKind::unavailable, "feed_not_ready", "the feed is being made again",
                "it comes by itself");
  }
  if (!page) {
    // The first of several agents finds it out; the others meet the new generation.
    TRY(begin_generation(context, position.generation, position.marks, position.seq,
                         fmt::format("an agent of {} has followed changes that this store does not "
                                     "know: it was restored from a backup",
                                     to_text(service))));
    TRY(auto again, read());
    page = std::move(again);
  }
  return std::move(*page);
}

}  // namespace podplay::control
