// A domain changes three services: web, DNS and mail. Its certificate is issued before the
// transaction. A domain that still has users or aliases is never deleted.
#include "control/domains.hpp"

#include <fmt/format.h>

#include <set>

#include "control/certificates/certificates.hpp"
#include "control/certificates/versions.hpp"
#include "control/identity/known_logins.hpp"
#include "control/import_line.hpp"
#include "control/sites.hpp"
#include "control/zones.hpp"
#include "model/names.hpp"
#include "store/aliases.hpp"
#include "store/certificates.hpp"
#include "store/domains.hpp"
#include "store/grants.hpp"
#include "store/sessions.hpp"
#include "store/tokens.hpp"
#include "store/users.hpp"
#include "wire/domains.hpp"

namespace podplay::control {
namespace {

std::unexpected<Error> no_domain(const std::string& name) {
  return fail(ErrorKind::not_found, "domain_unknown",
              fmt::format("there is no domain {}", name.substr(0, 253)),
              "podplay domains list shows the domains");
}

std::unexpected<Error> domain_exists(const std::string& name) {
  return fail(ErrorKind::conflict, "domain_exists",
              fmt::format("the domain {} exists already", name));
}

Result<Domain> find_or_fail(store::Session& session, const std::string& name) {
  const auto parsed = DomainName::parse(name, "name");
  auto domain = parsed ? store::find_domain(session, parsed->text()) : std::nullopt;
  if (domain) {
    return std::move(*domain);
  }
  return no_domain(name);
}

// Whoever administers nothing else is a user from now on.
void end_grants(Change& change, const std::string& domain) {
  for (const User& user : store::list_domain_admins(change.transaction(), domain)) {
    change.note("GRANT_REMOVED", fmt::format("{} domain-admin:{}", user.email, domain));
  }
  store::delete_grants_in(change.transaction(), domain);
  store::note_login_change(change.transaction());
}

Status check_name(const Settings& settings, store::Session& session, const std::string& name) {
  if (store::find_domain(session, name)) {
    return domain_exists(name);
  }
  if (name == settings.text("PODPLAY_MAIL_SERVER_NAME")) {
    return fail_faults(
        {{"name", "server_name_is_domain", fmt::format("{} is the mail server's own name", name),
          "name the server differently (PODPLAY_MAIL_SERVER_NAME), or use another domain"}});
  }
  if (name == settings.text("PODPLAY_HOST_NAME")) {
    return fail_faults(
        {{"name", "host_name_is_domain",
          fmt::format("{} is the name of the control host, which has no pages of users", name),
          "name the control host differently (PODPLAY_HOST_NAME), or use another domain"}});
  }
  return {};
}

Status check_limit(const Settings& settings, store::Session& session, std::size_t more) {
  const std::int64_t limit = settings.integer("PODPLAY_DOMAIN_LIMIT");
  const std::int64_t count = store::count_domains(session);
  if (count + static_cast<std::int64_t>(more) <= limit) {
    return {};
  }
  return fail(ErrorKind::conflict, "too_many_domains",
              more == 1
                  ? fmt::format("there are {} domains already, and the limit is {}", count, limit)
                  : fmt::format("there are {} domains already; with {} more they would be "
                                "more than {}, which is the limit",
                                count, more, limit),
              "raise PODPLAY_DOMAIN_LIMIT, and the memory limits in deploy/pod.yaml");
}

// Names the line of the first name that is refused.
Status check_import(const Settings& settings, store::Session& session,
                    const std::vector<std::string>& names) {
  TRY(check_limit(settings, session, names.size()));
  std::int64_t line = 0;
  for (const std::string& name : names) {
    ++line;
    if (const Status fine = check_name(settings, session, name); !fine) {
      return std::unexpected(at_line(fine.error(), line));
    }
  }
  return {};
}

// Adds to `certificates`, also when a later one fails.
Status issue_all(Context& context, const std::vector<std::string>& names, bool rehearsal,
                 std::vector<Certificate>& certificates) {
  for (const std::string& name : names) {
    TRY(auto certificate, certificate_for(context, name, rehearsal, false));
    certificates.push_back(std::move(certificate));
  }
  return context.versions.flush();
}

// When one of them fails, none stays on disk.
Result<std::vector<Certificate>> certificates_for(Context& context,
                                                  const std::vector<std::string>& names,
                                                  bool rehearsal) {
  std::vector<Certificate> certificates;
  const Status issued = issue_all(context, names, rehearsal, certificates);
  if (issued) {
    return certificates;
  }
  if (!rehearsal) {
    discard_versions(context, certificates);
  }
  return std::unexpected(issued.error());
}

// A domain administrator has few, so all of them are read.
Result<std::vector<Domain>> own_domains(Context& context, const Actor& actor, std::int64_t after,
                                        std::int64_t limit) {
  TRY(const auto filter, actor.domains_to_list(""));
  TRY(auto own, context.store.read_together<std::vector<Domain>>([&](store::Session& session) {
    std::vector<Domain> found;
    for (const std::string& name : filter.names) {
      auto domain = store::find_domain(session, name);
      if (domain && domain->id > after) {
        found.push_back(std::move(*domain));
      }
    }
    return found;
  }));
  std::ranges::sort(own, {}, &Domain::id);
  own.resize(std::min(own.size(), static_cast<std::size_t>(limit)));
  return own;
}

}  // namespace

FeedRow domain_row(const Domain& domain) {
  return {.key = domain.name, .content = DomainRow{.enabled = domain.enabled}};
}

Status check_new_domain(const Settings& settings, store::Session& session,
                        const std::string& name) {
  TRY(check_name(settings, session, name));
  return check_limit(settings, session, 1);
}

Domain insert_domain(Change& change, const std::string& name, bool enabled,
                     const Certificate& certificate) {
  Domain domain{.id = change.transaction().next("id"),
                .name = name,
                .enabled = enabled,
                .created = change.now(),
                .updated = change.now(),
                .revision = change.revision()};
  store::insert_domain(change.transaction(), domain);
  change.put(ServiceName::mail, domain_row(domain));
  if (certificate.name == name) {
    put_certificate(change, certificate);
  } else {
    put_site(change, domain, {certificate.name, certificate.version});
  }
  refresh_parent(change, name);
  if (enabled) {
    put_zone(change, make_zone(name, zone_facts(change.context())));
  }
  return domain;
}

Result<Changed<Domain>> create_domain(Context& context, const Actor& actor, const std::string& text,
                                      bool enabled, const WriteOptions& options) {
  TRY(const auto name, DomainName::parse_own(text, "name"));
  // So that no certificate is signed for a domain that is refused.
  TRY(const auto may, context.store.read<Status>([&](store::Session& session) {
    return check_new_domain(context.settings, session, name.text());
  }));
  TRY(may);
  TRY(const auto certificate, certificate_for(context, name.text(), options.dry_run));
  auto changed =
      make_change<Domain>(context, actor, options, [&](Change& change) -> Result<Domain> {
        TRY(check_new_domain(context.settings, change.transaction(), name.text()));
        // no going back after this
        Domain domain = insert_domain(change, name.text(), enabled, certificate);
        change.finish("DOMAIN_CREATED", domain.name, "create domain " + domain.name,
                      difference(nullptr, wire::to_json(domain)));
        return domain;
      });
  if (!options.dry_run) {
    TRY(settle_versions(context, {&certificate, 1}, changed.has_value()));
  }
  return changed;
}

Result<Changed<std::int64_t>> import_domains(Context& context, const Actor& actor,
                                             const std::vector<std::string>& names,
                                             const WriteOptions& options) {
  std::vector<std::string> parsed;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto name = DomainName::parse_own(names[i], "name");
    if (name && !seen.insert(name->text()).second) {
      name = fail(ErrorKind::conflict, "domain_twice",
                  fmt::format("{} is in the list twice", name->text()));
    }
    if (!name) {
      return std::unexpected(at_line(name.error(), static_cast<std::int64_t>(i) + 1));
    }
    parsed.push_back(name->text());
  }
  TRY(const auto may, context.store.read<Status>([&](store::Session& session) {
    return check_import(context.settings, session, parsed);
  }));
  TRY(may);
  TRY(const auto certificates, certificates_for(context, parsed, options.dry_run));
  auto changed = make_change<std::int64_t>(
      context, actor, options, [&](Change& change) -> Result<std::int64_t> {
        TRY(check_import(context.settings, change.transaction(), parsed));
        // no going back after this
        for (std::size_t i = 0; i < parsed.size(); ++i) {
          insert_domain(change, parsed[i], true, certificates[i]);
        }
        const auto count = static_cast<std::int64_t>(parsed.size());
        change.finish("DOMAINS_IMPORTED", fmt::format("{} domains", count),
                      fmt::format("import {} domains", count));
        return count;
      });
  if (!options.dry_run) {
    TRY(settle_versions(context, certificates, changed.has_value()));
  }
  return changed;
}

