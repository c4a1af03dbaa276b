// Names and types are checked here, before an agent hears of them.
#include "control/watch/tools/diag.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "base/ascii.hpp"
#include "base/json_text.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr seconds kLookDeadline{15};
// RFC 1035 section 2.3.4.
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestLabel = 63;
constexpr std::array<std::string_view, 13> kTypes{
    "A", "AAAA", "CNAME", "MX", "NS", "SOA", "TXT", "SRV", "CAA", "PTR", "TLSA", "DNSKEY", "DS"};
// Those of the pod (deploy/pod.yaml), and the link's.
constexpr std::array<int, 11> kPorts{25, 110, 143, 443, 465, 587, 993, 995, 4190, 8600, 8601};
constexpr std::array<std::string_view, 4> kDiagServices{"apache", "bind", "mail", "api"};

// With underscores, as in _dmarc.example.com.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) {
    return false;
  }
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > kLongestLabel || label.front() == '-') {
      return false;
    }
    if (label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != label.npos) {
      return false;
    }
    if (label.size() + 1 == name.size()) {
      return false;
    }
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  return true;
}

std::vector<std::string> look_names() {
  std::vector<std::string> names;
  for (const looks::LookRow& row : looks::look_rows()) {
    names.emplace_back(row.name);
  }
  return names;
}

std::vector<Fault> faults_of(const looks::LookQuestion& asked) {
  std::vector<Fault> faults;
  for (const std::string& what : asked.what) {
    if (!looks::knows_look(what)) {
      faults.push_back({.field = "what",
                        .code = "unknown_look",
                        .message = fmt::format("there is no look '{}'", what.substr(0, 40)),
                        .remedy = fmt::format("use some of: {}", fmt::join(look_names(), ", "))});
    }
  }
  if (!asked.name.empty() && !is_name(asked.name)) {
    faults.push_back({.field = "name",
                      .code = "bad_name",
                      .message = fmt::format("'{}' is not a host name", asked.name.substr(0, 80)),
                      .remedy = "write it like mail.example.com, without a dot at its end"});
  }
  if (!asked.type.empty() && std::ranges::find(kTypes, asked.type) == kTypes.end()) {
    faults.push_back({.field = "type",
                      .code = "bad_type",
                      .message = fmt::format("'{}' is no type of record that can be asked for",
                                             asked.type.substr(0, 20)),
                      .remedy = fmt::format("use one of: {}", fmt::join(kTypes, ", "))});
  }
  if (asked.port != 0 && std::ranges::find(kPorts, asked.port) == kPorts.end()) {
    faults.push_back({.field = "port",
                      .code = "bad_port",
                      .message = fmt::format("{} is no port of the pod", asked.port),
                      .remedy = fmt::format("use one of: {}", fmt::join(kPorts, ", "))});
  }
  return faults;
}

// The control plane can look only at itself.
void check_host(Context& context, const std::string& service, const std::string& host,
                std::vector<Fault>& faults) {
  std::vector<std::string> hosts;
  if (const auto name = parse_service(service)) {
    for (const AgentName& agent : context.hub.agents(*name)) {
      hosts.push_back(agent.host);
    }
  } else {
    hosts.push_back(context.settings.text("PODPLAY_HOST_ID"));
  }
  if (std::ranges::find(hosts, host) == hosts.end()) {
    faults.push_back(
        {.field = "host",
         .code = "unknown_host",
         .message = fmt::format("{} runs on no host '{}'", service, host.substr(0, 80)),
         .remedy = fmt::format("use one of: {}", fmt::join(hosts, ", "))});
  }
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts;
  std::string part;
  for (std::istringstream in(text); std::getline(in, part, ',');) {
    const std::size_t begin = part.find_first_not_of(' ');
    if (begin != std::string::npos) {
      parts.push_back(part.substr(begin, part.find_last_not_of(' ') - begin + 1));
    }
  }
  return parts;
}

}  // namespace

Result<ServiceLook> look_at_service(Context& context, const Actor& actor,
                                    const std::string& service, const std::string& host,
                                    looks::LookQuestion asked) {
  if (std::ranges::find(kDiagServices, service) == kDiagServices.end()) {
    return fail(ErrorKind::not_found, "service_unknown",
                fmt::format("there is no service '{}'", service.substr(0, 40)),
                fmt::format("use one of: {}", fmt::join(kDiagServices, ", ")));
  }
  asked.name = lower(asked.name);
  std::ranges::transform(asked.type, asked.type.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  std::vector<Fault> faults = faults_of(asked);
  const std::string& own = context.settings.text("PODPLAY_HOST_ID");
  ServiceLook seen{
      .service = service, .host = host.empty() ? own : host, .at = context.clock.now()};
  check_host(context, service, seen.host, faults);
  TRY(no_faults(std::move(faults)));
  asked.domain = context.settings.text("PODPLAY_DOMAIN");
  asked.host = service == "mail" ? context.settings.text("PODPLAY_MAIL_SERVER_NAME")
                                 : context.settings.text("PODPLAY_HOST_NAME");
  asked.servers = split_list(context.settings.text("PODPLAY_DNS_FORWARDERS"));
  if (asked.what.empty()) {
    asked.what = looks::usual_looks(service);
  }
  const SteadyTime began = context.clock.steady();
  if (service == "api") {
    seen.looks = looks::look_at({.service = service}, asked);
  } else {
    TRY(const auto name, parse_service(service));
    TRY(const auto answer,
        context.hub.command({name, seen.host}, "look", json_text(looks::question_to_json(asked)),
                            actor.request_id(), kLookDeadline));
    auto looks = looks::LookJson::parse(answer, nullptr, false);
    for (const std::string& what : asked.what) {
      if (looks.is_object() && looks.contains(what)) {
        seen.looks[what] = std::move(looks[what]);
      }
    }
  }
  seen.took = duration_cast<milliseconds>(context.clock.steady() - began);
  return seen;
}

}  // namespace podplay::control
