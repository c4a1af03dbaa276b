// What a cookie holds is random. Only its SHA-256 hash is stored, so a copy of the store lets
// nobody in.
#include "control/identity/sessions.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "control/audit.hpp"
#include "control/identity/known_logins.hpp"
#include "control/identity/own_password.hpp"
#include "control/identity/prove_factor.hpp"
#include "control/identity/tokens.hpp"
#include "store/login_tickets.hpp"
#include "store/sessions.hpp"
#include "store/tokens.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr std::size_t kLongestCookie = 200;

seconds idle_time(const Context& context) {
  return seconds(context.settings.integer("PODPLAY_SESSION_IDLE"));
}

std::unexpected<Error> invalid_session() {
  return fail(ErrorKind::unauthorized, "session_invalid",
              "the session has ended, or was not used for too long", "log in again");
}

std::unexpected<Error> no_session(std::int64_t id) {
  return fail(ErrorKind::not_found, "session_unknown", fmt::format("you have no session {}", id),
              "podplay sessions list shows yours");
}

SessionDetails details_of(const Context& context, const Actor& actor, BrowserSession session) {
  SessionDetails details{.session = std::move(session)};
  details.current =
      actor.login().kind == LoginFacts::Kind::session && actor.login().id == details.session.id;
  if (details.current) {
    details.session.last_used = context.clock.now();
    details.session.last_address = actor.remote_address();
  }
  details.idle_until =
      std::min<WallTime>(details.session.last_used + idle_time(context), details.session.expires);
  return details;
}

Status check_proof(Context& context, const Actor& actor, const User& user, const Proof& proof) {
  if (proof.factor) {
    return prove_factor(context, actor, user, *proof.factor);
  }
  return prove_own_password(context, actor, user, proof.password);
}

}  // namespace

Result<Actor> authenticate_session(Context& context, const std::string& cookie,
                                   const std::string& address) {
  if (cookie.size() > kLongestCookie) {
    return invalid_session();
  }
  KnownLogins& logins = context.known_logins;
  const WallTime now = context.clock.now();
  TRY(logins.keep_up(context.store, context.clock.steady()));
  const LoginKey key = LoginKey::of(LoginFacts::Kind::session, cookie);
  auto login = logins.find(key, now);
  if (!login) {
    const std::string hash = key.hash();
    const std::uint64_t epoch = logins.epoch();
    struct Found {
      std::optional<BrowserSession> session;
      std::optional<User> user;
      bool allowed = false;
    };
    TRY(const auto found, context.store.read_together<Found>([&](store::Session& session) {
      Found result{.session = store::find_session(session, hash), .user = {}};
      if (result.session) {
        result.user = store::find_user(session, result.session->user_id);
      }
      result.allowed = result.user && may_use_api(session, *result.user);
      return result;
    }));
    if (!found.session || !found.allowed || found.session->expires <= now ||
        found.session->last_used + idle_time(context) <= now) {
      return invalid_session();
    }
    const BrowserSession& row = *found.session;
    const LoginFacts facts{.kind = LoginFacts::Kind::session,
                           .id = row.id,
                           .scopes = usable_scopes(context.settings, *found.user, row.strength),
                           .strength = row.strength,
                           .proven = row.proven,
                           .expires = row.expires};
    login = std::make_shared<KnownLogin>(*found.user, facts, row.last_used);
    login->idle = idle_time(context);
    logins.put(key, login, epoch);
  }
  logins.note_use(*login, now, address);
  return login->actor();
}

std::string csrf_token(const std::string& cookie) {
  return base64url(hmac_sha256(Secret(cookie), "csrf"));
}

Result<std::vector<SessionDetails>> list_sessions(Context& context, const Actor& actor) {
  const WallTime now = context.clock.now();
  TRY(auto sessions, context.store.read<std::vector<BrowserSession>>([&](store::Session& session) {
    return store::list_sessions(session, actor.user_id(), now);
  }));
  std::vector<SessionDetails> all;
  for (BrowserSession& session : sessions) {
    all.push_back(details_of(context, actor, std::move(session)));
  }
  return all;
}

