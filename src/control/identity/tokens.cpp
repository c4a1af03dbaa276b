// Tokens are random. Only their SHA-256 hashes are stored, so a copy of the store lets nobody in.
#include "control/identity/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/control_character.hpp"
#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "control/audit.hpp"
#include "control/identity/factors.hpp"
#include "control/identity/known_logins.hpp"
#include "control/identity/recent.hpp"
#include "model/address_range.hpp"
#include "store/domains.hpp"
#include "store/tokens.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr std::size_t kLongestToken = 200;
constexpr std::size_t kLongestTokenName = 100;
constexpr std::size_t kMostNetworks = 32;
constexpr std::size_t kMostTokens = 200;
constexpr days kUsualLifetime{90};
constexpr days kLongestLifetime{366};
constexpr minutes kShortestLifetime{1};

std::unexpected<Error> invalid_token() {
  return fail(ErrorKind::unauthorized, "token_invalid", "the token is unknown or has expired",
              "log in again: podplay login");
}

// Texts that the store has are ranges.
std::vector<AddressRange> ranges_of(const std::vector<std::string>& texts) {
  std::vector<AddressRange> ranges;
  for (const std::string& text : texts) {
    if (const auto range = AddressRange::parse(text)) {
      ranges.push_back(*range);
    }
  }
  return ranges;
}

Status check_address(const KnownLogin& login, const std::string& address) {
  const bool inside = std::ranges::any_of(
      login.networks, [&](const AddressRange& range) { return range.contains(address); });
  if (login.networks.empty() || inside) {
    return {};
  }
  return fail(ErrorKind::forbidden, "token_address",
              fmt::format("this token may not be used from {}", address),
              "use it from an address that it was made for, or make another one");
}

// What the input asks for, when all of it is right.
struct Wanted {
  std::string name;
  std::optional<Scopes> scopes;
  std::optional<std::vector<std::string>> networks;
  std::optional<seconds> lifetime;
};

void read_name(const std::string& name, std::vector<Fault>& faults) {
  const bool plain = std::ranges::none_of(name, is_control);
  if (!plain || name.size() > kLongestTokenName || name.find_first_not_of(' ') == name.npos) {
    faults.push_back(
        {.field = "name",
         .code = "bad_name",
         .message = fmt::format("'{}' is no name for a token", name.substr(0, 40)),
         .remedy = fmt::format("say what it is for, in 1 to {} characters", kLongestTokenName)});
  }
}

std::optional<std::vector<std::string>> read_networks(const std::vector<std::string>& texts,
                                                      std::vector<Fault>& faults) {
  std::vector<std::string> networks;
  for (const std::string& text : texts) {
    const auto range = AddressRange::parse(text, "networks");
    if (range) {
      networks.push_back(range->text());
    } else {
      collect(faults, range.error());
    }
  }
  if (networks.size() > kMostNetworks) {
    faults.push_back({.field = "networks",
                      .code = "too_many",
                      .message = fmt::format("{} networks are too many", networks.size()),
                      .remedy = fmt::format("name at most {}", kMostNetworks)});
  }
  return networks;
}

Result<Wanted> read_token_input(const TokenInput& input) {
  std::vector<Fault> faults;
  Wanted wanted{.name = input.name, .scopes = {}, .networks = {}, .lifetime = {}};
  read_name(input.name, faults);
  if (input.scopes) {
    const auto scopes = Scopes::parse(*input.scopes);
    collect(faults, scopes);
    if (scopes && scopes->empty()) {
      faults.push_back({.field = "scopes",
                        .code = "missing",
                        .message = "a token without a scope can do nothing",
                        .remedy = "name some, such as users:read, or leave scopes out"});
    }
    wanted.scopes = scopes ? std::optional(*scopes) : std::nullopt;
  }
  if (input.networks) {
    wanted.networks = read_networks(*input.networks, faults);
  }
  if (input.lifetime) {
    const seconds lifetime(*input.lifetime);
    if (*input.lifetime < seconds(kShortestLifetime).count() ||
        *input.lifetime > seconds(kLongestLifetime).count()) {
      faults.push_back(
          {.field = "lifetime",
           .code = "out_of_range",
           .message = fmt::format("{} seconds are no lifetime", *input.lifetime),
           .remedy = fmt::format("use {} to {} seconds", seconds(kShortestLifetime).count(),
                                 seconds(kLongestLifetime).count())});
    } else {
      wanted.lifetime = lifetime;
    }
  }
  TRY(no_faults(std::move(faults)));
  return wanted;
}

