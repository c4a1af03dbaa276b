// A real named of the test's own, with the configuration that the image's template makes. Only
// folders, ports and the address it listens on are the test's.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/files.hpp"
#include "base/runner.hpp"
#include "base/test_folder.hpp"
#include "contract/free_port.hpp"
#include "daemons/bind.hpp"
#include "daemons/bind_zones.hpp"
#include "net/control_channel.hpp"

namespace podplay::test {

class NamedServer {
 public:
  NamedServer() : program_(find_program()), dns_port_(free_port()), control_port_(free_port()) {
    RealFiles files;
    for (const char* name : {"named", "named/zones", "run"}) {
      check(files.make_dirs(path(name), 0755));
    }
    for (const auto& [file, key] :
         {std::pair{"rndc.key", "rndc-key"}, {"local.key", "podplay-local"}}) {
      check(run_or_fail(runner_, {.argv = {"/usr/sbin/rndc-confgen", "-a", "-c",
                                           path("run/") + file, "-k", key}}));
    }
    const auto templates =
        daemons::TemplateSet::load(files, "services/bind/rootfs", "/nonexistent");
    const auto rendered =
        daemons::Bind().render({.service = ServiceName::bind,
                                .revision = 1,
                                .body = BindSnapshot{.host_name = "host.test",
                                                     .log_level = "INFO",
                                                     .forwarders = {},
                                                     .secondaries = {"127.0.0.2"}}},
                               *templates);
    std::string text = rendered->front().content;
    const auto replace = [&text](std::string_view before, const std::string& after) {
      if (text.find(before) == text.npos) {
        throw std::runtime_error("named.conf lacks " + std::string(before));
      }
      for (std::size_t at = 0; (at = text.find(before, at)) != text.npos; at += after.size()) {
        text.replace(at, before.size(), after);
      }
    };
    replace("/data/service/named", path("named"));
    replace("/run/named", path("run"));
    replace("port 953", "port " + std::to_string(control_port_));
    replace("port 8622", "port " + std::to_string(free_port()));
    replace("listen-on { any; }",
            "listen-on port " + std::to_string(dns_port_) + " { 127.0.0.1; }");
    replace("listen-on-v6 { any; }", "listen-on-v6 { none; }");
    check(files.write_atomic(path("run/named.conf"), text, 0644, {}));
    start();
  }
  ~NamedServer() { stop(SIGTERM); }
  NamedServer(const NamedServer&) = delete;
  NamedServer& operator=(const NamedServer&) = delete;

  daemons::ZoneKeeperOptions options() const {
    return {.folder = path("named/zones"),
            .owner = {},
            .control_key = path("run/rndc.key"),
            .update_key = path("run/local.key"),
            .control_port = control_port_,
            .dns_port = dns_port_};
  }
  std::string zone_file(const std::string& name) const {
    return path("named/zones/") + name + ".zone";
  }
  int dns_port() const { return dns_port_; }
  pid_t pid() const { return pid_; }

  void restart(int signal) {
    stop(signal);
    start();
  }
  // The resident memory in KiB.
  std::string memory() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) {
        return line;
      }
    }
    return "?";
  }

 private:
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  template <class Result>
  static void check(const Result& result) {
    if (!result) {
      throw std::runtime_error(describe(result.error()));
    }
  }
  static std::string find_program() {
    // `tools/setup test` installs it in the first place.
    for (const char* program : {".cache/named/usr/sbin/named", "/usr/sbin/named"}) {
      if (RealFiles{}.exists(program)) {
        return program;
      }
    }
    throw std::runtime_error("there is no named: run tools/setup test");
  }
  void start() {
    using namespace std::chrono;
    const std::string log = path("log");
    const std::string configuration = path("run/named.conf");
    pid_ = ::fork();
    if (pid_ == 0) {
      if (::freopen(log.c_str(), "a", stderr) == nullptr) {
        ::_exit(1);
      }
      ::execl(program_.c_str(), "named", "-f", "-c", configuration.c_str(), nullptr);
      ::_exit(1);
    }
    // named opens its control channel when all zones are loaded.
    const auto deadline = steady_clock::now() + 60s;
    const auto key = net::read_bind_key(RealFiles{}.read(path("run/rndc.key")).value());
    while (!net::ControlChannel::connect(control_port_, key.value(), 5s)) {
      if (steady_clock::now() > deadline) {
        throw std::runtime_error("named does not answer: " + RealFiles{}.read(log).value_or(""));
      }
      std::this_thread::sleep_for(20ms);
    }
  }
  void stop(int signal) {
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
  }

  TestFolder folder_;
  ProcessRunner runner_{silent_logger(), false};
  std::string program_;
  int dns_port_;
  int control_port_;
  pid_t pid_ = 0;
};

}  // namespace podplay::test
