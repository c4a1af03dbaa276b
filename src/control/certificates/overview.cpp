// How urgent a certificate is depends on the time, so a filter looks at each row; a page of them is
// one read of the store. A look at thousands of rows takes some milliseconds and reads no file.
#include "control/certificates/overview.hpp"

#include <fmt/format.h>

#include <array>
#include <functional>

#include "control/certificates/jobs.hpp"
#include "store/acme.hpp"
#include "store/certificates.hpp"
#include "store/jobs.hpp"

namespace podplay::control {
namespace {

// Rows of one read.
constexpr std::int64_t kPage = 500;

constexpr std::array kAlerts = {CertificateAlert::none, CertificateAlert::notice,
                                CertificateAlert::warning, CertificateAlert::error};

using Wanted = std::function<bool(const Certificate&)>;

// The first `limit` certificates after `after` that are wanted, with the jobs of their orders.
Result<std::vector<CertificateOverview>> list_wanted(Context& context, const std::string& after,
                                                     std::int64_t limit, const Wanted& wanted) {
  return context.store.read_together<std::vector<CertificateOverview>>(
      [&](store::Session& session) {
        std::vector<CertificateOverview> found;
        std::string last = after;
        for (bool more = true; more;) {
          const auto page = store::list_certificates(session, last, kPage);
          more = static_cast<std::int64_t>(page.size()) == kPage;
          for (const Certificate& certificate : page) {
            last = certificate.name;
            if (!wanted(certificate)) {
              continue;
            }
            found.push_back(overview_of(
                context, certificate, store::find_open_job(session, kOrderJob, certificate.name)));
            if (static_cast<std::int64_t>(found.size()) == limit) {
              return found;
            }
          }
        }
        return found;
      });
}

bool lets_through(const CertificateFilter& filter, const Certificate& certificate, WallTime now) {
  return (filter.issuer.empty() || filter.issuer == certificate.issuer) &&
         (!filter.state || filter.state == certificate.state) &&
         (!filter.alert || filter.alert == alert_of(certificate, now));
}

Status check_listed_issuer(Context& context, const std::string& issuer,
                           std::vector<Fault>& faults) {
  if (issuer.empty() || issuer == kInternalIssuer || issuer == kFileIssuer) {
    return {};
  }
  TRY(const auto account,
      context.store.read<std::optional<AcmeAccount>>(
          [&](store::Session& session) { return store::find_acme_account(session, issuer); }));
  if (!account) {
    faults.push_back(
        {.field = "issuer",
         .code = "unknown_issuer",
         .message = fmt::format("there is no issuer '{}'", issuer.substr(0, 40)),
         .remedy = "use internal, file, or an account that `podplay acme list` shows"});
  }
  return {};
}

std::optional<CertificateAlert> parse_alert(const std::string& text, std::vector<Fault>& faults) {
  if (text.empty()) {
    return std::nullopt;
  }
  for (const CertificateAlert alert : kAlerts) {
    if (to_text(alert) == text) {
      return alert;
    }
  }
  faults.push_back({.field = "alert",
                    .code = "unknown_alert",
                    .message = fmt::format("there is no alert '{}'", text.substr(0, 40)),
                    .remedy = "use one of: none, notice, warning, error"});
  return std::nullopt;
}

}  // namespace

CertificateOverview overview_of(Context& context, Certificate certificate,
                                const std::optional<Job>& job) {
  CertificateOverview overview{.certificate = std::move(certificate)};
  overview.alert = alert_of(overview.certificate, context.clock.now());
  overview.next_step = next_step(overview.certificate, job);
  return overview;
}

Result<CertificateFilter> parse_certificate_filter(Context& context, const std::string& issuer,
                                                   const std::string& state,
                                                   const std::string& alert) {
  CertificateFilter filter{.issuer = issuer};
  std::vector<Fault> faults;
  TRY(check_listed_issuer(context, issuer, faults));
  if (!state.empty()) {
    const auto parsed = parse_certificate_state(state);
    collect(faults, parsed);
    filter.state = parsed ? std::optional(*parsed) : std::nullopt;
  }
  filter.alert = parse_alert(alert, faults);
  TRY(no_faults(std::move(faults)));
  return filter;
}

Result<std::vector<CertificateOverview>> list_certificate_overviews(Context& context,
                                                                    const Actor& actor,
                                                                    const CertificateFilter& filter,
                                                                    const std::string& after,
                                                                    std::int64_t limit) {
  TRY(const auto domains, actor.domains_to_list(""));
  const WallTime now = context.clock.now();
  if (domains.all) {
    return list_wanted(context, after, limit, [&](const Certificate& certificate) {
      return lets_through(filter, certificate, now);
    });
  }
  return context.store.read_together<std::vector<CertificateOverview>>(
      [&](store::Session& session) {
        std::vector<CertificateOverview> found;
        for (const std::string& domain : domains.names) {
          const auto own = store::find_certificate(session, domain);
          if (own && domain > after && lets_through(filter, *own, now) &&
              found.size() < static_cast<std::size_t>(limit)) {
            found.push_back(
                overview_of(context, *own, store::find_open_job(session, kOrderJob, domain)));
          }
        }
        return found;
      });
}

Result<std::vector<CertificateOverview>> list_troubled_certificates(Context& context,
                                                                    std::int64_t limit) {
  const WallTime now = context.clock.now();
  return list_wanted(context, "", limit, [&](const Certificate& certificate) {
    const CertificateAlert alert = alert_of(certificate, now);
    return !certificate.last_error.empty() || alert == CertificateAlert::warning ||
           alert == CertificateAlert::error;
  });
}

}  // namespace podplay::control
