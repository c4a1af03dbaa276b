// Probes that several daemons share: a greeting, a certificate, a checker's verdict.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/runner.hpp"
#include "daemons/rows.hpp"
#include "model/report.hpp"
#include "model/snapshot.hpp"
#include "net/line_client.hpp"

namespace podplay::daemons {

inline constexpr const char* kLocal = "127.0.0.1";

ProbeStatus passed(std::string name, std::string seen);
ProbeStatus failed(std::string name, const Error& error);
ProbeStatus failed(std::string name, std::string seen);

// Passes when the first line of the server on 127.0.0.1:`port` starts with `expected`.
ProbeStatus probe_greeting(const std::string& name, int port, const std::string& expected,
                           std::chrono::milliseconds timeout);
// Connects with TLS from the start and SNI `server_name`. Gives the SHA-256 of the DER of the leaf
// that is shown, in hex.
Result<std::string> shown_certificate(int port, const std::string& server_name,
                                      std::chrono::milliseconds timeout);
// Passes when TLS from the start with SNI `server_name` shows `certificate` as the leaf.
ProbeStatus probe_certificate(const std::string& name, int port, const std::string& server_name,
                              const CertificateRef& certificate, std::chrono::milliseconds timeout);
// Whether TLS from the start with SNI `name` shows this certificate on each of the ports, or none
// of the name's versions on any of them; `later` with what was seen otherwise.
RowVerdict shows_certificate(const std::vector<int>& ports, const std::string& name,
                             const CertificateRef& certificate, std::chrono::milliseconds timeout);
RowVerdict hides_certificate(const std::vector<int>& ports, const std::string& name,
                             std::chrono::milliseconds timeout);

// Runs a daemon's checker: an Error `refused` with its words when it ends with another code than 0.
Status run_checker(Runner& runner, const Command& command);

}  // namespace podplay::daemons
