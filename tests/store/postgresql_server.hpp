// A real PostgreSQL server of the test's own: a cluster in a temporary folder, on a Unix socket
// only.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/runner.hpp"
#include "base/test_folder.hpp"

namespace podplay::test {

class PostgresqlServer {
 public:
  PostgresqlServer() {
    const std::string bin = find_programs();
    run("chmod 755 " + folder_.path() + " && mkdir " + data() +
        " && (test $(id -u) != 0 || chown postgres " + data() + " " + folder_.path() + ")");
    run(as_postgres(bin + "/initdb --auth=trust --username=podplay --no-sync --pgdata=" + data()));
    run(as_postgres(bin + "/pg_ctl --pgdata=" + data() +
                    " --wait --options=\"-c listen_addresses='' -c unix_socket_directories=" +
                    folder_.path() + " -c fsync=off\" --log=" + data() + "/log start"));
    stop_ = as_postgres(bin + "/pg_ctl --pgdata=" + data() + " --mode=immediate stop");
  }
  ~PostgresqlServer() {
    ProcessRunner runner(silent_logger(), false);
    static_cast<void>(runner.run({.argv = {"sh", "-c", stop_}}));
  }
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  // An empty database, by its URL.
  std::string make_database(const std::string& name) const {
    run("psql --quiet --host=" + folder_.path() +
        " --username=podplay --dbname=postgres --command='CREATE DATABASE " + name + "'");
    return "postgresql://podplay@/" + name + "?host=" + folder_.path();
  }
  // Ends the connections that have a lock of this type (pg_locks).
  void end_connections(const std::string& lock_type) const {
    run("psql --quiet --host=" + folder_.path() +
        " --username=podplay --dbname=postgres --command=\"SELECT pg_terminate_backend(pid) FROM "
        "pg_locks WHERE locktype = '" +
        lock_type + "'\"");
  }

 private:
  std::string data() const { return folder_.path() + "/data"; }
  static std::string as_postgres(const std::string& command) {
    return ::geteuid() == 0 ? "runuser -u postgres -- sh -c '" + quote(command) + "'" : command;
  }
  static std::string quote(std::string text) {
    for (std::size_t at = 0; (at = text.find('\'', at)) != text.npos; at += 4) {
      text.replace(at, 1, "'\\''");
    }
    return text;
  }
  static std::string find_programs() {
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
      if (std::filesystem::exists(version.path() / "bin/initdb")) {
        return version.path() / "bin";
      }
    }
    throw std::runtime_error("no PostgreSQL server is installed: apt-get install postgresql");
  }
  static void run(const std::string& command) {
    ProcessRunner runner(silent_logger(), false);
    const auto done = run_or_fail(runner, {.argv = {"sh", "-c", command}});
    if (!done) {
      throw std::runtime_error(describe(done.error()));
    }
  }

  TestFolder folder_;
  std::string stop_;
};

}  // namespace podplay::test
