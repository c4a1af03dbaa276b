// Issues certificates with the pod's own authority, and renews them. A version is on disk before
// the row that names it is committed. Old versions stay: a release of a service may name them.
#include "control/certificates/certificates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "acme/directory.hpp"
#include "acme/identifier.hpp"
#include "control/authority.hpp"
#include "control/certificates/accounts.hpp"
#include "control/certificates/jobs.hpp"
#include "control/certificates/order_run.hpp"
#include "control/certificates/renewal.hpp"
#include "control/certificates/versions.hpp"
#include "control/jobs/jobs.hpp"
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

Certificate new_certificate(const Context& context, const std::string& name,
                            std::vector<std::string> names) {
  const WallTime now = context.clock.now();
  return {.name = name,
          .names = std::move(names),
          .issuer = context.settings.text("PODPLAY_CERTIFICATE_ISSUER"),
          .created = now,
          .updated = now};
}

bool is_ordered(const Certificate& certificate) {
  return certificate.issuer != kInternalIssuer && certificate.issuer != kFileIssuer;
}

struct Wanting {
  // The pod's authority issues these now.
  std::vector<Certificate> issue;
  // Their names follow from the domain and are others now: another program wrote the row.
  std::vector<Certificate> order;
};

// What is missing: hosts and domains without a row, rows whose files are gone, rows with other
// names than wanted, and rows that are due.
Wanting find_wanting(Context& context, store::Session& session) {
  const WallTime now = context.clock.now();
  Wanting wanting;
  const auto look = [&](const std::string& name, std::vector<std::string> names) {
    const auto known = store::find_certificate(session, name);
    Certificate row = known ? *known : new_certificate(context, name, names);
    if (!row.names_chosen) {
      row.names = std::move(names);
    }
    if (!known || !context.versions.exists({name, row.version}) ||
        (row.issuer == kInternalIssuer && is_due(row, now))) {
      wanting.issue.push_back(std::move(row));
    } else if (is_ordered(row) && row.names != known->names) {
      wanting.order.push_back(std::move(row));
    }
  };
  for (const std::string& host : host_names(context)) {
    // The certificate of a domain has the domain's own name, too.
    if (!store::find_domain(session, host)) {
      look(host, {host});
    }
  }
  for (const Domain& domain : store::all_domains(session)) {
    look(domain.name, certificate_names(domain.name));
  }
  return wanting;
}

// RFC 6125 section 6.4.3: a wildcard stands for one label.
bool covers(const std::vector<std::string>& names, const std::string& name) {
  const std::size_t dot = name.find('.');
  const std::string wildcard = dot == name.npos ? "" : "*" + name.substr(dot);
  return std::ranges::find(names, name) != names.end() ||
         std::ranges::find(names, wildcard) != names.end();
}

// The names for which mail presents a certificate: of a domain, those that mail clients use for it;
// of a further certificate, all that are no addresses.
std::vector<std::string> names_for_mail(Change& change, const Certificate& certificate) {
  std::vector<std::string> names;
  if (!store::find_domain(change.transaction(), certificate.name)) {
    std::ranges::copy_if(certificate.version_names, std::back_inserter(names),
                         [](const std::string& name) {
                           const auto identifier = acme::Identifier::parse(name);
                           return identifier && !identifier->ip();
                         });
    return names;
  }
  names.push_back(certificate.name);
  const std::string mail = "mail." + certificate.name;
  if (!is_own_name(change, mail) && covers(certificate.version_names, mail)) {
    names.push_back(mail);
  }
  const std::string wildcard = "*." + certificate.name;
  if (std::ranges::find(certificate.version_names, wildcard) != certificate.version_names.end()) {
    names.push_back(wildcard);
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
  certificate.version_issuer = kInternalIssuer;
  certificate.version_names = certificate.names;
  // While an authority has not signed yet, this one stands in.
  const bool wanted = certificate.issuer == kInternalIssuer;
  certificate.state = wanted ? CertificateState::valid : CertificateState::wanted;
  certificate.last_error.clear();
  certificate.ask_at = {};
  certificate.not_before = info.not_before;
  certificate.not_after = info.not_after;
  certificate.renew_at = spread_renewal_time(info.not_before, info.not_after, random_share());
  context.certificate_log.info("issued a certificate",
                               {{"name", certificate.name},
                                {"issuer", certificate.version_issuer},
                                {"version", certificate.version.substr(0, 16)},
                                {"expires", to_rfc3339(certificate.not_after)}});
  return {};
}

// Signs versions for `issue` and puts them in use, and stores the rows of `order`, as one change.
Status put_issued(Context& context, std::vector<Certificate>& issue,
                  const std::vector<Certificate>& order) {
  for (Certificate& certificate : issue) {
    TRY(issue_version(context, certificate, false));
  }
  TRY(context.versions.flush());
  TRY(write_change(context, Actor::system(), {}, [&](Change& change) -> Status {
    for (const Certificate& certificate : issue) {
      put_certificate(change, certificate);
    }
    for (const Certificate& certificate : order) {
      put_certificate(change, certificate);
    }
    const std::string what = fmt::format("{} certificates", issue.size() + order.size());
    change.finish("CERTIFICATES_ISSUED", what, "issue or order " + what);
    return {};
  }));
  return settle_versions(context, issue, true);
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
  auto certificate = new_certificate(context, domain, certificate_names(domain));
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

void discard_versions(Context& context, std::span<const Certificate> certificates) {
  for (const Certificate& certificate : certificates) {
    const Status gone = context.versions.remove({certificate.name, certificate.version});
    if (!gone) {
      context.certificate_log.error("an unused version of a certificate cannot be removed",
                                    {{"name", certificate.name}, {"why", describe(gone.error())}});
    }
  }
}

Status settle_versions(Context& context, std::span<const Certificate> certificates, bool made) {
  if (!made) {
    discard_versions(context, certificates);
  } else {
    for (const Certificate& certificate : certificates) {
      TRY(context.versions.use({certificate.name, certificate.version}));
    }
  }
  // Orders that the change added.
  context.jobs.wake();
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
                                          .names = names_for_mail(change, certificate)}});
  }
  if (const auto domain = store::find_domain(change.transaction(), certificate.name)) {
    put_site(change, *domain, {certificate.name, certificate.version});
  }
  if (is_ordered(certificate) && is_due(certificate, change.now())) {
    add_job(change.context(), change.transaction(),
            {.kind = kOrderJob, .subject = certificate.name, .due = {}, .request_id = {}});
  }
}

