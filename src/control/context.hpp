// What every use-case is handed: the tools it works with, and who asks.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/settings.hpp"
#include "control/hub.hpp"
#include "model/user.hpp"
#include "store/store.hpp"

namespace podplay::control {

class Certificates;
class TokenCache;
class LoginLimits;

struct Paths {
  std::string state = "/data/state";
  std::string certificates = "/data/certificates";
  std::string logs = "/data/logs";
  std::string user_data = "/data/user-data";
  // init only: one folder a service
  std::string enrolment = "/enrol";
};

struct Context {
  store::Store& store;
  Clock& clock;
  Files& files;
  const Settings& settings;
  const Paths& paths;
  Certificates& certificates;
  TokenCache& tokens;
  LoginLimits& logins;
  Hub& hub;
  Logger log;
  // who changed what
  Logger audit = log.with_component("api.audit");
  // who logged in, or tried to
  Logger auth = log.with_component("api.auth");
};

// Who asks. The system itself acts as admin with the name "system".
struct Actor {
  std::int64_t user_id = 0;
  std::string email = "system";
  std::string domain;
  Role role = Role::admin;
  std::string request_id;
  std::string remote_address;
};

// How a write is carried out.
struct WriteOptions {
  bool dry_run = false;
  // 0: none; else the object's revision must be this one (RFC 9110 section 13.1.1)
  Revision if_match = 0;
  // The services' checkers see the candidate before anything is committed: what they refuse leaves
  // no trace. For changes of files.
  bool ask_first = false;
};

}  // namespace podplay::control
