// podman, called in the way this host needs.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/runner.hpp"
#include "pod/podman_setup.hpp"

namespace podplay::pod {

struct ContainerState {
  std::string name;
  // "running", "exited", "created", ...
  std::string status;
  int exit_code = 0;
  int restarts = 0;
  // The number of its first process; 0 when it does not run.
  int pid = 0;
};

struct Lifecycle;

// Constant after construction; `runner` must outlive it.
class Podman {
 public:
  // Finds out what this host is, and writes the files that podman needs on it. An Error names all
  // fatal findings.
  static Result<Podman> open(const Lifecycle& lifecycle);

  // Runs a command. Gives its outcome, whatever its exit code.
  Result<Outcome> run(const std::vector<std::string>& arguments,
                      std::chrono::milliseconds deadline = std::chrono::seconds(60)) const;
  // Runs a command and gives its standard output without the last newline. An exit code other than
  // 0 is an Error with podman's words.
  Result<std::string> ask(const std::vector<std::string>& arguments,
                          std::chrono::milliseconds deadline = std::chrono::seconds(60)) const;

  // The value of a label of a pod, or nothing when there is no such pod. Empty when it has no such
  // label.
  Result<std::optional<std::string>> pod_label(const std::string& pod,
                                               const std::string& label) const;
  // Ports of this host that a pod publishes, each with true for UDP.
  Result<std::set<std::pair<int, bool>>> published_ports(const std::string& pod) const;
  // The states of those containers "POD-NAME" that exist.
  Result<std::vector<ContainerState>> states(const std::string& pod,
                                             const std::vector<std::string>& containers) const;
  // The last lines that a container wrote.
  std::string last_words(const std::string& container, int lines = 15) const;

  const PodmanPlan& plan() const { return plan_; }
  std::vector<std::string> argv(const std::vector<std::string>& arguments) const;

 private:
  Podman(Runner& runner, PodmanPlan plan) : runner_(&runner), plan_(std::move(plan)) {}
  Runner* runner_;
  PodmanPlan plan_;
};

}  // namespace podplay::pod