void refresh_site(Change& change, const std::string& name) {
  const auto certificate = store::find_certificate(change.transaction(), name);
  if (certificate && store::find_domain(change.transaction(), name)) {
    put_certificate(change, *certificate);
  }
}

void refresh_parent(Change& change, const std::string& domain) {
  if (const auto parent = parent_of(domain)) {
    refresh_site(change, *parent);
  }
}

void remove_certificate(Change& change, const std::string& name) {
  // A host that has the domain's name goes on with the certificate.
  const auto hosts = host_names(change.context());
  if (std::ranges::find(hosts, name) == hosts.end()) {
    store::delete_certificate(change.transaction(), name);
  }
  change.put(ServiceName::mail, {.key = name, .deleted = true, .content = CertificateRow{}});
}

bool belongs_to_pod(Context& context, store::Session& session, const std::string& name) {
  const auto hosts = host_names(context);
  return std::ranges::find(hosts, name) != hosts.end() ||
         store::find_domain(session, name).has_value();
}

Result<bool> ensure_certificates(Context& context) {
  bool any = false;
  for (;;) {
    TRY(auto wanting, context.store.read_together<Wanting>(
                          [&](store::Session& session) { return find_wanting(context, session); }));
    if (wanting.issue.empty() && wanting.order.empty()) {
      context.jobs.wake();
      return any;
    }
    wanting.issue.resize(std::min<std::size_t>(wanting.issue.size(), kMostAtOnce));
    TRY(put_issued(context, wanting.issue, wanting.order));
    any = any || !wanting.issue.empty();
  }
}

Result<Renewed> renew_due_certificates(Context& context) {
  Renewed renewed;
  const WallTime now = context.clock.now();
  TRY(auto due, context.store.read<std::vector<Certificate>>([&](store::Session& session) {
    return store::list_due_certificates(session, now);
  }));
  std::vector<Certificate> internal;
  for (Certificate& certificate : due) {
    if (is_ordered(certificate)) {
      TRY(start_job(context,
                    {.kind = kOrderJob, .subject = certificate.name, .due = {}, .request_id = {}}));
      ++renewed.ordered;
    } else if (certificate.issuer == kInternalIssuer) {
      internal.push_back(std::move(certificate));
    }
  }
  while (!internal.empty()) {
    const auto some = std::min<std::ptrdiff_t>(std::ssize(internal), kMostAtOnce);
    std::vector<Certificate> part(std::make_move_iterator(internal.end() - some),
                                  std::make_move_iterator(internal.end()));
    internal.resize(internal.size() - part.size());
    TRY(put_issued(context, part, {}));
    renewed.issued += static_cast<int>(part.size());
  }
  return renewed;
}

Result<Certificate> issue_now(Context& context, const Actor& actor, Certificate certificate,
                              const std::string& event, const Difference& changed_members) {
  TRY(issue_version(context, certificate, true));
  const auto changed = write_change(context, actor, {}, [&](Change& change) -> Status {
    put_certificate(change, certificate);
    certificate.revision = change.revision();
    change.finish(event, certificate.name, "issue a certificate for " + certificate.name,
                  changed_members);
    return {};
  });
  TRY(settle_versions(context, {&certificate, 1}, changed.has_value()));
  if (!changed) {
    return std::unexpected(changed.error());
  }
  return certificate;
}

Status make_configured_account(Context& context) {
  const std::string& name = context.settings.text("PODPLAY_CERTIFICATE_ISSUER");
  const std::string& terms = context.settings.text("PODPLAY_CERTIFICATE_TERMS");
  if (name == kInternalIssuer || terms.empty() || !acme::directory_url(name)) {
    return {};
  }
  const auto known = get_acme_account(context, name);
  if (known && known->state != AcmeAccountState::wanted) {
    return {};
  }
  TRY(create_acme_account(context, Actor::system(),
                          {.directory = name,
                           .contact = {context.settings.text("PODPLAY_ADMIN_EMAIL")},
                           .terms = terms}));
  return {};
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
