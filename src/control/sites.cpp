// A name belongs to one site. A name that is itself a domain, or a host's name, is no alias of the
// domain above it.
#include "control/sites.hpp"

#include <array>

#include "store/domains.hpp"

namespace podplay::control {
namespace {

constexpr std::array kHosts{"www.", "mail.", "autoconfig.", "autodiscover."};

}  // namespace

void put_site(Change& change, const Domain& domain, const CertificateRef& certificate) {
  const bool is_host = domain.name == change.context().settings.text("PODPLAY_HOST_NAME");
  SiteRow site{.enabled = domain.enabled && !is_host, .aliases = {}, .certificate = certificate};
  for (const char* host : kHosts) {
    std::string name = host + domain.name;
    if (!is_own_name(change, name)) {
      site.aliases.push_back(std::move(name));
    }
  }
  change.put(ServiceName::apache, {.key = domain.name, .content = std::move(site)});
}

void remove_site(Change& change, const std::string& domain) {
  change.put(ServiceName::apache, {.key = domain, .deleted = true, .content = SiteRow{}});
}

bool is_own_name(Change& change, const std::string& name) {
  const Settings& settings = change.context().settings;
  return name == settings.text("PODPLAY_HOST_NAME") ||
         name == settings.text("PODPLAY_MAIL_SERVER_NAME") ||
         store::find_domain(change.transaction(), name).has_value();
}

std::optional<std::string> parent_of(const std::string& domain) {
  for (const std::string_view host : kHosts) {
    if (domain.starts_with(host)) {
      return domain.substr(host.size());
    }
  }
  return std::nullopt;
}

}  // namespace podplay::control
