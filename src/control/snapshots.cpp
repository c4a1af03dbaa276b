// What each service must look like: from settings, domains and certificates.
#include <algorithm>

#include "control/certificates.hpp"
#include "control/change.hpp"
#include "control/dns.hpp"
#include "store/domains.hpp"
#include "store/revisions.hpp"

namespace podplay::control {
namespace {

// The certificate of a name that is no domain of ours: the web host, the mail server.
Result<CertificateRef> host_certificate(Context& context, const std::string& host,
                                        const std::vector<Domain>& domains) {
  const bool is_domain =
      std::ranges::any_of(domains, [&](const Domain& domain) { return domain.name == host; });
  return context.certificates.ensure(
      host, is_domain || host == context.settings.text("PODPLAY_DOMAIN") ? certificate_names(host)
                                                                         : std::vector{host});
}

// The names that a domain's site answers to besides its own: not those that are domains themselves.
std::vector<std::string> names_below(const std::string& domain,
                                     const std::vector<Domain>& domains) {
  std::vector<std::string> names;
  for (const char* host : {"www.", "mail.", "autoconfig.", "autodiscover."}) {
    std::string name = host + domain;
    if (std::ranges::find(domains, name, &Domain::name) == domains.end()) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

ApacheSnapshot apache_snapshot(Context& context, const std::vector<Domain>& domains,
                               Status& problem) {
  const Settings& settings = context.settings;
  ApacheSnapshot snapshot;
  snapshot.host_name = settings.text("PODPLAY_HOST_NAME");
  snapshot.admin_email = settings.text("PODPLAY_ADMIN_EMAIL");
  snapshot.log_level = settings.text("PODPLAY_WEB_LOG_LEVEL");
  snapshot.https_port = static_cast<int>(settings.integer("PODPLAY_HOST_HTTPS_PORT"));
  const auto certificate = host_certificate(context, snapshot.host_name, domains);
  if (!certificate) {
    problem = std::unexpected(certificate.error());
  } else {
    snapshot.certificate = *certificate;
  }
  for (const Domain& domain : domains) {
    if (!domain.enabled) {
      continue;
    }
    const auto own = context.certificates.ensure(domain.name, certificate_names(domain.name));
    if (!own) {
      problem = std::unexpected(own.error());
    } else {
      snapshot.sites.push_back({domain.name, names_below(domain.name, domains), *own});
    }
  }
  return snapshot;
}

BindSnapshot bind_snapshot(Context& context, const std::vector<Domain>& domains, Revision newest) {
  const Settings& settings = context.settings;
  BindSnapshot snapshot;
  snapshot.host_name = settings.text("PODPLAY_HOST_NAME");
  snapshot.log_level = settings.text("PODPLAY_DNS_LOG_LEVEL");
  snapshot.forwarders = settings.list("PODPLAY_DNS_FORWARDERS");
  snapshot.secondaries = settings.list("PODPLAY_DNS_SECONDARIES");
  ZoneFacts facts{settings.text("PODPLAY_MAIL_SERVER_NAME"), settings.text("PODPLAY_ADMIN_EMAIL"),
                  settings.text("PODPLAY_PUBLIC_IPV4"), settings.text("PODPLAY_PUBLIC_IPV6"), 1};
  // A zone changes with its domain or with the settings, whose adoption touches every domain's
  // revision.
  for (const Domain& domain : domains) {
    if (!domain.enabled) {
      continue;
    }
    facts.serial = static_cast<std::uint32_t>(domain.revision);
    snapshot.zones.push_back(make_zone(domain.name, facts));
  }
  // not the newest domain's: that one may be deleted
  facts.serial = static_cast<std::uint32_t>(std::max<Revision>(newest, 1));
  for (Zone& zone : make_reverse_zones(facts)) {
    snapshot.zones.push_back(std::move(zone));
  }
  std::ranges::sort(snapshot.zones, {}, &Zone::name);
  return snapshot;
}

MailSnapshot mail_snapshot(Context& context, const std::vector<Domain>& domains, Status& problem) {
  const Settings& settings = context.settings;
  MailSnapshot snapshot;
  snapshot.host_name = settings.text("PODPLAY_MAIL_SERVER_NAME");
  snapshot.admin_email = settings.text("PODPLAY_ADMIN_EMAIL");
  snapshot.log_level = settings.text("PODPLAY_MAIL_LOG_LEVEL");
  snapshot.outbound = settings.text("PODPLAY_MAIL_OUTBOUND");
  snapshot.relay_host = settings.text("PODPLAY_MAIL_RELAY");
  snapshot.message_size = settings.integer("PODPLAY_MAIL_MESSAGE_SIZE");
  const auto certificate = host_certificate(context, snapshot.host_name, domains);
  if (!certificate) {
    problem = std::unexpected(certificate.error());
  } else {
    snapshot.certificate = *certificate;
  }
  for (const Domain& domain : domains) {
    if (!domain.enabled) {
      continue;
    }
    const auto own = context.certificates.ensure(domain.name, certificate_names(domain.name));
    if (!own) {
      problem = std::unexpected(own.error());
    } else {
      snapshot.domains.push_back({domain.name, *own});
    }
  }
  return snapshot;
}

}  // namespace

Snapshot make_snapshot(Context& context, store::Session& session, ServiceName service,
                       Revision revision, Status& problem) {
  const std::vector<Domain> domains = store::all_domains(session);
  Snapshot snapshot{service, revision, {}};
  if (service == ServiceName::apache) {
    snapshot.body = apache_snapshot(context, domains, problem);
  }
  if (service == ServiceName::bind) {
    snapshot.body = bind_snapshot(context, domains, store::newest_revision(session, service));
  }
  if (service == ServiceName::mail) {
    snapshot.body = mail_snapshot(context, domains, problem);
  }
  return snapshot;
}

}  // namespace podplay::control
