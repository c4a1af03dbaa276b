// Probes that several daemons share: a greeting, a checker's verdict.
#pragma once

#include <chrono>
#include <string>

#include "base/runner.hpp"
#include "model/report.hpp"
#include "net/line_client.hpp"

namespace podplay::daemons {

inline constexpr const char* kLocal = "127.0.0.1";

ProbeStatus passed(std::string name, std::string seen);
ProbeStatus failed(std::string name, const Error& error);
ProbeStatus failed(std::string name, std::string seen);

// Passes when the first line of the server on 127.0.0.1:`port` starts with `expected`.
ProbeStatus probe_greeting(const std::string& name, int port, const std::string& expected,
                           std::chrono::milliseconds timeout);

// The body of `path` at `origin`, where a daemon tells its figures only for this
// pod; empty when it does not answer with 200.
std::string read_figures(const std::string& origin, const std::string& path);

// Runs a daemon's checker: an Error `refused` with its words when it ends with another code than 0.
Status run_checker(Runner& runner, const Command& command);

}  // namespace podplay::daemons
