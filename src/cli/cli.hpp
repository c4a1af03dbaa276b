// The command line: parses it, runs one command and returns its exit code (docs/operations.md).
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/runner.hpp"

namespace podplay::cli {

// Everything outside of this program that a command touches; tests hand in their own.
struct World {
  std::map<std::string, std::string> environment;
  Files& files;
  Runner& runner;
  Clock& clock;
  std::FILE* in = stdin;
  std::FILE* out = stdout;
  std::FILE* err = stderr;
  // The path of this program.
  std::string program;
};

int run(World& world, const std::vector<std::string>& arguments);

// The script that `podplay completion SHELL` prints; empty for an unknown shell.
std::string completion_script(std::string_view shell);

}  // namespace podplay::cli
