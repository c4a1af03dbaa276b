// The secret exists exactly as long as there is no administrator. Anyone who can read the state
// volume may become the first one.
#include "control/identity/bootstrap.hpp"

#include "base/encoding.hpp"
#include "control/certificates/certificates.hpp"
#include "control/domains.hpp"
#include "control/identity/rehash.hpp"
#include "store/domains.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

std::string secret_path(const Context& context) {
  return context.paths.state + "/bootstrap.secret";
}

}  // namespace

Status prepare_bootstrap(Context& context) {
  TRY(const auto admins, context.store.read<std::int64_t>([](store::Session& session) {
    return store::count_enabled_admins(session);
  }));
  if (admins > 0) {
    return context.files.remove_tree(secret_path(context));
  }
  if (context.files.exists(secret_path(context))) {
    return {};
  }
  context.log.info("no administrator yet: `podplay bootstrap` makes the first",
                   {{"secret", secret_path(context)}});
  return context.files.write_atomic(secret_path(context), random_token(), 0600);
}

Result<Changed<User>> bootstrap(Context& context, const Actor& asking, const std::string& secret,
                                const UserInput& input, const WriteOptions& options) {
  const auto kept = context.files.read(secret_path(context));
  if (!kept) {
    return fail(ErrorKind::conflict, "bootstrapped", "the first administrator exists already",
                "log in, or let an administrator set a new password");
  }
  if (!equal_constant_time(*kept, secret)) {
    return fail(ErrorKind::forbidden, "bad_secret",
                "this is not the one-time secret in the state volume",
                "`podplay bootstrap` on the host reads it");
  }
  UserInput admin = input;
  admin.role = "admin";
  TRY(auto built,
      build_user(admin, PasswordChoice::own, context.clock.now(), hash_cost(context.settings)));
  const Actor system = Actor::system().in_request(asking.request_id(), asking.remote_address());
  const std::string& domain = context.settings.text("PODPLAY_DOMAIN");
  TRY(const auto certificate, certificate_for(context, domain, options.dry_run));
  auto changed = make_change<User>(context, system, options, [&](Change& change) -> Result<User> {
    if (store::count_enabled_admins(change.transaction()) > 0) {
      return fail(ErrorKind::conflict, "bootstrapped", "the first administrator exists already",
                  "log in");
    }
    User user = built;
    if (!store::find_domain(change.transaction(), domain)) {
      TRY(check_new_domain(context.settings, change.transaction(), domain));
      insert_domain(change, domain, true, certificate);
    }
    TRY(check_free(change.transaction(), user));
    // no going back after this
    insert_user(change, user);
    change.finish("USER_CREATED", user.email, "make the first administrator " + user.email);
    return user;
  });
  if (options.dry_run) {
    return changed;
  }
  TRY(settle_versions(context, {&certificate, 1}, changed.has_value()));
  if (!changed) {
    return changed;
  }
  const Status removed = context.files.remove_tree(secret_path(context));
  if (!removed) {
    context.log.error("the used bootstrap secret could not be removed; it is refused from now on",
                      {{"why", describe(removed.error())}});
  }
  return changed;
}

}  // namespace podplay::control
