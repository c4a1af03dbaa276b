// Commands that are more than one HTTP call, and what they share with the table's commands.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "cli/caller.hpp"
#include "cli/cli.hpp"

namespace podplay::cli {

struct Globals {
  std::string base_url;
  std::string session = "default";
  bool json = false;
  bool dry_run = false;
  // seconds
  int wait = 10;
  bool verbose = false;
  bool insecure = false;
  // a file
  std::string ca;
};

// The options of the special commands.
struct Special {
  // "users import" and such
  std::vector<std::pair<std::string, CLI::App*>> apps;
  std::string email;
  std::string password;
  bool password_stdin = false;
  bool if_needed = false;
  std::string file;
  std::string shell;
  bool debug = false;
  bool replace = false;
};

void add_special_commands(const std::function<CLI::App*(const std::string&)>& noun_app,
                          Special& special);
int run_special(World& world, Special& special, Globals& globals);
int run_podman_command(World& world, const std::vector<std::string>& arguments);

// --password, the first line of standard input, or a prompt without echo on a terminal.
Result<Secret> read_password(World& world, const std::string& given, bool from_stdin,
                             const char* prompt);
Result<Caller> make_caller(World& world, const Globals& globals);
int report_error(World& world, const Error& error, const std::string& request_id = {});

}  // namespace podplay::cli
