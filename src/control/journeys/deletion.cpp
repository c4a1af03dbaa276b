// The row of a deletion outlives the user until the mail is erased, too, so that a job that was cut
// off knows what is left to do.
#include "control/journeys/deletion.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.hpp"
#include "base/numbers.hpp"
#include "control/deleted.hpp"
#include "control/identity/known_logins.hpp"
#include "control/identity/recent.hpp"
#include "control/identity/sessions.hpp"
#include "control/identity/users.hpp"
#include "control/jobs/jobs.hpp"
#include "control/journeys/export.hpp"
#include "control/journeys/letters.hpp"
#include "store/contacts.hpp"
#include "store/links.hpp"
#include "store/users.hpp"
#include "wire/journeys.hpp"
#include "wire/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr seconds kAppliedDeadline{20};

void write_user(Change& change, User& user) {
  user.updated = change.now();
  user.revision = change.revision();
  store::update_user(change.transaction(), user);
  change.put(ServiceName::mail, mailbox_row(user));
}

std::unexpected<Error> not_deleted(const std::string& key) {
  return fail(ErrorKind::not_found, "deletion_unknown",
              fmt::format("no deletion of {} is pending", key.substr(0, 254)),
              "podplay users deletions shows those that are");
}

// The user is enabled again, and the erasure finds nothing to do.
void restore(Change& change, const Actor& actor, User& user) {
  user.enabled = true;
  write_user(change, user);
  store::delete_deletion(change.transaction(), user.id);
  store::delete_links_of(change.transaction(), user.id, LinkPurpose::keep_account);
  add_letter(change.context(), change.transaction(),
             {.kind = LetterKind::account_kept, .user_id = user.id}, actor);
}

// Of the job. A person may delete the account again after it was restored: that is another job.
std::string subject_of(const Deletion& deletion) {
  return fmt::format("{} {}", deletion.user_id, to_millis(deletion.requested));
}

// What is to be erased now; nothing: the account was restored.
struct Erasure {
  Deletion deletion;
  std::optional<User> user;
};
Result<std::optional<Erasure>> find_erasure(Context& context, const std::string& subject) {
  const auto user_id = parse_number<std::int64_t>(subject.substr(0, subject.find(' ')));
  return context.store.read_together<std::optional<Erasure>>(
      [&](store::Session& session) -> std::optional<Erasure> {
        auto deletion = store::find_deletion(session, user_id.value_or(0));
        if (!deletion || subject_of(*deletion) != subject) {
          return std::nullopt;
        }
        return Erasure{.deletion = std::move(*deletion),
                       .user = store::find_user(session, *user_id)};
      });
}

// Deletes the user; the mail agent puts the folder aside. Remembers the revision, which names it.
Status remove_user(Context& context, Deletion& deletion) {
  const Actor system = Actor::system();
  TRY(const auto changed,
      make_change<Deletion>(context, system, {}, [&](Change& change) -> Result<Deletion> {
        store::Transaction& transaction = change.transaction();
        Deletion row = deletion;
        const auto user = store::find_user(transaction, row.user_id);
        if (user) {
          drop_user(change, system, *user);
        }
        row.revision = change.revision();
        store::put_deletion(transaction, row);
        change.finish("USER_DELETED", row.email,
                      "delete user " + row.email + ", whose grace period is over",
                      user ? difference(wire::to_json(*user), nullptr) : Difference{});
        return row;
      }));
  deletion = changed.object;
  context.known_logins.forget_user(deletion.user_id);
  context.jobs.wake();
  return {};
}

// The folder that the mail agent put aside is erased at once: the grace period is over.
Status erase_mail(Context& context, const Deletion& deletion) {
  if (!context.hub.wait_settled({ServiceName::mail}, deletion.revision, kAppliedDeadline)) {
    return fail(ErrorKind::unavailable, "agent_behind",
                "the mail service has not removed the mailbox yet", "it is tried again by itself");
  }
  const Status erased = erase_deleted(context, Actor::system(), DeletedKind::mail,
                                      fmt::format("{}-{}", deletion.email, deletion.revision));
  // A person who never got a mail has no folder.
  if (!erased && erased.error().code == "folder_unknown") {
    return {};
  }
  return erased;
}

Status forget_person(Context& context, std::int64_t user_id) {
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::delete_deletion(transaction, user_id);
    return true;
  }));
  return {};
}

}  // namespace

