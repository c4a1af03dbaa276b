// Each question has a short deadline, since a bundle is wanted when something hangs.
#include "pod/host_report.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "pod/podman.hpp"

namespace podplay::pod {
namespace {

constexpr std::chrono::seconds kAnswerWithin{15};
constexpr std::array<std::string_view, 6> kContainers{"init", "api",    "bind",
                                                      "mail", "apache", "debug"};
constexpr const char* kLogLines = "500";
// Octets of one container's output.
constexpr std::size_t kMostOutput = 512U << 10;

std::string answer_of(const Podman& podman, const std::vector<std::string>& arguments) {
  const auto outcome = podman.run(arguments, kAnswerWithin);
  if (!outcome) {
    return describe(outcome.error()) + "\n";
  }
  std::string text = outcome->out + outcome->err;
  if (outcome->exit_code != 0) {
    text += fmt::format("\nexit code {}\n", outcome->exit_code);
  }
  return text.size() > kMostOutput ? text.substr(text.size() - kMostOutput) : text;
}

}  // namespace

std::vector<ReportFile> report_host(const Lifecycle& lifecycle) {
  const auto podman = Podman::open(lifecycle);
  if (!podman) {
    return {{.name = "podman.txt", .text = describe(podman.error()) + "\n"}};
  }
  const std::string& pod = lifecycle.settings.text("PODPLAY_POD_NAME");
  std::vector<ReportFile> files{
      {"podman-version.txt", answer_of(*podman, {"version"})},
      {"podman-info.txt", answer_of(*podman, {"info"})},
      {"podman-pods.txt", answer_of(*podman, {"pod", "ps"})},
      {"podman-containers.txt",
       answer_of(*podman, {"ps", "--all", "--pod", "--size", "--filter", "pod=" + pod})},
      {"podman-images.txt", answer_of(*podman, {"images"})},
      {"podman-volumes.txt", answer_of(*podman, {"volume", "ls"})},
  };
  for (const std::string_view name : kContainers) {
    const std::string container = fmt::format("{}-{}", pod, name);
    const auto known = podman->run({"container", "exists", container}, kAnswerWithin);
    if (known && known->exit_code == 0) {
      files.push_back({fmt::format("output-{}.txt", name),
                       answer_of(*podman, {"logs", "--tail", kLogLines, container})});
    }
  }
  return files;
}

}  // namespace podplay::pod
