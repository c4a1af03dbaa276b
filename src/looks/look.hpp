// Looks: what ps, ss, lsof, dig, nc and openssl s_client would show in a container, found without a
// shell and without those programs. The agents look for their service, and podplayd for itself.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace podplay::looks {

using LookJson = nlohmann::json;

// The container that is looked at.
struct LookPlace {
  // "apache", "bind", "mail" or "api".
  std::string service;
  // Where /proc is found below; empty: this machine's.
  std::string root{};
  // The folder with the files that the daemons read; empty: there is none.
  std::string files{};
  // Where the daemons are reached.
  std::string address = "127.0.0.1";
};

struct LookQuestion {
  // Of kLooks; empty: those that fit the service.
  std::vector<std::string> what{};
  // Of dns and tls: a host name in lower case; empty: `domain` and `host`.
  std::string name{};
  // Of dns: "MX"; empty: the usual ones.
  std::string type{};
  // Of smtp, imap and tls: only this port; 0: those of the service.
  int port = 0;
  // The pod's own: its first domain, and the name that its mail server and certificate have.
  std::string domain{};
  std::string host{};
  // Of dns: who is asked besides the pod itself ("192.0.2.53" or with ":5353").
  std::vector<std::string> servers{};
};

// A row for each look.
struct LookRow {
  std::string_view name;
  std::string_view help;
  // The services that it is made for when nobody says which, separated by blanks.
  std::string_view services;
  LookJson (*look)(const LookPlace& place, const LookQuestion& question);
};
const std::vector<LookRow>& look_rows();
bool knows_look(std::string_view name);
// The looks of a service when nobody says which.
std::vector<std::string> usual_looks(std::string_view service);

// An object with a member for each look that was asked for. All of them look at the same time; one
// that fails says why in its member `error`. Takes some seconds at most.
LookJson look_at(const LookPlace& place, const LookQuestion& question);

// For the agents' commands.
LookJson question_to_json(const LookQuestion& question);
Result<LookQuestion> question_from_json(const LookJson& value);

}  // namespace podplay::looks
