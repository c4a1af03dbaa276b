// BIND leaves counters out while they are 0, so the chosen ones are written as 0 then.
#include <array>
#include <nlohmann/json.hpp>

#include "agent/metrics/daemon_figures.hpp"

namespace podplay::agent {
namespace {

using Json = nlohmann::json;

constexpr MetricFamily kResponses{.name = "podplay_bind_responses_total",
                                  .help = "Answers of BIND by their code (RFC 1035 4.1.1)"};
constexpr MetricFamily kQueries{.name = "podplay_bind_queries_total",
                                .help = "Questions to BIND by the network protocol"};
constexpr MetricFamily kLimited{.name = "podplay_bind_rate_limited_total",
                                .help = "Answers of BIND that rate limiting held back"};
constexpr MetricFamily kTransfers{.name = "podplay_bind_transfers_total",
                                  .help = "Zone transfers that others asked of BIND"};
constexpr MetricFamily kUpdates{.name = "podplay_bind_updates_total",
                                .help = "Updates of zones (RFC 2136) that BIND was asked for"};
constexpr MetricFamily kRecursive{.name = "podplay_bind_recursive_clients",
                                  .type = MetricType::gauge,
                                  .help = "Questions that wait for other name servers"};

struct Counter {
  std::string_view value;
  const char* member;
};
constexpr std::array kRcodes = std::to_array<Counter>({{"noerror", "NOERROR"},
                                                       {"formerr", "FORMERR"},
                                                       {"servfail", "SERVFAIL"},
                                                       {"nxdomain", "NXDOMAIN"},
                                                       {"notimp", "NOTIMP"},
                                                       {"refused", "REFUSED"}});
constexpr std::array kQueryProtocols =
    std::to_array<Counter>({{"udp", "QryUDP"}, {"tcp", "QryTCP"}});
constexpr std::array kLimits =
    std::to_array<Counter>({{"dropped", "RateDropped"}, {"slipped", "RateSlipped"}});
constexpr std::array kTransferResults =
    std::to_array<Counter>({{"done", "XfrReqDone"}, {"rejected", "XfrRej"}});
constexpr std::array kUpdateResults = std::to_array<Counter>(
    {{"done", "UpdateDone"}, {"failed", "UpdateFail"}, {"rejected", "UpdateRej"}});

double member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_number() ? found->get<double>()
                                                                           : 0;
}

template <std::size_t kCount>
void add(MetricText& text, const MetricFamily& family, const char* label, const Json& object,
         const std::array<Counter, kCount>& counters) {
  text.family(family);
  for (const Counter& counter : counters) {
    text.sample(family, {{label, std::string(counter.value)}}, member(object, counter.member));
  }
}

}  // namespace

void add_bind_figures(MetricText& text, std::string_view json) {
  const Json server = Json::parse(json, nullptr, false);
  if (!server.is_object() || !server.contains("rcodes")) {
    return;
  }
  const Json stats = server.value("nsstats", Json::object());
  add(text, kResponses, "rcode", server["rcodes"], kRcodes);
  add(text, kQueries, "protocol", stats, kQueryProtocols);
  add(text, kLimited, "action", stats, kLimits);
  add(text, kTransfers, "result", stats, kTransferResults);
  add(text, kUpdates, "result", stats, kUpdateResults);
  text.one(kRecursive, member(stats, "RecursClients"));
}

}  // namespace podplay::agent