Result<Domain> get_domain(Context& context, const Actor& actor, const std::string& name) {
  auto found = context.store.read<Result<Domain>>(
      [&](store::Session& session) { return find_or_fail(session, name); });
  if (!found) {
    return std::unexpected(found.error());
  }
  if (!*found) {
    return std::move(*found);
  }
  if (!actor.may_administer((**found).name)) {
    return no_domain(name);
  }
  return std::move(*found);
}

Result<std::vector<Domain>> list_domains(Context& context, const Actor& actor, std::int64_t after,
                                         std::int64_t limit) {
  if (!actor.administers_all()) {
    return own_domains(context, actor, after, limit);
  }
  return context.store.read<std::vector<Domain>>(
      [&](store::Session& session) { return store::list_domains(session, after, limit); });
}

Result<Changed<Domain>> update_domain(Context& context, const Actor& actor, const std::string& name,
                                      bool enabled, const WriteOptions& options) {
  auto changed =
      make_change<Domain>(context, actor, options, [&](Change& change) -> Result<Domain> {
        TRY(auto domain, find_or_fail(change.transaction(), name));
        TRY(check_match(options, domain.revision));
        if (domain.enabled == enabled) {
          change.leave(domain.revision);
          return domain;
        }
        // no going back after this
        domain.enabled = enabled;
        domain.updated = change.now();
        domain.revision = change.revision();
        store::update_domain(change.transaction(), domain);
        change.put(ServiceName::mail, domain_row(domain));
        if (const auto known = store::find_certificate(change.transaction(), domain.name)) {
          put_site(change, domain, {known->name, known->version});
        }
        if (enabled) {
          put_zone(change, make_zone(domain.name, zone_facts(context)));
        } else {
          remove_zone(change, domain.name);
          store::delete_sessions_in(change.transaction(), domain.name);
          store::delete_tokens_in(change.transaction(), domain.name);
          store::note_login_change(change.transaction());
        }
        change.finish("DOMAIN_UPDATED", domain.name, "update domain " + domain.name,
                      difference({{"enabled", !enabled}}, {{"enabled", enabled}}));
        return domain;
      });
  if (changed && !options.dry_run && !enabled) {
    context.known_logins.forget_everything();
  }
  return changed;
}