std::unexpected<Error> stronger(std::string_view field, std::string message) {
  return fail_faults({{.field = std::string(field),
                       .code = "too_strong",
                       .message = std::move(message),
                       .remedy = "ask for less, or log in with what is needed"}});
}

Status check_networks(const Wanted& wanted, const std::vector<std::string>& own) {
  if (own.empty() || !wanted.networks) {
    return {};
  }
  const auto limits = ranges_of(own);
  const bool inside = !wanted.networks->empty() &&
                      std::ranges::all_of(ranges_of(*wanted.networks), [&](const auto& range) {
                        return std::ranges::any_of(
                            limits, [&](const auto& limit) { return range.is_within(limit); });
                      });
  return inside ? Status{}
                : stronger("networks", "a token cannot make one that may come from elsewhere");
}

// The token that `actor` makes with a token of its own is bound to that one, unless the person has
// just given the password.
Result<Token> build_token(const Actor& actor, const Wanted& wanted,
                          const std::optional<Token>& maker, bool proven, WallTime now) {
  Token token{.user_id = actor.user_id(),
              .name = wanted.name,
              .scopes = wanted.scopes.value_or(actor.login().scopes),
              .strength = actor.login().strength,
              .address = actor.remote_address(),
              .created = now};
  if (!token.scopes.is_within(actor.login().scopes)) {
    return stronger("scopes", "a login cannot make a token for more than it may do itself");
  }
  token.networks = wanted.networks.value_or(maker ? maker->networks : std::vector<std::string>{});
  if (maker) {
    TRY(check_networks(wanted, maker->networks));
  }
  token.expires = now + wanted.lifetime.value_or(kUsualLifetime);
  if (maker && !proven) {
    token.parent = maker->id;
    token.expires = wanted.lifetime ? token.expires : std::min(token.expires, maker->expires);
  }
  return token;
}

std::unexpected<Error> no_token(std::int64_t id) {
  return fail(ErrorKind::not_found, "token_unknown", fmt::format("you have no token {}", id),
              "podplay tokens list shows yours");
}

}  // namespace

std::string make_token() { return std::string(kTokenPrefix) + random_token(); }

bool may_use_api(store::Session& session, const User& user) {
  if (!user.enabled || user.role == Role::admin) {
    return user.enabled;
  }
  const auto domain = store::find_domain(session, user.domain);
  return domain && domain->enabled;
}

Result<Actor> authenticate(Context& context, const std::string& token, const std::string& address) {
  if (token.size() > kLongestToken) {
    return invalid_token();
  }
  KnownLogins& logins = context.known_logins;
  const WallTime now = context.clock.now();
  TRY(logins.keep_up(context.store, context.clock.steady()));
  const LoginKey key = LoginKey::of(LoginFacts::Kind::token, token);
  auto login = logins.find(key, now);
  if (!login) {
    const std::string hash = key.hash();
    const std::uint64_t epoch = logins.epoch();
    struct Found {
      std::optional<Token> token;
      std::optional<User> user;
      bool allowed = false;
    };
    TRY(const auto found, context.store.read_together<Found>([&](store::Session& session) {
      Found result{.token = store::find_token(session, hash), .user = {}};
      if (result.token) {
        result.user = store::find_user(session, result.token->user_id);
      }
      result.allowed = result.user && may_use_api(session, *result.user);
      return result;
    }));
    if (!found.token || !found.allowed || found.token->expires <= now) {
      return invalid_token();
    }
    const Token& row = *found.token;
    const LoginFacts facts{
        .kind = LoginFacts::Kind::token,
        .id = row.id,
        .scopes = row.scopes & usable_scopes(context.settings, *found.user, row.strength),
        .strength = row.strength,
        .proven = row.proven,
        .expires = row.expires};
    login = std::make_shared<KnownLogin>(*found.user, facts, row.last_used);
    login->networks = ranges_of(row.networks);
    logins.put(key, login, epoch);
  }
  TRY(check_address(*login, address));
  logins.note_use(*login, now, address);
  return login->actor();
}

