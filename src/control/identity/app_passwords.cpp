// The text of an app password leaves this file once, in the answer to the request that made it.
#include "control/identity/app_passwords.hpp"

#include <fmt/format.h>

#include "auth/generated.hpp"
#include "control/identity/recent.hpp"
#include "control/identity/second_factor.hpp"
#include "control/identity/users.hpp"
#include "control/journeys/letters.hpp"
#include "store/app_passwords.hpp"
#include "store/users.hpp"
#include "wire/credentials.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kMostAppPasswords = 100;
constexpr MailProtocol kAllProtocols[] = {MailProtocol::imap, MailProtocol::pop3,
                                          MailProtocol::smtp, MailProtocol::sieve};

std::unexpected<Error> no_app_password(std::int64_t id) {
  return fail(ErrorKind::not_found, "app_password_unknown",
              fmt::format("there is no app password {}", id),
              "podplay app-passwords list shows yours");
}

// Or every fault of the input at once.
Result<AppPassword> read_app_password(const AppPasswordInput& input) {
  std::vector<Fault> faults;
  AppPassword password{.name = input.name};
  check_given_name(input.name, faults);
  if (!input.protocols) {
    password.protocols.insert(std::begin(kAllProtocols), std::end(kAllProtocols));
  } else {
    for (const std::string& text : *input.protocols) {
      const auto protocol = parse_mail_protocol(text);
      if (protocol) {
        password.protocols.insert(*protocol);
      } else {
        collect(faults, protocol.error());
      }
    }
    if (input.protocols->empty()) {
      faults.push_back({.field = "protocols",
                        .code = "missing",
                        .message = "an app password without a protocol would be of no use",
                        .remedy = "name some of imap, pop3, smtp, sieve"});
    }
  }
  TRY(no_faults(std::move(faults)));
  return password;
}

}  // namespace

FeedRow app_password_row(const AppPassword& password, const User& user) {
  AppPasswordRow row{.email = user.email, .owner = user.owner, .hash = password.hash};
  for (const MailProtocol protocol : password.protocols) {
    row.protocols.emplace_back(to_text(protocol));
  }
  return {.key = std::to_string(password.id), .content = std::move(row)};
}

Result<Changed<AppPasswordAdded>> create_app_password(Context& context, const Actor& actor,
                                                      const AppPasswordInput& input,
                                                      const WriteOptions& options) {
  TRY(const auto wanted, read_app_password(input));
  TRY(const auto asking, own_user(context, actor));
  TRY(require_recent(context, actor, asking, input.current_password));
  auto changed = make_change<AppPasswordAdded>(
      context, actor, options, [&](Change& change) -> Result<AppPasswordAdded> {
        store::Transaction& transaction = change.transaction();
        TRY(const auto user, own_user(transaction, actor));
        if (demands_second_factor(context.settings, user.role) && !user.second_factor) {
          return fail(ErrorKind::forbidden, "second_factor_needed",
                      "this account must have a second factor before it has app passwords",
                      "set up an authenticator app or a passkey first");
        }
        if (store::list_app_passwords(transaction, user.id).size() >= kMostAppPasswords) {
          return fail(ErrorKind::conflict, "too_many_app_passwords",
                      fmt::format("there are {} app passwords already", kMostAppPasswords),
                      "revoke one that is not used: podplay app-passwords list");
        }
        // no going back after this
        AppPasswordAdded added{.password = wanted, .text = auth::make_app_password()};
        added.password.id = transaction.next("id");
        added.password.user_id = user.id;
        added.password.hash = auth::app_password_hash(added.text);
        added.password.created = change.now();
        added.password.revision = change.revision();
        store::insert_app_password(transaction, added.password);
        change.put(ServiceName::mail, app_password_row(added.password, user));
        add_letter(context, transaction,
                   {.kind = LetterKind::app_password_added,
                    .user_id = user.id,
                    .facts = {{"name", added.password.name}}},
                   actor);
        change.finish(
            "APP_PASSWORD_CREATED", user.email,
            fmt::format("create the app password {} of {}", added.password.name, user.email),
            difference(nullptr, wire::to_json(added.password)));
        return added;
      });
  if (changed && !options.dry_run) {
    context.jobs.wake();
  }
  return changed;
}

Result<std::vector<AppPassword>> list_app_passwords(Context& context, const Actor& actor,
                                                    const std::string& key) {
  TRY(const auto user, get_user(context, actor, key.empty() ? actor.email() : key));
  return context.store.read<std::vector<AppPassword>>(
      [&](store::Session& session) { return store::list_app_passwords(session, user.id); });
}

Result<Changed<AppPassword>> revoke_app_password(Context& context, const Actor& actor,
                                                 std::int64_t id, const WriteOptions& options) {
  return make_change<AppPassword>(
      context, actor, options, [&](Change& change) -> Result<AppPassword> {
        store::Transaction& transaction = change.transaction();
        const auto password = store::find_app_password(transaction, id);
        const auto user =
            password ? store::find_user(transaction, password->user_id) : std::optional<User>();
        if (!user || (!actor.is(*user) && !actor.may_administer(*user))) {
          return no_app_password(id);
        }
        TRY(check_match(options, password->revision));
        // no going back after this
        store::delete_app_password(transaction, id);
        change.put(ServiceName::mail,
                   {.key = std::to_string(id), .deleted = true, .content = AppPasswordRow{}});
        change.finish("APP_PASSWORD_REVOKED", user->email,
                      fmt::format("revoke the app password {} of {}", password->name, user->email),
                      difference(wire::to_json(*password), nullptr));
        return *password;
      });
}

Status note_app_password_uses(Context& context, const std::vector<AppPasswordUse>& uses) {
  if (uses.empty()) {
    return {};
  }
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    for (const AppPasswordUse& use : uses) {
      store::note_app_password_use(transaction, use.id, use.at, use.address, use.protocol);
    }
    return true;
  }));
  return {};
}

}  // namespace podplay::control
