// Domains: each concerns web, DNS and mail.
#include "control/domains.hpp"

#include <fmt/format.h>

#include "control/certificates.hpp"
#include "model/names.hpp"
#include "store/aliases.hpp"
#include "store/domains.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

WriteOptions asking_first(WriteOptions options) {
  options.ask_first = true;
  return options;
}

void concern_all(Change& change) {
  for (const ServiceName service : kServices) {
    change.concerns(service, true);
  }
}

DirectoryRow domain_row(const Domain& domain, bool deleted) {
  DirectoryRow row;
  row.kind = DirectoryKind::domain;
  row.key = domain.name;
  row.enabled = domain.enabled;
  row.deleted = deleted;
  return row;
}

std::unexpected<Error> no_domain(const std::string& name) {
  return fail(ErrorKind::not_found, "domain_unknown",
              fmt::format("there is no domain {}", name.substr(0, 253)),
              "podplay domains list shows the domains");
}

Result<Domain> find_or_fail(store::Session& session, const std::string& name) {
  const auto parsed = DomainName::parse(name, "name");
  auto domain = parsed ? store::find_domain(session, parsed->text()) : std::nullopt;
  if (domain) {
    return std::move(*domain);
  }
  return no_domain(name);
}

}  // namespace

Result<Domain> add_domain(Context& context, Change& change, const std::string& text, bool enabled) {
  TRY(const auto name, DomainName::parse(text, "name"));
  if (store::find_domain(change.transaction(), name.text())) {
    return fail(ErrorKind::conflict, "domain_exists",
                fmt::format("the domain {} exists already", name.text()));
  }
  if (name.text() == context.settings.text("PODPLAY_MAIL_SERVER_NAME")) {
    return fail_faults(
        {{"name", "server_name_is_domain",
          fmt::format("{} is the mail server's own name", name.text()),
          "name the server differently (PODPLAY_MAIL_SERVER_NAME), or use another domain"}});
  }
  TRY(context.certificates.ensure(name.text(), certificate_names(name.text())));
  Domain domain{change.transaction().next("id"),
                name.text(),
                enabled,
                change.now(),
                change.now(),
                change.revision()};
  store::insert_domain(change.transaction(), domain);
  concern_all(change);
  change.put(domain_row(domain, false));
  return domain;
}

void ensure_web_root(Context& context, const std::string& domain) {
  const std::string path = fmt::format("{}/www/{}", context.paths.user_data, domain);
  if (const Status made = context.files.make_dirs(path, 0755); !made) {
    context.log.error("a domain's web root cannot be made",
                      {{"domain", domain}, {"why", describe(made.error())}});
  }
}

Status ensure_web_roots(Context& context) {
  const auto domains = context.store.read<std::vector<Domain>>(
      [](store::Session& session) { return store::all_domains(session); });
  if (!domains) {
    return std::unexpected(domains.error());
  }
  for (const Domain& domain : *domains) {
    ensure_web_root(context, domain.name);
  }
  ensure_web_root(context, context.settings.text("PODPLAY_HOST_NAME"));
  return {};
}

Result<Changed<Domain>> create_domain(Context& context, const Actor& actor, const std::string& text,
                                      bool enabled, const WriteOptions& options) {
  TRY(const auto name, DomainName::parse(text, "name"));
  const bool had_certificate = context.certificates.exists(name.text());
  auto changed = make_change<Domain>(
      context, actor, asking_first(options), [&](Change& change) -> Result<Domain> {
        auto domain = add_domain(context, change, name.text(), enabled);
        if (domain) {
          change.finish("DOMAIN_CREATED", domain->name, "create domain " + domain->name);
        }
        return domain;
      });
  if (changed && !options.dry_run) {
    ensure_web_root(context, name.text());
  }
  if ((changed && !options.dry_run) || had_certificate) {
    return changed;
  }
  // Made only for the checkers to see; under the writers' lock, since somebody may have added the
  // domain meanwhile.
  const auto removed =
      context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
        if (store::find_domain(transaction, name.text())) {
          return false;
        }
        TRY(context.certificates.remove(name.text()));
        return true;
      });
  if (!removed) {
    context.log.error("the certificate of a candidate cannot be removed",
                      {{"domain", name.text()}, {"why", describe(removed.error())}});
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
    TRY(auto own, get_domain(context, actor, actor.domain()));
    return own.id > after ? std::vector{std::move(own)} : std::vector<Domain>{};
  }
  return context.store.read<std::vector<Domain>>(
      [&](store::Session& session) { return store::list_domains(session, after, limit); });
}

Result<Changed<Domain>> update_domain(Context& context, const Actor& actor, const std::string& name,
                                      bool enabled, const WriteOptions& options) {
  return make_change<Domain>(
      context, actor, asking_first(options), [&](Change& change) -> Result<Domain> {
        TRY(auto domain, find_or_fail(change.transaction(), name));
        TRY(check_match(options, domain.revision));
        // no going back after this
        domain.enabled = enabled;
        domain.updated = change.now();
        domain.revision = change.revision();
        store::update_domain(change.transaction(), domain);
        concern_all(change);
        change.put(domain_row(domain, false));
        change.finish("DOMAIN_UPDATED", domain.name, "update domain " + domain.name);
        return domain;
      });
}

Result<Changed<Domain>> delete_domain(Context& context, const Actor& actor, const std::string& name,
                                      const WriteOptions& options) {
  return make_change<Domain>(
      context, actor, asking_first(options), [&](Change& change) -> Result<Domain> {
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
        concern_all(change);
        change.put(domain_row(domain, true));
        change.finish("DOMAIN_DELETED", domain.name, "delete domain " + domain.name);
        return domain;
      });
}

}  // namespace podplay::control
