// Makes the snapshot of a service from the settings, the store, and the files of a certificate's
// version, which never change. It only reads and computes: nothing is issued, made or repaired on
// the way, and the time is not looked at, so the same store gives the same snapshot.
#include <fmt/format.h>

#include "control/change.hpp"
#include "control/dns.hpp"
#include "control/identity/token_key.hpp"
#include "control/watch/log_levels.hpp"
#include "net/x509.hpp"
#include "store/certificates.hpp"
#include "store/history.hpp"

namespace podplay::control {
namespace {

Result<CertificateRef> certificate_of(store::Session& session, const std::string& host) {
  const auto certificate = store::find_certificate(session, host);
  if (certificate && !certificate->version.empty()) {
    return CertificateRef{host, certificate->version};
  }
  return fail(ErrorKind::unavailable, "no_certificate",
              fmt::format("the host {} has no certificate yet", host),
              "the control plane issues it when it starts: look at its log");
}

// False, too, when the version's files are gone: then a new one is about to be issued.
bool names_responder(Context& context, const CertificateRef& certificate) {
  const auto leaf =
      context.files.read(fmt::format("{}/{}/versions/{}/cert.pem", context.paths.certificates,
                                     certificate.name, certificate.version));
  if (!leaf) {
    return false;
  }
  const auto info = net::read_certificate(*leaf);
  return info && !info->responders.empty();
}

// Apache asks the responder itself. PODPLAY_MAIL_OUTBOUND says whether a lab sends anything out.
bool may_ask_responders(const Settings& settings) {
  return settings.text("PODPLAY_PROFILE") == "server" ||
         settings.text("PODPLAY_MAIL_OUTBOUND") != "none";
}

// Also one that an administrator changed for a while.
std::string level_text(Context& context, store::Session& session, std::string_view component) {
  return std::string(level_name(stored_level(context.settings, session, component)));
}

Result<ApacheSnapshot> apache_snapshot(Context& context, store::Session& session) {
  const Settings& settings = context.settings;
  const std::string& host = settings.text("PODPLAY_HOST_NAME");
  TRY(auto certificate, certificate_of(session, host));
  const bool responder = names_responder(context, certificate);
  return ApacheSnapshot{.host_name = host,
                        .admin_email = settings.text("PODPLAY_ADMIN_EMAIL"),
                        .log_level = level_text(context, session, "web"),
                        .https_port = static_cast<int>(settings.integer("PODPLAY_HOST_HTTPS_PORT")),
                        .certificate = std::move(certificate),
                        .responder = responder,
                        .stapling = may_ask_responders(settings)};
}

BindSnapshot bind_snapshot(Context& context, store::Session& session) {
  const Settings& settings = context.settings;
  BindSnapshot snapshot{.host_name = settings.text("PODPLAY_HOST_NAME"),
                        .log_level = level_text(context, session, "dns"),
                        .forwarders = settings.list("PODPLAY_DNS_FORWARDERS"),
                        .secondaries = {}};
  for (const std::string& one : settings.list("PODPLAY_DNS_SECONDARIES")) {
    snapshot.secondaries.push_back(parse_secondary(one).address);
  }
  return snapshot;
}

Result<MailSnapshot> mail_snapshot(Context& context, store::Session& session) {
  const Settings& settings = context.settings;
  const std::string& host = settings.text("PODPLAY_MAIL_SERVER_NAME");
  TRY(auto certificate, certificate_of(session, host));
  return MailSnapshot{.host_name = host,
                      .admin_email = settings.text("PODPLAY_ADMIN_EMAIL"),
                      .log_level = level_text(context, session, "mail"),
                      .outbound = settings.text("PODPLAY_MAIL_OUTBOUND"),
                      .relay_host = settings.text("PODPLAY_MAIL_RELAY"),
                      .relay_tls = settings.text("PODPLAY_MAIL_RELAY_TLS"),
                      .relay_login = !settings.text("PODPLAY_MAIL_RELAY_USER").empty(),
                      .message_size = settings.integer("PODPLAY_MAIL_MESSAGE_SIZE"),
                      .certificate = std::move(certificate),
                      .token_issuer = token_issuer(settings),
                      .token_keys = token_keys(context)};
}

}  // namespace

Result<Snapshot> make_snapshot(Context& context, store::Session& session, ServiceName service,
                               Revision revision) {
  Snapshot snapshot{.service = service,
                    .revision = revision,
                    .body = {},
                    .agent_level = level_text(context, session, "agent"),
                    .generation = store::find_generation(session)};
  switch (service) {
    case ServiceName::apache: {
      TRY(auto body, apache_snapshot(context, session));
      snapshot.body = std::move(body);
      break;
    }
    case ServiceName::bind: snapshot.body = bind_snapshot(context, session); break;
    case ServiceName::mail: {
      TRY(auto body, mail_snapshot(context, session));
      snapshot.body = std::move(body);
      break;
    }
  }
  return snapshot;
}

}  // namespace podplay::control
