// Web sites that are not shown, and the API behind Apache.
#include <fmt/format.h>

#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/failing.hpp"

namespace podplay::control {
namespace {

constexpr std::string_view kSiteFollows[] = {"service-not-ready"};
constexpr std::string_view kProxyFollows[] = {"service-not-ready"};

std::optional<Shown> site_faults(const AgentEvidence& agent, bool missing) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& fault : list_of(agent.section("sites"), "faults")) {
    if (flag_of(fault, "missing") == missing) {
      names.push_back(text_of(fault, "domain"));
      shown.shown.push_back(text_of(fault, "words"));
    }
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

// Sites that Apache did not take; those with a certificate to blame are told apart.
std::optional<Shown> sites_set_aside(const AgentEvidence& agent, bool by_certificate) {
  return rows_refused(agent, [by_certificate](const SetAsideRow& row) {
    const bool certificate = row.message.find("certificate") != std::string::npos ||
                             row.message.find(".pem") != std::string::npos;
    return row.kind == RowKind::site && certificate == by_certificate;
  });
}

// Apache answers, but not with what podplayd would have said.
std::optional<Shown> proxy_failing(const Evidence& evidence) {
  const EvidenceJson& proxy = evidence.fact("proxy");
  const std::string line = text_of(proxy, "line");
  if (!flag_of(proxy, "asked")) {
    return std::nullopt;
  }
  for (const char* status : {" 502", " 503", " 504", " 500", " 403"}) {
    if (line.find(status) != std::string::npos) {
      return Shown{.shown = {fmt::format("Apache answers '{}' for /ca.pem, which the control plane "
                                         "gives",
                                         line)},
                   .follows = {"the API and the pages of accounts cannot be reached by HTTPS"}};
    }
  }
  return std::nullopt;
}

std::optional<Shown> host_is_domain(const Evidence& evidence) {
  const EvidenceJson& host = evidence.fact("control_host");
  if (!flag_of(host, "is_domain")) {
    return std::nullopt;
  }
  const std::string name = text_of(host, "name");
  return Shown{.subject = name,
               .shown = {fmt::format("PODPLAY_HOST_NAME={} is also a domain; the control host has "
                                     "no pages that users write, so the domain's are not shown",
                                     name)}};
}

constexpr Cause kWebRows[] = {
    {.id = "site-refused",
     .service = "apache",
     .title = "Apache refuses the site {}",
     .remedy = "read its words below; take back the template override of site.conf, if there is "
               "one",
     .runbook = "docs/runbooks/web.md#site-refused",
     .rank = 43,
     .explains = kSiteFollows,
     .agent = [](const Evidence&, const AgentEvidence& a) { return sites_set_aside(a, false); }},
    {.id = "site-certificate",
     .service = "apache",
     .title = "Apache has no certificate for the site {}",
     .remedy = "run `podplay certificates show {}`; then `podplay certificates order {}`",
     .runbook = "docs/runbooks/web.md#site-certificate",
     .rank = 45,
     .explains = kSiteFollows,
     .agent = [](const Evidence&, const AgentEvidence& a) { return sites_set_aside(a, true); }},
    {.id = "api-proxy-failing",
     .service = "apache",
     .title = "Apache does not reach the control plane",
     .remedy = "run `podplay logs apache --level ERROR`; then `podplay system restart apache`",
     .runbook = "docs/runbooks/web.md#api-proxy-failing",
     .rank = 46,
     .explains = kProxyFollows,
     .pod = proxy_failing},
    {.id = "site-folder-missing",
     .service = "apache",
     .title = "the folder of the site {} is missing",
     .remedy = "make the folder that is named below again, or restore it from a backup; a new "
               "empty one comes with `podplay system restart apache`",
     .runbook = "docs/runbooks/web.md#site-folder-missing",
     .rank = 60,
     .agent = [](const Evidence&, const AgentEvidence& a) { return site_faults(a, true); }},
    {.id = "site-unreadable",
     .service = "apache",
     .title = "Apache may not read files of the site {}",
     .remedy = "let everybody read the file that is named below (chmod a+r; folders a+rx)",
     .runbook = "docs/runbooks/web.md#site-unreadable",
     .rank = 61,
     .agent = [](const Evidence&, const AgentEvidence& a) { return site_faults(a, false); }},
    {.id = "site-of-control-host",
     .service = "apache",
     .title = "the domain {} has no web site, since the control host has its name",
     .remedy = "name the control host differently (PODPLAY_HOST_NAME), then `podplay up`",
     .runbook = "docs/runbooks/web.md#site-of-control-host",
     .rank = 62,
     .pod = host_is_domain},
};

}  // namespace

const std::span<const Cause> kWebCauses = kWebRows;

}  // namespace podplay::control
