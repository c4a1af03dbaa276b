// Names the ports as clients see them, so a port that is published under another number works.
#include "control/mail/client_settings.hpp"

#include <fmt/format.h>

#include "control/sites.hpp"
#include "model/names.hpp"
#include "store/domains.hpp"

namespace podplay::control {

Result<wire::ClientSettings> client_settings(Context& context, const std::string& host) {
  TRY(const auto name, DomainName::parse(host, "host"));
  TRY(const auto domain, context.store.read<std::optional<Domain>>([&](store::Session& session) {
    auto found = store::find_domain(session, name.text());
    if (const auto parent = parent_of(name.text()); !found && parent) {
      found = store::find_domain(session, *parent);
    }
    return found;
  }));
  if (!domain || !domain->enabled) {
    return fail(ErrorKind::not_found, "domain_unknown",
                fmt::format("{} is no domain of this server", name.text()),
                "ask with the domain of the e-mail address");
  }
  const Settings& settings = context.settings;
  return wire::ClientSettings{
      .domain = domain->name,
      .server = settings.text("PODPLAY_MAIL_SERVER_NAME"),
      .imap_tls = settings.integer("PODPLAY_HOST_IMAPS_PORT"),
      .imap_starttls = settings.integer("PODPLAY_HOST_IMAP_PORT"),
      .pop3_tls = settings.integer("PODPLAY_HOST_POP3S_PORT"),
      .pop3_starttls = settings.integer("PODPLAY_HOST_POP3_PORT"),
      .smtp_tls = settings.integer("PODPLAY_HOST_SMTPS_PORT"),
      .smtp_starttls = settings.integer("PODPLAY_HOST_SUBMISSION_PORT"),
      .sieve = settings.integer("PODPLAY_HOST_SIEVE_PORT"),
  };
}

}  // namespace podplay::control