Result<SessionDetails> revoke_session(Context& context, const Actor& actor, std::int64_t id) {
  struct Done {
    BrowserSession session;
    store::AuditRow event;
  };
  const auto done = context.store.write<Done>([&](store::Transaction& transaction) -> Result<Done> {
    auto session = store::find_session(transaction, id);
    if (!session || session->user_id != actor.user_id()) {
      return no_session(id);
    }
    store::delete_session(transaction, id);
    store::note_login_change(transaction);
    auto event = store::insert_audit(transaction,
                                     audit_event(context, actor, "SESSION_REVOKED", actor.email()));
    return Done{std::move(*session), std::move(event)};
  });
  context.known_logins.forget_user(actor.user_id());
  TRY(done);
  log_audit(context, done->event);
  return details_of(context, actor, done->session);
}

Result<std::int64_t> revoke_other_sessions(Context& context, const Actor& actor) {
  struct Done {
    std::int64_t count = 0;
    std::optional<store::AuditRow> event;
  };
  const std::int64_t kept = actor.login().kind == LoginFacts::Kind::session ? actor.login().id : 0;
  const auto done = context.store.write<Done>([&](store::Transaction& transaction) -> Result<Done> {
    Done result{.count = store::delete_sessions_of(transaction, actor.user_id(), kept),
                .event = {}};
    if (result.count > 0) {
      store::note_login_change(transaction);
      store::AuditRow row = audit_event(context, actor, "SESSION_REVOKED", actor.email());
      row.count = result.count;
      result.event = store::insert_audit(transaction, std::move(row));
    }
    return result;
  });
  context.known_logins.forget_user(actor.user_id());
  TRY(done);
  if (done->event) {
    log_audit(context, *done->event);
  }
  return done->count;
}

void end_logins_of(store::Transaction& transaction, std::int64_t user_id, const LoginFacts& keep) {
  const bool session = keep.kind == LoginFacts::Kind::session;
  const bool token = keep.kind == LoginFacts::Kind::token;
  store::delete_sessions_of(transaction, user_id, session ? keep.id : 0);
  store::delete_tokens_of(transaction, user_id, token ? keep.id : 0);
  store::delete_login_tickets_of(transaction, user_id);
  store::note_login_change(transaction);
}

Result<Login> prove_session(Context& context, const Actor& actor, const Proof& proof) {
  const LoginFacts& facts = actor.login();
  if (facts.kind == LoginFacts::Kind::none || facts.proven == WallTime{}) {
    return fail(ErrorKind::conflict, "no_session", "this token was made for a program",
                "log in, or send current_password in the request that needs it");
  }
  if (!proof.factor && !proof.password) {
    return fail_faults({{.field = "password",
                         .code = "missing",
                         .message = "there is nothing that proves you",
                         .remedy = "give password, or factor with code or passkey"}});
  }
  TRY(const auto user, context.store.read<std::optional<User>>([&](store::Session& session) {
    return store::find_user(session, actor.user_id());
  }));
  if (!user) {
    return invalid_session();
  }
  TRY(check_proof(context, actor, *user, proof));
  const bool browser = facts.kind == LoginFacts::Kind::session;
  Login login{.kind = facts.kind,
              .id = facts.id,
              .token = browser ? random_token() : std::string(),
              .expires = facts.expires,
              .strength = proof.factor ? Strength::multi_factor : facts.strength,
              .user = *user};
  const auto done = context.store.write<store::AuditRow>(
      [&](store::Transaction& transaction) -> Result<store::AuditRow> {
        const WallTime now = context.clock.now();
        if (browser) {
          store::renew_session(transaction, {.id = login.id,
                                             .hash = sha256_hex(login.token),
                                             .strength = login.strength,
                                             .proven = now});
        } else {
          store::prove_token(transaction, login.id, login.strength, now);
        }
        store::note_login_change(transaction);
        return store::insert_audit(transaction,
                                   audit_event(context, actor, "SESSION_PROVEN", actor.email()));
      });
  context.known_logins.forget_user(actor.user_id());
  TRY(done);
  log_audit(context, *done);
  return login;
}

}  // namespace podplay::control
