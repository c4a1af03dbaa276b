// First what needs no question, then the authority, then the names. What an authority refuses
// anyway is not looked up.
#include "control/certificates/preflight.hpp"

#include <algorithm>

#include "control/certificates/authority_checks.hpp"
#include "control/certificates/name_checks.hpp"

namespace podplay::control {
namespace {

std::vector<Finding> findings_of(const Error& error) {
  std::vector<Fault> faults;
  collect(faults, error);
  std::vector<Finding> findings;
  for (Fault& fault : faults) {
    findings.push_back({.code = std::move(fault.code),
                        .fatal = true,
                        .message = std::move(fault.message),
                        .remedy = std::move(fault.remedy)});
  }
  return findings;
}

void append(std::vector<Finding>& all, std::vector<Finding> more) {
  std::ranges::move(more, std::back_inserter(all));
}

bool is_fatal(const Finding& finding) { return finding.fatal; }

}  // namespace

std::vector<Finding> preflight(Context& context, const Certificate& certificate,
                               const AcmeAccount& account) {
  const SteadyTime begun = context.clock.steady();
  const auto identifiers = acme::parse_identifiers(certificate.names);
  if (!identifiers) {
    return findings_of(identifiers.error());
  }
  auto findings = check_policy(account, certificate.wishes, *identifiers);
  if (std::ranges::none_of(findings, is_fatal)) {
    AuthorityView authority = check_authority(context, account, certificate.wishes);
    append(findings, std::move(authority.findings));
    NameChecks names(context, certificate, account,
                     {.caa_identities = std::move(authority.caa_identities)});
    append(findings, names.look_at(*identifiers));
  }
  context.certificate_log.info(
      "looked before ordering",
      {{"name", certificate.name},
       {"account", account.name},
       {"findings", findings.size()},
       {"fatal", std::ranges::count_if(findings, is_fatal)},
       {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(context.clock.steady() - begun)
                  .count()}});
  return findings;
}

}  // namespace podplay::control