Result<NewToken> create_token(Context& context, const Actor& actor, const TokenInput& input) {
  TRY(const auto wanted, read_token_input(input));
  const WallTime now = context.clock.now();
  struct Found {
    std::optional<User> user;
    std::optional<Token> maker;
    std::size_t tokens = 0;
  };
  TRY(const auto found, context.store.read_together<Found>([&](store::Session& session) {
    Found result{.user = store::find_user(session, actor.user_id()), .maker = {}};
    if (actor.login().kind == LoginFacts::Kind::token) {
      result.maker = store::find_token(session, actor.login().id);
    }
    result.tokens = store::list_tokens(session, actor.user_id(), now).size();
    return result;
  }));
  if (!found.user) {
    return fail(ErrorKind::forbidden, "forbidden", "only a user has tokens", "log in");
  }
  if (found.tokens >= kMostTokens) {
    return fail(ErrorKind::conflict, "too_many_tokens",
                fmt::format("{} has {} tokens already", actor.email(), found.tokens),
                "revoke those that are not used: podplay tokens list");
  }
  bool proven = is_recent(context, actor) || input.current_password.has_value();
  const bool outlives =
      found.maker && wanted.lifetime && now + *wanted.lifetime > found.maker->expires;
  if (proven || !found.maker || outlives) {
    TRY(require_recent(context, actor, *found.user, input.current_password));
    proven = true;
  }
  TRY(auto token, build_token(actor, wanted, found.maker, proven, now));
  NewToken made{.token = std::move(token), .text = make_token()};
  made.token.hash = sha256_hex(made.text);
  const Difference shown = difference(nullptr, {{"name", made.token.name},
                                                {"scopes", made.token.scopes.words()},
                                                {"networks", made.token.networks},
                                                {"expires", to_rfc3339(made.token.expires)}});
  TRY(const auto event,
      context.store.write<store::AuditRow>(
          [&](store::Transaction& transaction) -> Result<store::AuditRow> {
            made.token.id = transaction.next("id");
            store::insert_token(transaction, made.token);
            return store::insert_audit(
                transaction, audit_event(context, actor, "TOKEN_CREATED", actor.email(), shown));
          }));
  log_audit(context, event);
  return made;
}

Result<std::vector<Token>> list_tokens(Context& context, const Actor& actor) {
  return context.store.read<std::vector<Token>>([&](store::Session& session) {
    return store::list_tokens(session, actor.user_id(), context.clock.now());
  });
}

Result<Token> get_token(Context& context, const Actor& actor, std::int64_t id) {
  TRY(auto token, context.store.read<std::optional<Token>>(
                      [&](store::Session& session) { return store::find_token(session, id); }));
  if (!token || token->user_id != actor.user_id() || token->expires <= context.clock.now()) {
    return no_token(id);
  }
  return std::move(*token);
}

Result<Token> revoke_token(Context& context, const Actor& actor, std::int64_t id) {
  struct Done {
    Token token;
    store::AuditRow event;
  };
  const auto done = context.store.write<Done>([&](store::Transaction& transaction) -> Result<Done> {
    auto token = store::find_token(transaction, id);
    if (!token || token->user_id != actor.user_id()) {
      return no_token(id);
    }
    store::delete_token(transaction, id);
    store::note_login_change(transaction);
    const Difference shown = difference({{"name", token->name}}, nullptr);
    auto event = store::insert_audit(
        transaction, audit_event(context, actor, "TOKEN_REVOKED", actor.email(), shown));
    return Done{std::move(*token), std::move(event)};
  });
  // Those that it made end with it.
  context.known_logins.forget_user(actor.user_id());
  TRY(done);
  log_audit(context, done->event);
  return done->token;
}

}  // namespace podplay::control
