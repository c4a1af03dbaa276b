// Postfix looks aliases up in the directory, so no service reloads for one. No alias leads back to
// itself, not even by way of others.
#include "control/mail/aliases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/numbers.hpp"
#include "model/names.hpp"
#include "store/aliases.hpp"
#include "store/domains.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kMostTargets = 500;
// Most addresses that are looked at for one target.
constexpr std::size_t kMostFollowed = 1000;

// Checked targets, each once, in their order.
std::vector<std::string> parse_targets(const std::vector<std::string>& texts,
                                       const std::string& address, std::vector<Fault>& faults) {
  std::vector<std::string> targets;
  for (const std::string& text : texts) {
    const auto target = EmailAddress::parse(text, "targets");
    if (!target) {
      collect(faults, target.error());
    } else if (target->text() == address) {
      faults.push_back({.field = "targets",
                        .code = "alias_loop",
                        .message = fmt::format("{} cannot be its own target", address),
                        .remedy = "name another address"});
    } else if (std::ranges::find(targets, target->text()) == targets.end()) {
      targets.push_back(target->text());
    }
  }
  if (texts.empty()) {
    faults.push_back({.field = "targets",
                      .code = "missing",
                      .message = "an alias needs at least one target",
                      .remedy = "name the addresses that get the mail"});
  }
  if (texts.size() > kMostTargets) {
    faults.push_back({.field = "targets",
                      .code = "too_many",
                      .message = fmt::format("{} targets are too many", texts.size()),
                      .remedy = fmt::format("use at most {}", kMostTargets)});
  }
  return targets;
}

// The alias that mail for `address` goes through: that of the address itself, of the address
// without +detail, or the domain's catch-all. A mailbox has none (an empty Alias). A catch-all that
// does not exist yet is an alias without targets.
Alias way_of(store::Session& session, const std::string& address) {
  const std::string domain = address.substr(address.rfind('@'));
  std::vector<std::string> forms{address};
  if (const std::size_t plus = address.find('+'); plus != address.npos) {
    forms.push_back(address.substr(0, plus) + domain);
  }
  for (const std::string& one : forms) {
    if (auto alias = store::find_alias(session, one)) {
      return std::move(*alias);
    }
    if (store::find_user(session, one)) {
      return {};
    }
  }
  Alias none;
  none.address = domain;
  return store::find_alias(session, domain).value_or(none);
}

// Fails when mail for `address` would come back to it by way of `targets`. Postfix gives
// up on such mail for all of its recipients, and its senders try again for days.
Status check_loops(store::Session& session, const std::string& address,
                   const std::vector<std::string>& targets) {
  // Addresses that any of the targets led to. They need no second look.
  std::set<std::string> seen;
  for (const std::string& target : targets) {
    std::vector<std::string> ahead{target};
    for (std::size_t followed = 0; !ahead.empty() && followed < kMostFollowed;) {
      const std::string at = std::move(ahead.back());
      ahead.pop_back();
      if (!seen.insert(at).second) {
        continue;
      }
      ++followed;
      const Alias way = way_of(session, at);
      if (at == address || way.address == address) {
        return fail_faults({{.field = "targets",
                             .code = "alias_loop",
                             .message = fmt::format(
                                 "mail for {} would come back to it by way of {}", address, target),
                             .remedy = "name a target whose mail does not come back here"}});
      }
      ahead.insert(ahead.end(), way.targets.begin(), way.targets.end());
    }
  }
  return {};
}

// An alias of a domain that the actor does not administer is answered like one that does not exist.
Result<Alias> find_or_fail(store::Session& session, const Actor& actor, const std::string& key) {
  std::optional<Alias> alias;
  if (const auto id = parse_number<std::int64_t>(key)) {
    alias = store::find_alias(session, *id);
  } else if (const auto address = AliasAddress::parse(key)) {
    alias = store::find_alias(session, address->text());
  }
  if (alias && actor.may_administer(alias->domain)) {
    return std::move(*alias);
  }
  return fail(ErrorKind::not_found, "alias_unknown",
              fmt::format("there is no alias {}", key.substr(0, 254)),
              "podplay aliases list shows the aliases");
}

}  // namespace

FeedRow alias_row(const Alias& alias) {
  return {.key = alias.address,
          .content = AliasRow{.enabled = alias.enabled, .targets = alias.targets}};
}

