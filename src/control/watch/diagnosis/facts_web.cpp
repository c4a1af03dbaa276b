// Whether Apache passes the API on, tried as a client would: over TLS with the host's name; and the
// domain whose name the control host took.
#include <fmt/format.h>

#include "control/watch/diagnosis/facts.hpp"
#include "net/line_client.hpp"
#include "store/domains.hpp"

namespace podplay::control {
namespace {

constexpr std::chrono::milliseconds kTimeout{1000};

// The status line of the answer to a request that is passed on; an Error when Apache itself cannot
// be asked.
Result<std::string> ask_through_apache(const std::string& host) {
  TRY(auto client, net::LineClient::connect("127.0.0.1", 443, kTimeout));
  TRY(client->start_tls(host));
  TRY(
      client->send_raw(fmt::format("HEAD /ca.pem HTTP/1.1\r\nHost: {}\r\n"
                                   "User-Agent: podplay-probe\r\nConnection: close\r\n\r\n",
                                   host)));
  return client->read_line();
}

}  // namespace

void add_web_facts(Context& context, EvidenceJson& facts) {
  const std::string& host = context.settings.text("PODPLAY_HOST_NAME");
  const auto line = ask_through_apache(host);
  facts["proxy"] = {{"asked", line.has_value()}, {"line", line ? *line : line.error().message}};
  const auto is_domain = context.store.read<bool>(
      [&](store::Session& session) { return store::find_domain(session, host).has_value(); });
  facts["control_host"] = {{"name", host}, {"is_domain", is_domain.value_or(false)}};
}

}  // namespace podplay::control
