// Calls podman and reads its answers. A failure always quotes podman's own words.
#include "pod/podman.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/numbers.hpp"
#include "pod/findings.hpp"
#include "pod/lifecycle.hpp"

namespace podplay::pod {
namespace {

using Json = nlohmann::json;

std::string without_newline(std::string text) {
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text;
}

// On hosts without systemd podman says with every command that it cannot add health checks. That is
// neither a failure nor news.
std::string without_noise(const std::string& words) {
  std::string kept;
  std::size_t begin = 0;
  while (begin < words.size()) {
    const auto end = std::min(words.find('\n', begin), words.size());
    const auto line = words.substr(begin, end - begin);
    const bool noise = line.find("healthcheck") != std::string::npos ||
                       line.find("connect to syslog") != std::string::npos ||
                       line.find("CNI config") != std::string::npos;
    if (!noise && !line.empty()) {
      kept += line + "\n";
    }
    begin = end + 1;
  }
  return without_newline(kept);
}

}  // namespace

Result<Podman> Podman::open(const Lifecycle& lifecycle) {
  const HostFacts facts = inspect_host(lifecycle);
  TRY(stop_at(find_needs(facts)));
  PodmanPlan plan = plan_podman(facts);
  TRY(prepare_podman(lifecycle.files, lifecycle.program, facts, plan));
  return Podman(lifecycle.runner, std::move(plan));
}

std::vector<std::string> Podman::argv(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all = plan_.prefix;
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

Result<Outcome> Podman::run(const std::vector<std::string>& arguments,
                            std::chrono::milliseconds deadline) const {
  auto outcome = runner_->run(
      {.argv = argv(arguments), .environment = plan_.environment, .deadline = deadline});
  if (outcome) {
    outcome->err = without_noise(outcome->err);
  }
  return outcome;
}

Result<std::string> Podman::ask(const std::vector<std::string>& arguments,
                                std::chrono::milliseconds deadline) const {
  TRY(const auto outcome, run(arguments, deadline));
  if (outcome.exit_code != 0) {
    return fail(ErrorKind::io, "podman",
                fmt::format("`podman {}` failed with exit code {}: {}", fmt::join(arguments, " "),
                            outcome.exit_code, outcome.words()));
  }
  return without_newline(outcome.out);
}

Result<std::optional<std::string>> Podman::pod_label(const std::string& pod,
                                                     const std::string& label) const {
  TRY(const auto outcome, run({"pod", "ps", "--filter", "name=^" + pod + "$", "--format", "json"}));
  const Json pods = Json::parse(outcome.out, nullptr, false);
  if (outcome.exit_code != 0 || pods.is_discarded()) {
    return fail(ErrorKind::io, "podman", "podman could not list pods: " + outcome.words());
  }
  for (const Json& entry : pods) {
    if (entry.value("Name", "") != pod) {
      continue;
    }
    const Json labels = entry.value("Labels", Json::object());
    return labels.is_object() ? labels.value(label, "") : std::string();
  }
  return std::nullopt;
}

Result<std::set<std::pair<int, bool>>> Podman::published_ports(const std::string& pod) const {
  TRY(const auto text, ask({"pod", "inspect", pod}));
  Json found = Json::parse(text, nullptr, false);
  // podman 5 answers with a list.
  if (found.is_array() && !found.empty()) {
    found = Json(found.front());
  }
  std::set<std::pair<int, bool>> ports;
  if (!found.is_object() || !found.contains("InfraConfig") || !found["InfraConfig"].is_object()) {
    return ports;
  }
  const Json& bindings = found["InfraConfig"].value("PortBindings", Json::object());
  // "25/tcp": [{"HostIp": "127.0.0.1", "HostPort": "2525"}]
  for (const auto& [inside, places] : bindings.items()) {
    for (const Json& place : places) {
      const auto port = parse_number<int>(place.value("HostPort", "0"));
      ports.emplace(port.value_or(0), inside.ends_with("/udp"));
    }
  }
  return ports;
}

Result<std::vector<ContainerState>> Podman::states(
    const std::string& pod, const std::vector<std::string>& containers) const {
  std::vector<std::string> arguments{
      "container", "inspect", "--format",
      "{{.Name}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{.State.Pid}}"};
  for (const std::string& name : containers) {
    arguments.push_back(pod + "-" + name);
  }
  TRY(const auto outcome, run(arguments));
  // When a container does not exist, the exit code is 125, but the others are listed.
  std::vector<ContainerState> states;
  std::string_view rest = outcome.out;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    std::array<std::string, 5> words;
    std::size_t word = 0;
    for (const char c : line) {
      if (c == ' ' && word < 4) {
        ++word;
      } else {
        words.at(word) += c;
      }
    }
    if (words[0].empty() || words[1].empty()) {
      continue;
    }
    states.push_back({.name = words[0],
                      .status = words[1],
                      .exit_code = parse_number<int>(words[2]).value_or(0),
                      .restarts = parse_number<int>(words[3]).value_or(0),
                      .pid = parse_number<int>(words[4]).value_or(0)});
  }
  return states;
}

std::string Podman::last_words(const std::string& container, int lines) const {
  const auto outcome = run({"logs", "--tail", std::to_string(lines), container});
  return outcome && outcome->exit_code == 0 ? outcome->words() : std::string();
}

}  // namespace podplay::pod
