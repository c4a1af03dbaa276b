// The two commands that go past the API to the containers: reading the one-time secret, and podman
// for people. Neither changes the pod by itself.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "pod/lifecycle.hpp"
#include "pod/podman.hpp"

namespace podplay::pod {

Result<Secret> read_bootstrap_secret(const Lifecycle& lifecycle) {
  TRY(const auto podman, Podman::open(lifecycle));
  const std::string container = lifecycle.settings.text("PODPLAY_POD_NAME") + "-api";
  TRY(const auto outcome, podman.run({"exec", container, "cat", "/data/state/bootstrap.secret"}));
  if (outcome.exit_code == 0) {
    std::string secret = outcome.out;
    while (!secret.empty() && secret.back() == '\n') {
      secret.pop_back();
    }
    return Secret(std::move(secret));
  }
  if (outcome.words().find("No such file") != std::string::npos) {
    return fail(ErrorKind::not_found, "bootstrap_done",
                "the first administrator exists already, so the one-time secret is used up",
                "log in with `podplay login`, or let an administrator create your login");
  }
  return fail(
      ErrorKind::unavailable, "pod_down",
      fmt::format("could not read the one-time secret in {}: {}", container, outcome.words()),
      "run " + our_command(lifecycle, "up") + " first");
}

int run_podman(const Lifecycle& lifecycle, const std::vector<std::string>& arguments) {
  const auto podman = Podman::open(lifecycle);
  if (!podman) {
    fmt::print(stderr, "{}\n", podplay::describe(podman.error()));
    return 8;
  }
  for (const auto& [name, value] : podman->plan().environment) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  std::vector<std::string> words = podman->argv(arguments);
  std::vector<char*> pointers;
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  std::fflush(nullptr);
  ::execvp(pointers.front(), pointers.data());
  fmt::print(stderr, "{}: {}\n", words.front(), std::strerror(errno));
  return 127;
}

}  // namespace podplay::pod
