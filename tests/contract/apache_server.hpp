// A real Apache of the test's own, with the configuration that the image's templates make and our
// module. Only folders, ports and the address it listens on are the test's.
#pragma once

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/files.hpp"
#include "base/runner.hpp"
#include "base/test_folder.hpp"
#include "contract/free_port.hpp"
#include "daemons/apache.hpp"
#include "daemons/rendering.hpp"
#include "net/line_client.hpp"
#include "net/x509.hpp"

namespace podplay::test {

class ApacheServer {
 public:
  // The control host is host.test, and there is one site, site.test.
  ApacheServer() : http_port(free_port()), https_port(free_port()) {
    namespace fs = std::filesystem;
    // The workers are another user.
    fs::permissions(folder_.path(), fs::perms(0755));
    for (const char* name :
         {"run/socks", "etc", "data/service/sites", "data/user-data/www/site.test"}) {
      check(files_.make_dirs(path(name), 0755));
    }
    check(files_.write_atomic(path("mime.types"), "text/plain txt\n", 0644, {}));
    build_module();
    for (const char* name : {"host.test", "site.test"}) {
      make_certificate(name);
    }
    write_configuration();
    start();
  }
  ~ApacheServer() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  ApacheServer(const ApacheServer&) = delete;
  ApacheServer& operator=(const ApacheServer&) = delete;

  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  // What it has logged.
  std::string log() { return files_.read(path("log")).value_or(""); }

  const int http_port;
  const int https_port;

 private:
  // `tools/setup test` unpacks Apache there.
  static constexpr const char* kRoot = ".cache/apache";

  template <class Outcome>
  static Outcome check(Outcome result) {
    if (!result) {
      throw std::runtime_error(describe(result.error()));
    }
    return result;
  }
  static std::string root() {
    const auto root = std::filesystem::absolute(kRoot);
    if (!std::filesystem::exists(root / "usr/sbin/apache2")) {
      throw std::runtime_error("there is no Apache: run tools/setup test");
    }
    return root.string();
  }
  static std::string replaced(std::string text, std::string_view before, const std::string& after) {
    for (std::size_t at = 0; (at = text.find(before, at)) != text.npos; at += after.size()) {
      text.replace(at, before.size(), after);
    }
    return text;
  }
  void build_module() {
    const std::string headers = root() + "/usr/include/";
    const std::string sources = "services/apache/module/";
    check(run_or_fail(
        runner_, {.argv = {"/usr/bin/clang-19", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror",
                           "-D_GNU_SOURCE", "-isystem", headers + "apache2", "-isystem",
                           headers + "apr-1.0", "-o", path("mod_podplay.so"),
                           sources + "mod_podplay.c", sources + "challenges.c"}}));
  }
  void make_certificate(const std::string& name) {
    using namespace std::chrono;
    const std::string folder = path("data/certificates/" + name + "/versions/v");
    check(files_.make_dirs(folder, 0755));
    const auto now = SystemClock{}.now();
    const auto authority = check(net::make_authority("test", days(9), now));
    const auto key = check(net::make_private_key());
    const auto leaf = check(net::issue_certificate(*authority, *key, name, {name}, hours(9), now));
    check(files_.write_atomic(folder + "/privkey.pem", key->reveal(), 0600, {}));
    check(files_.write_atomic(folder + "/fullchain.pem", *leaf, 0644, {}));
  }
  std::string own(std::string text) const {
    const std::string http = std::to_string(http_port);
    const std::string https = std::to_string(https_port);
    const std::pair<std::string_view, std::string> changes[] = {
        {"/usr/lib/apache2/modules/mod_podplay.so", path("mod_podplay.so")},
        {"/usr/lib/apache2/modules", root() + "/usr/lib/apache2/modules"},
        {"/run/apache2", path("run")},
        {"/etc/apache2", path("etc/apache2")},
        {"/etc/mime.types", path("mime.types")},
        {"/data/", path("data/")},
        // For figures. Another Apache of the tests may run beside this one.
        {"127.0.0.1:8621", "127.0.0.1:" + std::to_string(figures_port_)},
        {"Listen 80", "Listen 127.0.0.1:" + http},
        {"Listen 443", "Listen 127.0.0.1:" + https},
        {"*:80>", "*:" + http + ">"},
        {"*:443>", "*:" + https + ">"}};
    for (const auto& [before, after] : changes) {
      text = replaced(std::move(text), before, after);
    }
    return text;
  }
  void write_configuration() {
    const auto templates =
        check(daemons::TemplateSet::load(files_, "services/apache/rootfs", "/nonexistent"));
    const auto rendered =
        check(daemons::Apache().render({.service = ServiceName::apache,
                                        .revision = 1,
                                        .body = ApacheSnapshot{.host_name = "host.test",
                                                               .admin_email = "admin@host.test",
                                                               .log_level = "INFO",
                                                               .https_port = 443,
                                                               .api_port = 9,
                                                               .certificate = {"host.test", "v"}}},
                                       *templates));
    for (const ReleaseFile& file : *rendered) {
      const std::string to = path(file.path);
      check(files_.make_dirs(std::filesystem::path(to).parent_path(), 0755));
      check(files_.write_atomic(to, own(file.content), 0644, {}));
    }
    const auto site =
        check(daemons::render_one(*templates, daemons::kSiteTemplate,
                                  {{"name", "site.test"},
                                   {"responder", false},
                                   {"aliases", daemons::Values::array()},
                                   {"certificate", {{"name", "site.test"}, {"version", "v"}}}}));
    check(files_.write_atomic(path("data/service/sites/site.test.conf"), own(*site), 0644, {}));
  }
  void start() {
    using namespace std::chrono;
    const std::string program = root() + "/usr/sbin/apache2";
    const std::string libraries =
        root() + "/usr/lib/x86_64-linux-gnu:" + root() + "/usr/lib/aarch64-linux-gnu";
    const std::string etc = path("etc/apache2");
    const std::string log = path("log");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setenv("LD_LIBRARY_PATH", libraries.c_str(), 1);
      if (::freopen(log.c_str(), "a", stderr) == nullptr ||
          ::freopen(log.c_str(), "a", stdout) == nullptr) {
        ::_exit(1);
      }
      ::execl(program.c_str(), "apache2", "-d", etc.c_str(), "-f", "apache2.conf", "-DFOREGROUND",
              nullptr);
      ::_exit(1);
    }
    const auto deadline = steady_clock::now() + seconds(20);
    while (!net::LineClient::connect("127.0.0.1", https_port, seconds(1))) {
      if (steady_clock::now() > deadline || ::waitpid(pid_, nullptr, WNOHANG) != 0) {
        throw std::runtime_error("Apache does not answer: " + RealFiles{}.read(log).value_or(""));
      }
      std::this_thread::sleep_for(milliseconds(20));
    }
  }

  const int figures_port_ = free_port();
  RealFiles files_;
  TestFolder folder_;
  ProcessRunner runner_{silent_logger(), false};
  pid_t pid_ = 0;
};

}  // namespace podplay::test