Result<Changed<ZoneSerial>> set_zone_serial(Context& context, const Actor& actor,
                                            const std::string& name, std::int64_t serial,
                                            const WriteOptions& options) {
  if (serial < 0 || serial > UINT32_MAX) {
    return fail_faults({{.field = "serial",
                         .code = "bad_serial",
                         .message = fmt::format("{} is no serial", serial),
                         .remedy = fmt::format("give a number from 0 to {}", UINT32_MAX)}});
  }
  return make_change<ZoneSerial>(
      context, actor, options, [&](Change& change) -> Result<ZoneSerial> {
        TRY(const auto domain, find_or_fail(change.transaction(), name));
        TRY(check_match(options, domain.revision));
        ZoneSerial zone{.domain = domain.name, .serial = static_cast<std::uint32_t>(serial)};
        TRY(set_serial(change, zone.domain, zone.serial));
        change.finish("ZONE_SERIAL_SET", domain.name,
                      fmt::format("set the serial of {} to {}", domain.name, serial),
                      difference(nullptr, {{"serial", serial}}));
        return zone;
      });
}

Result<Changed<Domain>> delete_domain(Context& context, const Actor& actor, const std::string& name,
                                      const WriteOptions& options) {
  auto changed =
      make_change<Domain>(context, actor, options, [&](Change& change) -> Result<Domain> {
        TRY(auto domain, find_or_fail(change.transaction(), name));
        TRY(check_match(options, domain.revision));
        const auto users = store::count_users(change.transaction(), domain.name);
        const auto aliases = store::count_aliases(change.transaction(), domain.name);
        if (users + aliases > 0) {
          return fail(
              ErrorKind::conflict, "domain_in_use",
              fmt::format("{} still has {} users and {} aliases", domain.name, users, aliases),
              "delete them first, or disable the domain");
        }
        // no going back after this
        store::delete_domain(change.transaction(), domain.id);
        end_grants(change, domain.name);
        FeedRow gone = domain_row(domain);
        gone.deleted = true;
        change.put(ServiceName::mail, std::move(gone));
        remove_site(change, domain.name);
        remove_certificate(change, domain.name);
        remove_zone(change, domain.name);
        refresh_parent(change, domain.name);
        change.finish("DOMAIN_DELETED", domain.name, "delete domain " + domain.name,
                      difference(wire::to_json(domain), nullptr));
        return domain;
      });
  if (changed && !options.dry_run) {
    // Its administrators may do less now.
    context.known_logins.forget_everything();
  }
  return changed;
}

}  // namespace podplay::control
