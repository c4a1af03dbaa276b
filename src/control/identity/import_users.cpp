// Users are stored in batches with prepared statements; ids and sequences are taken for a whole
// batch. A line with a fault ends the import, and the transaction leaves nothing behind.
#include "control/identity/import_users.hpp"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "control/identity/rehash.hpp"
#include "control/import_line.hpp"
#include "control/mail/aliases.hpp"
#include "store/feed.hpp"
#include "store/users.hpp"
#include "wire/aliases.hpp"
#include "wire/feed.hpp"
#include "wire/users.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kBatch = 500;

AliasInput alias_to(const User& user, const std::string& address) {
  return {.address = address, .targets = std::vector<std::string>{user.email}, .enabled = {}};
}

// Lives as long as the import's transaction.
class UserImport {
 public:
  UserImport(const Actor& actor, Change& change)
      : actor_(actor), change_(change), users_(change.transaction()), feed_(change.transaction()) {}

  Status add(const ImportLine& line) {
    TRY(auto user, build_user(line.user, PasswordChoice::given, change_.now(),
                              hash_cost(change_.context().settings)));
    if (!known_domains_.contains(user.domain)) {
      TRY(actor_.may_administer(user.domain));
    }
    if (in_batch_.contains(user.email)) {
      return fail(ErrorKind::conflict, "user_twice",
                  fmt::format("{} is in the import twice", user.email));
    }
    TRY(check_free(change_.transaction(), user));
    known_domains_.insert(user.domain);
    user.revision = change_.revision();
    in_batch_.insert(user.email);
    for (const std::string& address : line.aliases) {
      aliases_.push_back({line.number, alias_to(user, address)});
    }
    batch_.push_back(std::move(user));
    if (batch_.size() == kBatch) {
      flush();
    }
    return {};
  }

  // The number of users that were added. Aliases come after all users, since they may not stand in
  // the way of one.
  Result<std::int64_t> finish() {
    flush();
    for (const NewAlias& alias : aliases_) {
      if (const auto made = insert_alias(change_, actor_, alias.input); !made) {
        return std::unexpected(at_line(made.error(), alias.line));
      }
    }
    change_.concern_rows(ServiceName::mail);
    change_.finish("USERS_IMPORTED", fmt::format("{} users", count_),
                   fmt::format("import {} users", count_),
                   difference(nullptr, {{"users", count_}, {"aliases", aliases_.size()}}));
    return count_;
  }

 private:
  void flush() {
    const auto size = static_cast<std::int64_t>(batch_.size());
    if (size == 0) {
      return;
    }
    std::int64_t id = change_.transaction().next("id", size);
    auto sequence = static_cast<std::uint64_t>(change_.transaction().next("feed", size));
    for (User& user : batch_) {
      user.id = id++;
      user.owner = random_owner();
      users_.insert(user);
      feed_.put(ServiceName::mail, {.kind = RowKind::mailbox,
                                    .key = user.email,
                                    .seq = sequence++,
                                    .revision = change_.revision(),
                                    .content = wire::content_text(mailbox_row(user).content)});
    }
    count_ += size;
    batch_.clear();
    in_batch_.clear();
  }

  struct NewAlias {
    std::int64_t line = 0;
    AliasInput input;
  };

  const Actor& actor_;
  Change& change_;
  store::UserInserter users_;
  store::FeedWriter feed_;
  // Domains that exist and that the actor may administer.
  std::set<std::string> known_domains_;
  // Users that are not stored yet: the store does not know their addresses.
  std::vector<User> batch_;
  std::set<std::string> in_batch_;
  std::vector<NewAlias> aliases_;
  std::int64_t count_ = 0;
};

}  // namespace

Result<Changed<std::int64_t>> import_users(Context& context, const Actor& actor,
                                           const ImportSource& next, const WriteOptions& options) {
  return make_change<std::int64_t>(
      context, actor, options, [&](Change& change) -> Result<std::int64_t> {
        UserImport users(actor, change);
        for (;;) {
          TRY(const auto line, next());
          if (!line) {
            return users.finish();
          }
          if (const Status added = users.add(*line); !added) {
            return std::unexpected(at_line(added.error(), line->number));
          }
        }
      });
}

Result<Changed<User>> import_user(Context& context, const Actor& actor, const ImportLine& line,
                                  const WriteOptions& options) {
  TRY(const auto built, build_user(line.user, PasswordChoice::given, context.clock.now(),
                                   hash_cost(context.settings)));
  TRY(actor.may_administer(built.domain));
  return make_change<User>(context, actor, options, [&](Change& change) -> Result<User> {
    User user = built;
    TRY(check_free(change.transaction(), user));
    // A fault of an alias takes the user back as well.
    insert_user(change, user);
    for (const std::string& address : line.aliases) {
      TRY(const auto made, insert_alias(change, actor, alias_to(user, address)));
      change.note("ALIAS_CREATED", made.alias.address,
                  difference(nullptr, wire::to_json(made.alias)));
    }
    change.finish("USER_CREATED", user.email, "import user " + user.email,
                  difference(nullptr, wire::to_json(user)));
    return user;
  });
}

}  // namespace podplay::control
