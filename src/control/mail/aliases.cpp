// Postfix looks aliases up in the directory, so no service reloads for one. An alias that would
// lead back to itself, even by way of others, is refused. What is deleted or disabled later may
// still close a circle; mail that goes round is then refused at RCPT (model/mail_way.hpp).
#include "control/mail/aliases.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/numbers.hpp"
#include "control/domain_pages.hpp"
#include "control/mail/directory.hpp"
#include "control/watch/health/check_account.hpp"
#include "model/names.hpp"
#include "store/aliases.hpp"
#include "store/domains.hpp"
#include "store/users.hpp"
#include "wire/aliases.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kMostTargets = 500;

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

// Fails when mail for the alias, as it would be written, would come back to it by way of a target.
// An alias leads back to the addresses that it answers for: a catch-all to each one without an
// entry of its own.
Status check_loops(store::Session& session, const RoleNames& roles, const Alias& alias) {
  StoreDirectory directory(session, alias);
  for (const std::string& target : alias.enabled ? alias.targets : std::vector<std::string>{}) {
    TRY(const bool back, leads_back(directory, roles, target, alias.address));
    if (back) {
      return fail_faults({{.field = "targets",
                           .code = "alias_loop",
                           .message = fmt::format("mail for {} would come back to it by way of {}",
                                                  alias.address, target),
                           .remedy = "name a target whose mail does not come back here"}});
    }
  }
  return {};
}

// What the author of an alias should know: mail for it that nobody will get.
Result<std::vector<std::string>> warnings_about(store::Session& session, const RoleNames& roles,
                                                const Alias& alias) {
  StoreDirectory directory(session, alias);
  std::vector<std::string> warnings;
  for (const std::string& target : alias.enabled ? alias.targets : std::vector<std::string>{}) {
    TRY(const auto way, follow_mail(directory, roles, target));
    for (const MailEnd& end : way.ends) {
      const std::string by = end.address == target ? "" : fmt::format(", by way of {}", target);
      if (end.kind == MailEnd::Kind::missing) {
        warnings.push_back(
            fmt::format("{} does not exist here{}: it gets no mail", end.address, by));
      } else if (end.kind == MailEnd::Kind::disabled) {
        warnings.push_back(fmt::format("{} is disabled{}: it gets no mail", end.address, by));
      }
    }
  }
  TRY(const auto whole, follow_mail(directory, roles, alias.address));
  if (whole.too_long) {
    warnings.push_back(
        fmt::format("{} leads to more than 1000 addresses: its mail is refused", alias.address));
  }
  return warnings;
}

Result<Changed<Alias>> with_warnings(Result<Changed<Alias>> changed,
                                     std::vector<std::string> warnings) {
  if (changed) {
    changed->warnings = std::move(warnings);
  }
  return changed;
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

Result<MadeAlias> insert_alias(Change& change, const Actor& actor, const AliasInput& input) {
  std::vector<Fault> faults;
  const auto address = AliasAddress::parse(input.address);
  collect(faults, address);
  const auto targets = parse_targets(input.targets.value_or(std::vector<std::string>{}),
                                     address ? address->text() : "", faults);
  TRY(no_faults(std::move(faults)));
  TRY(actor.may_administer(address->domain()));
  if (!store::find_domain(change.transaction(), address->domain())) {
    return fail_faults(
        {{.field = "address",
          .code = "domain_missing",
          .message = fmt::format("the domain {} does not exist here", address->domain()),
          .remedy =
              fmt::format("add it first: podplay domains create --name {}", address->domain())}});
  }
  TRY(check_not_check_account(address->text(), "address"));
  if (store::find_alias(change.transaction(), address->text())) {
    return fail(ErrorKind::conflict, "alias_exists",
                fmt::format("the alias {} exists already", address->text()),
                "change it with podplay aliases update");
  }
  if (store::find_user(change.transaction(), address->text())) {
    return fail(ErrorKind::conflict, "user_exists",
                fmt::format("{} is a user's mailbox", address->text()), "choose another address");
  }
  const RoleNames roles = role_names(change.context().settings);
  const Alias alias{.id = change.transaction().next("id"),
                    .address = address->text(),
                    .domain = address->domain(),
                    .targets = targets,
                    .enabled = input.enabled.value_or(true),
                    .created = change.now(),
                    .updated = change.now(),
                    .revision = change.revision()};
  TRY(check_loops(change.transaction(), roles, alias));
  TRY(auto warnings, warnings_about(change.transaction(), roles, alias));
  // no going back after this
  store::insert_alias(change.transaction(), alias);
  change.put(ServiceName::mail, alias_row(alias));
  return MadeAlias{alias, std::move(warnings)};
}

Result<Changed<Alias>> create_alias(Context& context, const Actor& actor, const AliasInput& input,
                                    const WriteOptions& options) {
  std::vector<std::string> warnings;
  auto changed = make_change<Alias>(context, actor, options, [&](Change& change) -> Result<Alias> {
    TRY(auto made, insert_alias(change, actor, input));
    warnings = std::move(made.warnings);
    change.finish("ALIAS_CREATED", made.alias.address, "create alias " + made.alias.address,
                  difference(nullptr, wire::to_json(made.alias)));
    return made.alias;
  });
  return with_warnings(std::move(changed), std::move(warnings));
}

Result<Alias> get_alias(Context& context, const Actor& actor, const std::string& key) {
  TRY(auto found, context.store.read_together<Result<Alias>>(
                      [&](store::Session& session) { return find_or_fail(session, actor, key); }));
  return found;
}

Result<std::vector<Alias>> list_aliases(Context& context, const Actor& actor,
                                        const std::string& domain, std::int64_t after,
                                        std::int64_t limit) {
  TRY(const auto wanted, actor.domains_to_list(domain));
  return context.store.read_together<std::vector<Alias>>([&](store::Session& session) {
    return page_of_domains<Alias>(wanted, limit, [&](const std::string& name) {
      return store::list_aliases(session, name, after, limit);
    });
  });
}

Result<Changed<Alias>> update_alias(Context& context, const Actor& actor, const std::string& key,
                                    const AliasInput& input, const WriteOptions& options) {
  if (!input.targets && !input.enabled) {
    return fail_faults({{.code = "nothing_to_change",
                         .message = "the request changes nothing",
                         .remedy = "name what to change, e.g. {\"enabled\": false}"}});
  }
  std::vector<std::string> warnings;
  auto changed = make_change<Alias>(context, actor, options, [&](Change& change) -> Result<Alias> {
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
    alias.enabled = input.enabled.value_or(alias.enabled);
    const RoleNames roles = role_names(context.settings);
    TRY(check_loops(change.transaction(), roles, alias));
    TRY(warnings, warnings_about(change.transaction(), roles, alias));
    if (alias == before) {
      change.leave(before.revision);
      return alias;
    }
    // no going back after this
    alias.updated = change.now();
    alias.revision = change.revision();
    store::update_alias(change.transaction(), alias);
    change.put(ServiceName::mail, alias_row(alias));
    change.finish("ALIAS_UPDATED", alias.address, "update alias " + alias.address,
                  difference(wire::to_json(before), wire::to_json(alias)));
    return alias;
  });
  return with_warnings(std::move(changed), std::move(warnings));
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
    change.finish("ALIAS_DELETED", alias.address, "delete alias " + alias.address,
                  difference(wire::to_json(alias), nullptr));
    return alias;
  });
}

}  // namespace podplay::control
