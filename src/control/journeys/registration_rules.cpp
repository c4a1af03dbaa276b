// A domain that is not here, or disabled, takes no registrations.
#include "control/journeys/registration_rules.hpp"

#include <fmt/format.h>

#include "control/audit.hpp"
#include "model/names.hpp"
#include "store/domains.hpp"
#include "store/registrations.hpp"
#include "wire/journeys.hpp"

namespace podplay::control {
namespace {

RegistrationRule rule_of_settings(const Context& context, const std::string& domain) {
  return {.domain = domain,
          .mode = parse_registration_mode(context.settings.text("PODPLAY_REGISTRATION"))
                      .value_or(RegistrationMode::off),
          .most_pending = context.settings.integer("PODPLAY_REGISTRATION_PENDING")};
}

Result<RegistrationRule> apply(const Context& context, RegistrationRule rule,
                               const RuleInput& input) {
  std::vector<Fault> faults;
  if (input.mode && !input.mode->empty()) {
    if (const auto mode = parse_registration_mode(*input.mode)) {
      rule.mode = *mode;
    } else {
      collect(faults, mode.error());
    }
  }
  if (input.allowed_domains) {
    rule.allowed_domains.clear();
    for (const std::string& text : *input.allowed_domains) {
      if (const auto name = DomainName::parse(text, "allowed_domains")) {
        rule.allowed_domains.push_back(name->text());
      } else {
        collect(faults, name.error());
      }
    }
  }
  if (input.most_pending) {
    rule.most_pending = *input.most_pending;
    if (rule.most_pending < 0) {
      faults.push_back(
          {.field = "most_pending",
           .code = "bad_number",
           .message = fmt::format("{} registrations are not possible", rule.most_pending),
           .remedy = "use 0 for any number, or a number of registrations"});
    }
  }
  TRY(no_faults(std::move(faults)));
  if (input.mode && input.mode->empty()) {
    return rule_of_settings(context, rule.domain);
  }
  return rule;
}

Result<std::string> known_domain(store::Session& session, const Actor& actor,
                                 const std::string& text) {
  const auto name = DomainName::parse(text, "name");
  const auto domain = name ? store::find_domain(session, name->text()) : std::nullopt;
  if (!domain || !actor.may_administer(domain->name)) {
    return fail(ErrorKind::not_found, "domain_unknown",
                fmt::format("there is no domain {}", text.substr(0, 253)),
                "podplay domains list shows the domains");
  }
  return domain->name;
}

}  // namespace

RegistrationRule rule_of(Context& context, store::Session& session, const std::string& domain) {
  const auto known = store::find_domain(session, domain);
  if (!known || !known->enabled) {
    return {.domain = domain};
  }
  auto own = store::find_registration_rule(session, domain);
  return own ? std::move(*own) : rule_of_settings(context, domain);
}

Result<std::vector<RegistrationRule>> open_domains(Context& context) {
  return context.store.read_together<std::vector<RegistrationRule>>([&](store::Session& session) {
    std::vector<RegistrationRule> open;
    const auto keep = [&](RegistrationRule rule) {
      if (rule.mode != RegistrationMode::off) {
        open.push_back(std::move(rule));
      }
    };
    // With registration off, only domains with a rule of their own are looked at.
    if (rule_of_settings(context, "").mode == RegistrationMode::off) {
      for (const RegistrationRule& rule : store::list_registration_rules(session)) {
        keep(rule_of(context, session, rule.domain));
      }
      return open;
    }
    for (const Domain& domain : store::all_domains(session)) {
      keep(rule_of(context, session, domain.name));
    }
    return open;
  });
}

Result<RegistrationRule> get_registration_rule(Context& context, const Actor& actor,
                                               const std::string& domain) {
  TRY(auto found, context.store.read_together<Result<RegistrationRule>>(
                      [&](store::Session& session) -> Result<RegistrationRule> {
                        TRY(const auto name, known_domain(session, actor, domain));
                        auto own = store::find_registration_rule(session, name);
                        return own ? std::move(*own) : rule_of_settings(context, name);
                      }));
  return found;
}

Result<Changed<RegistrationRule>> set_registration_rule(Context& context, const Actor& actor,
                                                        const std::string& domain,
                                                        const RuleInput& input,
                                                        const WriteOptions& options) {
  return make_change<RegistrationRule>(
      context, actor, options, [&](Change& change) -> Result<RegistrationRule> {
        store::Transaction& transaction = change.transaction();
        TRY(const auto name, known_domain(transaction, actor, domain));
        const auto own = store::find_registration_rule(transaction, name);
        const RegistrationRule before = own ? *own : rule_of_settings(context, name);
        TRY(check_match(options, before.revision));
        TRY(auto rule, apply(context, before, input));
        const bool follows = input.mode && input.mode->empty();
        if (rule == before && (follows ? !own : own.has_value())) {
          change.leave(before.revision);
          return rule;
        }
        // no going back after this
        if (follows) {
          store::delete_registration_rule(transaction, name);
        } else {
          rule.revision = change.revision();
          store::put_registration_rule(transaction, rule);
        }
        change.finish("REGISTRATION_RULE_SET", name, "set how " + name + " takes registrations",
                      difference(wire::to_json(before), wire::to_json(rule)));
        return rule;
      });
}

}  // namespace podplay::control