Result<Changed<Alias>> create_alias(Context& context, const Actor& actor, const AliasInput& input,
                                    const WriteOptions& options) {
  std::vector<Fault> faults;
  const auto address = AliasAddress::parse(input.address);
  collect(faults, address);
  const auto targets = parse_targets(input.targets.value_or(std::vector<std::string>{}),
                                     address ? address->text() : "", faults);
  if (!faults.empty()) {
    return fail_faults(std::move(faults));
  }
  TRY(actor.may_administer(address->domain()));
  return make_change<Alias>(context, actor, options, [&](Change& change) -> Result<Alias> {
    if (!store::find_domain(change.transaction(), address->domain())) {
      return fail_faults(
          {{.field = "address",
            .code = "domain_missing",
            .message = fmt::format("the domain {} does not exist here", address->domain()),
            .remedy =
                fmt::format("add it first: podplay domains create --name {}", address->domain())}});
    }
    if (store::find_alias(change.transaction(), address->text())) {
      return fail(ErrorKind::conflict, "alias_exists",
                  fmt::format("the alias {} exists already", address->text()),
                  "change it with podplay aliases update");
    }
    if (store::find_user(change.transaction(), address->text())) {
      return fail(ErrorKind::conflict, "user_exists",
                  fmt::format("{} is a user's mailbox", address->text()), "choose another address");
    }
    TRY(check_loops(change.transaction(), address->text(), targets));
    // no going back after this
    const Alias alias{.id = change.transaction().next("id"),
                      .address = address->text(),
                      .domain = address->domain(),
                      .targets = targets,
                      .enabled = input.enabled.value_or(true),
                      .created = change.now(),
                      .updated = change.now(),
                      .revision = change.revision()};
    store::insert_alias(change.transaction(), alias);
    change.put(ServiceName::mail, alias_row(alias));
    change.finish("ALIAS_CREATED", alias.address, "create alias " + alias.address);
    return alias;
  });
}

Result<Alias> get_alias(Context& context, const Actor& actor, const std::string& key) {
  TRY(auto found, context.store.read_together<Result<Alias>>(
                      [&](store::Session& session) { return find_or_fail(session, actor, key); }));
  return found;
}

Result<std::vector<Alias>> list_aliases(Context& context, const Actor& actor,
                                        const std::string& domain, std::int64_t after,
                                        std::int64_t limit) {
  TRY(const auto wanted, actor.domain_to_list(domain));
  return context.store.read_together<std::vector<Alias>>(
      [&](store::Session& session) { return store::list_aliases(session, wanted, after, limit); });
}

Result<Changed<Alias>> update_alias(Context& context, const Actor& actor, const std::string& key,
                                    const AliasInput& input, const WriteOptions& options) {
  if (!input.targets && !input.enabled) {
    return fail_faults({{.code = "nothing_to_change",
                         .message = "the request changes nothing",
                         .remedy = "name what to change, e.g. {\"enabled\": false}"}});
  }
  return make_change<Alias>(context, actor, options, [&](Change& change) -> Result<Alias> {
    TRY(const auto before, find_or_fail(change.transaction(), actor, key));
    TRY(check_match(options, before.revision));
    Alias alias = before;
    std::vector<Fault> faults;
    if (input.targets) {
      alias.targets = parse_targets(*input.targets, alias.address, faults);
    }
    if (!faults.empty()) {
      return fail_faults(std::move(faults));
    }
    if (input.targets) {
      TRY(check_loops(change.transaction(), alias.address, alias.targets));
    }
    alias.enabled = input.enabled.value_or(alias.enabled);
    if (alias == before) {
      change.leave(before.revision);
      return alias;
    }
    // no going back after this
    alias.updated = change.now();
    alias.revision = change.revision();
    store::update_alias(change.transaction(), alias);
    change.put(ServiceName::mail, alias_row(alias));
    change.finish("ALIAS_UPDATED", alias.address, "update alias " + alias.address);
    return alias;
  });
}

Result<Changed<Alias>> delete_alias(Context& context, const Actor& actor, const std::string& key,
                                    const WriteOptions& options) {
  return make_change<Alias>(context, actor, options, [&](Change& change) -> Result<Alias> {
    TRY(auto alias, find_or_fail(change.transaction(), actor, key));
    TRY(check_match(options, alias.revision));
    // no going back after this
    store::delete_alias(change.transaction(), alias.id);
    FeedRow gone = alias_row(alias);
    gone.deleted = true;
    change.put(ServiceName::mail, std::move(gone));
    change.finish("ALIAS_DELETED", alias.address, "delete alias " + alias.address);
    return alias;
  });
}

}  // namespace podplay::control
