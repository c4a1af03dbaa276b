// Probes that several daemons share: a greeting, a certificate, a checker's verdict.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/runner.hpp"
#include "model/report.hpp"
#include "model/snapshot.hpp"
#include "net/line_client.hpp"

namespace podplay::daemons {

inline constexpr const char* kLocal = "127.0.0.1";

ProbeStatus passed(std::string name, std::string seen);
ProbeStatus failed(std::string name, const Error& error);
ProbeStatus failed(std::string name, std::string seen);

// The first line of a server on 127.0.0.1:`port` starts with `expected`.
ProbeStatus probe_greeting(const std::string& name, int port, const std::string& expected,
                           std::chrono::milliseconds timeout);
// TLS from the start with SNI `server_name`: the leaf is `certificate`.
ProbeStatus probe_certificate(const std::string& name, int port, const std::string& server_name,
                              const CertificateRef& certificate, std::chrono::milliseconds timeout);
// What was seen of many things of a kind, each with the mark (a fingerprint, a serial) that it had.
// Something new is proven when it comes; a look costs the same with ten things and with a thousand.
class SeenThings {
 public:
  // Whether to ask now for the thing at `index` of `count`: its mark was not seen yet, or it is its
  // turn.
  bool is_due(const std::string& name, const std::string& mark, std::size_t index,
              std::size_t count) const;
  void seen(const std::string& name, const std::string& mark) { marks_[name] = mark; }
  void lost(const std::string& name) { marks_.erase(name); }
  void next_turn();

 private:
  std::map<std::string, std::string> marks_;
  std::size_t turn_ = 0;
};

// The certificates of names on one port, one probe each, named `prefix` + name; after a failure the
// rest is left for the next time.
struct ShownName {
  // SNI
  std::string name;
  CertificateRef certificate;
};
void probe_names(SeenThings& seen, const std::string& prefix, int port,
                 const std::vector<ShownName>& names, std::chrono::milliseconds timeout,
                 std::vector<ProbeStatus>& results);

// Runs a daemon's checker: an Error `refused` with its words when it ends with another code than 0.
Status run_checker(Runner& runner, const Command& command);

}  // namespace podplay::daemons
