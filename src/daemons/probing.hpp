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
ProbeStatus probe_greeting(const std::string& name, int port, const std::string& expected, std::chrono::milliseconds timeout);
// TLS from the start with SNI `server_name`: the leaf is `certificate`.
ProbeStatus probe_certificate(const std::string& name, int port, const std::string& server_name, const CertificateRef& certificate,
                              std::chrono::milliseconds timeout);
// The certificates of many names on one port: each that was not seen yet, and of the others a few at a time in turn. A new name is
// proven when it comes; a look costs the same with ten names and with a thousand.
struct ShownName {
  std::string name;  // SNI
  CertificateRef certificate;
};
class ShownNames {
 public:
  // Results are named `prefix` + name; after a failure the rest is left for the next time.
  void probe(const std::string& prefix, int port, const std::vector<ShownName>& names, std::chrono::milliseconds timeout,
             std::vector<ProbeStatus>& results);

 private:
  std::map<std::string, std::string> seen_;  // name -> fingerprint
  std::size_t turn_ = 0;
};

// Runs a daemon's checker: an Error `refused` with its words when it ends with another code than 0.
Status run_checker(Runner& runner, const Command& command);

}  // namespace podplay::daemons