Result<Changed<Deletion>> delete_own_account(Context& context, const Actor& actor,
                                             const std::optional<Secret>& current_password,
                                             const WriteOptions& options) {
  TRY(const auto own, get_user(context, actor, std::to_string(actor.user_id())));
  TRY(require_recent(context, actor, own, current_password));
  const days grace(context.settings.integer("PODPLAY_DELETION_GRACE"));
  auto changed =
      make_change<Deletion>(context, actor, options, [&](Change& change) -> Result<Deletion> {
        store::Transaction& transaction = change.transaction();
        auto user = store::find_user(transaction, own.id);
        if (!user) {
          return not_deleted(own.email);
        }
        TRY(keep_an_admin(transaction, *user));
        // no going back after this
        const User before = *user;
        user->enabled = false;
        write_user(change, *user);
        end_logins_of(transaction, user->id);
        const Deletion deletion{.user_id = user->id,
                                .email = user->email,
                                .domain = user->domain,
                                .requested = change.now(),
                                .due = change.now() + grace,
                                .remote_address = actor.remote_address()};
        store::put_deletion(transaction, deletion);
        add_job(context, transaction,
                {.kind = std::string(kErasureJob),
                 .subject = subject_of(deletion),
                 .due = deletion.due,
                 .request_id = actor.request_id()});
        add_letter(context, transaction, {.kind = LetterKind::account_deleted, .user_id = user->id},
                   actor);
        change.finish("USER_DELETION_REQUESTED", user->email,
                      "disable " + user->email + ", which its person deleted",
                      difference(wire::to_json(before), wire::to_json(*user)));
        return deletion;
      });
  if (changed && !options.dry_run) {
    context.known_logins.forget_user(own.id);
    context.jobs.wake();
  }
  return changed;
}

Result<std::vector<Deletion>> list_deletions(Context& context, const Actor& actor,
                                             const std::string& domain, std::int64_t after,
                                             std::int64_t limit) {
  TRY(const auto filter, actor.domains_to_list(domain));
  return context.store.read_together<std::vector<Deletion>>([&](store::Session& session) {
    if (filter.all) {
      return store::list_deletions(session, "", after, limit);
    }
    std::vector<Deletion> found;
    for (const std::string& name : filter.names) {
      auto some = store::list_deletions(session, name, after, limit);
      std::ranges::move(some, std::back_inserter(found));
    }
    std::ranges::sort(found, {}, &Deletion::user_id);
    found.resize(std::min(found.size(), static_cast<std::size_t>(limit)));
    return found;
  });
}

Result<Changed<User>> restore_account(Context& context, const Actor& actor, const std::string& key,
                                      const WriteOptions& options) {
  TRY(const auto known, get_user(context, actor, key));
  auto changed = make_change<User>(context, actor, options, [&](Change& change) -> Result<User> {
    auto user = store::find_user(change.transaction(), known.id);
    if (!user || !store::find_deletion(change.transaction(), known.id)) {
      return not_deleted(key);
    }
    TRY(actor.may_administer(*user));
    TRY(check_match(options, user->revision));
    // no going back after this
    const User before = *user;
    restore(change, actor, *user);
    change.finish("USER_RESTORED", user->email, "keep " + user->email,
                  difference(wire::to_json(before), wire::to_json(*user)));
    return *user;
  });
  if (changed && !options.dry_run) {
    context.jobs.wake();
  }
  return changed;
}

Result<std::string> keep_account(Change& change, const Actor& actor, const Link& link) {
  auto user = store::find_user(change.transaction(), link.user_id);
  if (!user || !store::find_deletion(change.transaction(), link.user_id)) {
    return fail(ErrorKind::not_found, "link_invalid",
                "this link is not known, was used already, or is too old", "ask an administrator");
  }
  const User before = *user;
  restore(change, actor, *user);
  change.finish("USER_RESTORED", user->email, "keep " + user->email,
                difference(wire::to_json(before), wire::to_json(*user)));
  return user->email;
}

Status erase_account(Context& context, JobRun& run) {
  TRY(auto found, find_erasure(context, run.subject()));
  if (!found) {
    return {};
  }
  const std::int64_t user_id = found->deletion.user_id;
  if (found->user && found->user->enabled) {
    run.step("look at the account");
    run.say("an administrator enabled it again");
    return forget_person(context, user_id);
  }
  if (found->deletion.revision == 0) {
    run.step("delete the account");
    TRY(remove_export(context, user_id));
    TRY(remove_user(context, found->deletion));
  }
  run.step("erase the mail");
  TRY(erase_mail(context, found->deletion));
  return forget_person(context, user_id);
}

}  // namespace podplay::control
