// Pebble, the reference server of ACME, and its name server for tests, with a folder and ports of
// their own on 127.0.0.1. Nothing leaves the machine.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "acme/client.hpp"
#include "base/child.hpp"
#include "base/files.hpp"
#include "base/test_folder.hpp"
#include "contract/free_port.hpp"
#include "net/dns.hpp"
#include "net/http.hpp"
#include "net/x509.hpp"

namespace podplay::test {

template <class T>
T value_of(Result<T> result) {
  if (!result) {
    throw std::runtime_error(describe(result.error()));
  }
  return std::move(*result);
}
inline void value_of(const Status& status) {
  if (!status) {
    throw std::runtime_error(describe(status.error()));
  }
}

// A program that ends with the test.
class Child {
 public:
  explicit Child(const ChildSpec& spec) : pid_(value_of(start_child(spec))) {}
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  pid_t pid_;
};

struct PebbleOptions {
  // PEBBLE_... variables beside PEBBLE_VA_NOSLEEP.
  std::map<std::string, std::string> environment{};
  // Members of the configuration beside the ports and the certificate.
  acme::Json configuration = acme::Json::object();
};

class PebbleServer {
 public:
  using Json = acme::Json;

  explicit PebbleServer(const PebbleOptions& options = {}) {
    RealFiles files;
    const Secret key = value_of(net::make_private_key());
    const WallTime now = SystemClock().now();
    const auto authority = value_of(net::make_authority("test CA", std::chrono::days(1), now));
    ca_ = authority.certificate;
    value_of(files.write_atomic(
        path("cert.pem"),
        value_of(net::issue_certificate(authority, key, "localhost", {"127.0.0.1", "localhost"},
                                        std::chrono::hours(1), now)),
        0600, {}));
    value_of(files.write_atomic(path("key.pem"), key.reveal(), 0600, {}));
    Json pebble{{"listenAddress", "127.0.0.1:" + std::to_string(port_)},
                {"managementListenAddress", "127.0.0.1:" + std::to_string(management_port_)},
                {"certificate", path("cert.pem")},
                {"privateKey", path("key.pem")},
                {"httpPort", http_port},
                {"tlsPort", tls_port},
                {"ocspResponderURL", ""},
                {"externalAccountBindingRequired", false},
                {"certificateValidityPeriod", 7776000}};
    pebble.update(options.configuration);
    value_of(files.write_atomic(path("config.json"), Json{{"pebble", pebble}}.dump(), 0600, {}));
    log_ = ::open(path("log").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_APPEND, 0600);
    start(options);
  }
  ~PebbleServer() { ::close(log_); }
  PebbleServer(const PebbleServer&) = delete;
  PebbleServer& operator=(const PebbleServer&) = delete;

  acme::ClientOptions client_options() const {
    return {.directory = "https://127.0.0.1:" + std::to_string(port_) + "/dir", .ca = ca_};
  }
  // A TXT record beside those that are there.
  void add_txt(const std::string& name, const std::string& value) {
    manage("/set-txt", {{"host", name + "."}, {"value", value}});
  }
  void clear_txt(const std::string& name) { manage("/clear-txt", {{"host", name + "."}}); }
  // The root's certificate; number 0 is the usual one.
  std::string root(int number = 0) {
    auto client = value_of(net::HttpClient::make(
        {.base_url = "https://127.0.0.1:" + std::to_string(management_port_), .ca = ca_}));
    return value_of(client->send({.path = "/roots/" + std::to_string(number)})).body;
  }
  // Open for the output of other programs of the test, too.
  int log_file() const { return log_; }
  std::string log() const { return RealFiles{}.read(path("log")).value_or(""); }

  // Where Pebble looks for challenges.
  const int http_port = free_port();
  const int tls_port = free_port();
  const int dns_port = free_port();

 private:
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  // `tools/setup test` unpacks both.
  static std::string program(const std::string& name) {
    const std::string found = ".cache/pebble/usr/bin/" + name;
    if (!RealFiles{}.exists(found)) {
      throw std::runtime_error("there is no " + name + ": run tools/setup test");
    }
    return found;
  }

  void manage(const std::string& what, const Json& body) {
    auto client = value_of(
        net::HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string(names_port_)}));
    const auto done = value_of(client->send({.method = "POST", .path = what, .body = body.dump()}));
    if (done.status != 200) {
      throw std::runtime_error(what + ": " + done.body);
    }
  }

  void start(const PebbleOptions& options) {
    const std::string names = "127.0.0.1:" + std::to_string(dns_port);
    names_ = std::make_unique<Child>(
        ChildSpec{.argv = {program("pebble-challtestsrv"), "-dns01", names, "-http01", "",
                           "-https01", "", "-tlsalpn01", "", "-doh", "", "-defaultIPv6", "",
                           "-management", "127.0.0.1:" + std::to_string(names_port_)},
                  .output = log_,
                  .error = log_});
    auto environment = options.environment;
    environment["PEBBLE_VA_NOSLEEP"] = "1";
    pebble_ = std::make_unique<Child>(ChildSpec{
        .argv = {program("pebble"), "-strict", "-config", path("config.json"), "-dnsserver", names},
        .environment = environment,
        .output = log_,
        .error = log_});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    SystemClock clock;
    const auto ready = [&] {
      return acme::Client::open(client_options(), clock, silent_logger()) &&
             net::dns_query("127.0.0.1", dns_port, "a.test", "A", false,
                            std::chrono::milliseconds(500));
    };
    while (!ready()) {
      if (std::chrono::steady_clock::now() > deadline) {
        throw std::runtime_error("Pebble does not answer: " + log());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  TestFolder folder_;
  const int port_ = free_port();
  const int management_port_ = free_port();
  const int names_port_ = free_port();
  std::string ca_;
  int log_ = -1;
  std::unique_ptr<Child> names_;
  std::unique_ptr<Child> pebble_;
};

}  // namespace podplay::test
