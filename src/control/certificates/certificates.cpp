// Issues certificates with the pod's own authority, and renews them. A version is on disk before
// the row that names it is committed. Old versions stay: a release of a service may name them.
#include "control/certificates/certificates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "control/authority.hpp"
#include "control/certificates/versions.hpp"
#include "control/sites.hpp"
#include "store/certificates.hpp"
#include "store/domains.hpp"

namespace podplay::control {
namespace {

constexpr std::chrono::days kLeafLifetime{90};
// Most certificates of one revision, which is one lock of the store and one reload of a service.
constexpr std::int64_t kMostAtOnce = 500;

// The hosts' names. A client that asks for no other name gets the certificate of one of them.
std::vector<std::string> host_names(const Context& context) {
  std::vector<std::string> names{context.settings.text("PODPLAY_HOST_NAME")};
  const std::string& mail = context.settings.text("PODPLAY_MAIL_SERVER_NAME");
  if (mail != names.front()) {
    names.push_back(mail);
  }
  return names;
}

Certificate new_certificate(const std::string& name, std::vector<std::string> names, WallTime now) {
  return {.name = name, .names = std::move(names), .created = now, .updated = now};
}

// The rows that need a version: hosts and domains that have none, rows with other names than
// wanted, rows that are due, and rows whose files are gone.
std::vector<Certificate> find_wanting(Context& context, store::Session& session) {
  const WallTime now = context.clock.now();
  std::vector<Certificate> wanting;
  const auto look = [&](const std::string& name, std::vector<std::string> names) {
    const auto known = store::find_certificate(session, name);
    Certificate row = known ? *known : new_certificate(name, names, now);
    const bool fits = known && row.names == names && now < row.renew_at &&
                      context.versions.exists({name, row.version});
    if (!fits) {
      row.names = std::move(names);
      wanting.push_back(std::move(row));
    }
  };
  for (const std::string& host : host_names(context)) {
    look(host, {host});
  }
  for (const Domain& domain : store::all_domains(session)) {
    look(domain.name, certificate_names(domain.name));
  }
  return wanting;
}

// The names that mail clients use for a domain.
std::vector<std::string> names_for_mail(Change& change, const std::string& domain) {
  std::vector<std::string> names{domain};
  const std::string mail = "mail." + domain;
  if (!is_own_name(change, mail)) {
    names.push_back(mail);
  }
  return names;
}

// Signs a version with the pod's authority, writes it, and fills in the row's version, times and
// state. Does not touch the store.
Status issue_version(Context& context, Certificate& certificate, bool durable) {
  const WallTime now = context.clock.now();
  TRY(auto key, net::make_private_key());
  TRY(auto leaf, net::issue_certificate(context.authority.keys(), key, certificate.name,
                                        certificate.names, kLeafLifetime, now));
  TRY(const auto info, net::read_certificate(leaf));
  TRY(const auto written, context.versions.write(certificate.name,
                                                 {.leaf = std::move(leaf),
                                                  .chain = context.authority.certificate(),
                                                  .key = std::move(key)},
                                                 durable));
  certificate.version = written.version;
  certificate.state = CertificateState::valid;
  certificate.last_error.clear();
  certificate.not_before = info.not_before;
  certificate.not_after = info.not_after;
  certificate.renew_at = info.not_after - (info.not_after - info.not_before) / 3;
  context.certificate_log.info("issued a certificate",
                               {{"name", certificate.name},
                                {"issuer", certificate.issuer},
                                {"version", certificate.version.substr(0, 16)},
                                {"expires", to_rfc3339(certificate.not_after)}});
  return {};
}

// Removes a version that no committed row names.
void discard_version(Context& context, const Certificate& certificate) {
  const Status gone = context.versions.remove({certificate.name, certificate.version});
  if (!gone) {
    context.certificate_log.error("an unused version of a certificate cannot be removed",
                                  {{"name", certificate.name}, {"why", describe(gone.error())}});
  }
}

}  // namespace

std::vector<std::string> certificate_names(const std::string& domain) {
  std::vector<std::string> names{domain};
  for (const char* host : {"autoconfig", "autodiscover", "mail", "ns1", "www"}) {
    names.push_back(fmt::format("{}.{}", host, domain));
  }
  std::ranges::sort(names);
  return names;
}

Result<Certificate> certificate_for(Context& context, const std::string& domain, bool rehearsal,
                                    bool durable) {
  auto certificate = new_certificate(domain, certificate_names(domain), context.clock.now());
  if (rehearsal) {
    TRY(const auto host,
        get_certificate(context, context.settings.text("PODPLAY_MAIL_SERVER_NAME")));
    certificate.name = host.name;
    certificate.version = host.version;
    return certificate;
  }
  TRY(issue_version(context, certificate, durable));
  return certificate;
}

Status settle_versions(Context& context, std::span<const Certificate> certificates, bool made) {
  for (const Certificate& certificate : certificates) {
    if (made) {
      TRY(context.versions.use({certificate.name, certificate.version}));
    } else {
      discard_version(context, certificate);
    }
  }
  return {};
}

void put_certificate(Change& change, Certificate certificate) {
  certificate.updated = change.now();
  certificate.revision = change.revision();
  store::put_certificate(change.transaction(), certificate);
  const Settings& settings = change.context().settings;
  const bool web_host = certificate.name == settings.text("PODPLAY_HOST_NAME");
  const bool mail_host = certificate.name == settings.text("PODPLAY_MAIL_SERVER_NAME");
  if (web_host) {
    change.concern_files(ServiceName::apache);
  }
  if (mail_host) {
    change.concern_files(ServiceName::mail);
  }
  if (!mail_host) {
    change.put(ServiceName::mail,
               {.key = certificate.name,
                .content = CertificateRow{.version = certificate.version,
                                          .names = names_for_mail(change, certificate.name)}});
  }
  if (const auto domain = store::find_domain(change.transaction(), certificate.name)) {
    put_site(change, *domain, {certificate.name, certificate.version});
  }
}

void refresh_parent(Change& change, const std::string& domain) {
  const auto parent = parent_of(domain);
  if (!parent) {
    return;
  }
  if (const auto certificate = store::find_certificate(change.transaction(), *parent)) {
    put_certificate(change, *certificate);
  }
}

void remove_certificate(Change& change, const std::string& name) {
  store::delete_certificate(change.transaction(), name);
  change.put(ServiceName::mail, {.key = name, .deleted = true, .content = CertificateRow{}});
}

Result<bool> ensure_certificates(Context& context) {
  bool any = false;
  for (;;) {
    TRY(auto wanting, context.store.read_together<std::vector<Certificate>>(
                          [&](store::Session& session) { return find_wanting(context, session); }));
    if (wanting.empty()) {
      return any;
    }
    wanting.resize(std::min<std::size_t>(wanting.size(), kMostAtOnce));
    for (Certificate& certificate : wanting) {
      TRY(issue_version(context, certificate, false));
    }
    TRY(context.versions.flush());
    TRY(write_change(context, Actor::system(), {}, [&](Change& change) -> Status {
      for (const Certificate& certificate : wanting) {
        put_certificate(change, certificate);
      }
      change.finish("CERTIFICATES_ISSUED", fmt::format("{} certificates", wanting.size()),
                    fmt::format("issue {} certificates", wanting.size()));
      return {};
    }));
    TRY(settle_versions(context, wanting, true));
    any = true;
  }
}

Result<std::vector<Certificate>> list_certificates(Context& context, const std::string& after,
                                                   std::int64_t limit) {
  return context.store.read<std::vector<Certificate>>(
      [&](store::Session& session) { return store::list_certificates(session, after, limit); });
}

Result<Certificate> get_certificate(Context& context, const std::string& name) {
  TRY(auto found, context.store.read<std::optional<Certificate>>([&](store::Session& session) {
    return store::find_certificate(session, name);
  }));
  if (found) {
    return std::move(*found);
  }
  return fail(ErrorKind::not_found, "certificate_unknown",
              fmt::format("there is no certificate {}", name.substr(0, 253)),
              "podplay certificates list shows the certificates");
}

}  // namespace podplay::control
