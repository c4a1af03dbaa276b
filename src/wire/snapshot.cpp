// Each snapshot struct to JSON and back. A member that is missing is an error: both sides are of
// one version. A release on disk may be of an older one: a member that is added later is read with
// a default.
#include "wire/snapshot.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"

namespace podplay {

// Found by argument-dependent look-up of nlohmann::json.
static void to_json(wire::Json& j, const CertificateRef& c) {
  j = {{"name", c.name}, {"fingerprint", c.fingerprint}};
}
static void from_json(const wire::Json& j, CertificateRef& c) {
  j.at("name").get_to(c.name);
  j.at("fingerprint").get_to(c.fingerprint);
}

static void to_json(wire::Json& j, const ApacheSite& s) {
  j = {{"name", s.name}, {"aliases", s.aliases}, {"certificate", s.certificate}};
}
static void from_json(const wire::Json& j, ApacheSite& s) {
  j.at("name").get_to(s.name);
  j.at("aliases").get_to(s.aliases);
  j.at("certificate").get_to(s.certificate);
}

static void to_json(wire::Json& j, const ZoneRecord& r) {
  j = {{"name", r.name}, {"ttl", r.ttl}, {"type", r.type}, {"data", r.data}};
}
static void from_json(const wire::Json& j, ZoneRecord& r) {
  j.at("name").get_to(r.name);
  j.at("ttl").get_to(r.ttl);
  j.at("type").get_to(r.type);
  j.at("data").get_to(r.data);
}

static void to_json(wire::Json& j, const Zone& z) {
  j = {{"name", z.name},
       {"serial", z.serial},
       {"primary", z.primary},
       {"contact", z.contact},
       {"records", z.records}};
}
static void from_json(const wire::Json& j, Zone& z) {
  j.at("name").get_to(z.name);
  j.at("serial").get_to(z.serial);
  j.at("primary").get_to(z.primary);
  j.at("contact").get_to(z.contact);
  j.at("records").get_to(z.records);
}

static void to_json(wire::Json& j, const MailDomain& d) {
  j = {{"name", d.name}, {"certificate", d.certificate}};
}
static void from_json(const wire::Json& j, MailDomain& d) {
  j.at("name").get_to(d.name);
  j.at("certificate").get_to(d.certificate);
}

static void to_json(wire::Json& j, const ApacheSnapshot& s) {
  j = {{"host_name", s.host_name}, {"admin_email", s.admin_email},
       {"log_level", s.log_level}, {"https_port", s.https_port},
       {"api_port", s.api_port},   {"certificate", s.certificate},
       {"sites", s.sites}};
}
static void from_json(const wire::Json& j, ApacheSnapshot& s) {
  j.at("host_name").get_to(s.host_name);
  j.at("admin_email").get_to(s.admin_email);
  j.at("log_level").get_to(s.log_level);
  j.at("https_port").get_to(s.https_port);
  j.at("api_port").get_to(s.api_port);
  j.at("certificate").get_to(s.certificate);
  j.at("sites").get_to(s.sites);
}

static void to_json(wire::Json& j, const BindSnapshot& s) {
  j = {{"host_name", s.host_name},
       {"log_level", s.log_level},
       {"forwarders", s.forwarders},
       {"secondaries", s.secondaries},
       {"zones", s.zones}};
}
static void from_json(const wire::Json& j, BindSnapshot& s) {
  j.at("host_name").get_to(s.host_name);
  j.at("log_level").get_to(s.log_level);
  j.at("forwarders").get_to(s.forwarders);
  j.at("secondaries").get_to(s.secondaries);
  j.at("zones").get_to(s.zones);
}

static void to_json(wire::Json& j, const MailSnapshot& s) {
  j = {{"host_name", s.host_name},     {"admin_email", s.admin_email},
       {"log_level", s.log_level},     {"outbound", s.outbound},
       {"relay_host", s.relay_host},   {"message_size", s.message_size},
       {"certificate", s.certificate}, {"domains", s.domains}};
}
static void from_json(const wire::Json& j, MailSnapshot& s) {
  j.at("host_name").get_to(s.host_name);
  // a release of an earlier version has none
  s.admin_email = j.value("admin_email", "");
  j.at("log_level").get_to(s.log_level);
  j.at("outbound").get_to(s.outbound);
  j.at("relay_host").get_to(s.relay_host);
  j.at("message_size").get_to(s.message_size);
  j.at("certificate").get_to(s.certificate);
  j.at("domains").get_to(s.domains);
}

namespace wire {
namespace {

Json body_of(const Snapshot& snapshot) {
  return std::visit([](const auto& body) { return Json(body); }, snapshot.body);
}

}  // namespace

Json to_json(const Snapshot& snapshot) {
  return {{"service", to_text(snapshot.service)},
          {"revision", snapshot.revision},
          {"body", body_of(snapshot)}};
}

Result<Snapshot> snapshot_from_json(const Json& value) {
  try {
    TRY(const auto service, parse_service(value.at("service").get<std::string>()));
    Snapshot snapshot{service, value.at("revision").get<Revision>(), {}};
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

std::string snapshot_hash(const Snapshot& snapshot) { return sha256_hex(body_of(snapshot).dump()); }

}  // namespace wire
}  // namespace podplay
