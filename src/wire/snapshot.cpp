// Each snapshot is one macro line. A missing member is an error: control plane and agents are built
// together. A release on disk that an older version wrote cannot be read then, and is made again.
#include "wire/snapshot.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "wire/feed.hpp"

namespace podplay {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ApacheSnapshot, host_name, admin_email, log_level, https_port,
                                   api_port, certificate, responder, stapling)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(BindSnapshot, host_name, log_level, forwarders, secondaries)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TokenKey, id, pem)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MailSnapshot, host_name, admin_email, log_level, outbound,
                                   relay_host, relay_tls, relay_login, message_size, certificate,
                                   token_issuer, token_keys)

namespace wire {
namespace {

Json body_of(const Snapshot& snapshot) {
  return std::visit([](const auto& body) { return Json(body); }, snapshot.body);
}

}  // namespace

Json to_json(const Snapshot& snapshot) {
  return {{"service", to_text(snapshot.service)},
          {"revision", snapshot.revision},
          {"body", body_of(snapshot)},
          {"agent_level", snapshot.agent_level},
          {"request", snapshot.request},
          {"generation", snapshot.generation}};
}

Result<Snapshot> snapshot_from_json(const Json& value) {
  try {
    TRY(const auto service, parse_service(value.at("service").get<std::string>()));
    Snapshot snapshot{
        .service = service, .revision = value.at("revision").get<Revision>(), .body = {}};
    snapshot.agent_level = text_or(value, "agent_level");
    snapshot.request = text_or(value, "request");
    snapshot.generation = text_or(value, "generation");
    const Json& body = value.at("body");
    if (service == ServiceName::apache) {
      snapshot.body = body.get<ApacheSnapshot>();
    }
    if (service == ServiceName::bind) {
      snapshot.body = body.get<BindSnapshot>();
    }
    if (service == ServiceName::mail) {
      snapshot.body = body.get<MailSnapshot>();
    }
    return snapshot;
  } catch (const Json::exception& error) {
    return fail(ErrorKind::invalid, "bad_snapshot",
                fmt::format("this is not a snapshot: {}", error.what()));
  }
}

std::string snapshot_hash(const Snapshot& snapshot) {
  return sha256_hex(body_of(snapshot).dump() + snapshot.agent_level);
}

}  // namespace wire
}  // namespace podplay
