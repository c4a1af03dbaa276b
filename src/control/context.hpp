// The tools that every use-case is given. The actor, who asks, is an argument of its own.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/runner.hpp"
#include "control/hub.hpp"
#include "control/identity/actor.hpp"
#include "control/jobs/wake.hpp"
#include "control/write_options.hpp"
#include "model/settings.hpp"
#include "store/store.hpp"

namespace podplay::guard {

class LoginLimiter;

}  // namespace podplay::guard

namespace podplay::control {

class Authority;
class CertificateVersions;
class HashMemory;
class KnownLogins;
class LogLevels;
class LoginExchange;
class OutsideProvider;

struct Paths {
  std::string state = "/data/state";
  std::string certificates = "/data/certificates";
  std::string logs = "/data/logs";
  // Only the init container uses it.
  std::string user_data = "/data/user-data";
  // One folder for each service. Only the init container uses it.
  std::string enrolment = "/enrol";
  // Of the mails to people.
  std::string templates = "/usr/share/podplay/templates";
  // What the administrator puts beside ours: PODPLAY_OVERRIDES/api on the host.
  std::string overrides = "/data/overrides";
};

struct Context {
  store::Store& store;
  Clock& clock;
  Files& files;
  Runner& runner;
  const Settings& settings;
  const Paths& paths;
  Authority& authority;
  CertificateVersions& versions;
  KnownLogins& known_logins;
  HashMemory& hashes;
  guard::LoginLimiter& logins;
  LoginExchange& login_exchange;
  OutsideProvider& outside_provider;
  Hub& hub;
  JobWake& jobs;
  Metrics& metrics;
  const LogLevels& log_levels;
  Logger log;
  // Who changed what.
  Logger audit = log.with_component("api.audit");
  // Who logged in, or tried to.
  Logger auth = log.with_component("api.auth");
  // Certificates that were issued.
  Logger certificate_log = log.with_component("api.certs");
};

}  // namespace podplay::control
