// The control plane makes the bundle; what podman knows of the pod is sent to it, so that all of it
// is made safe in one place.
#include <fcntl.h>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/json_text.hpp"
#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/pod_commands.hpp"
#include "cli/show/exit_code.hpp"
#include "cli/show/table.hpp"
#include "pod/host_report.hpp"

namespace podplay::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kBundlePause = 300ms;
constexpr auto kLongestBundle = std::chrono::minutes(5);
constexpr const char* kBundlePath = "/api/system/support-bundle";

// What podman knows, as the body of the request.
Json host_body(const Invocation& invocation) {
  Json files = Json::array();
  if (!invocation.options.flag("--no-host")) {
    const auto settings = effective_settings(invocation.world.environment);
    if (settings) {
      for (auto& file : pod::report_host(pod_lifecycle(invocation.world, *settings))) {
        files.push_back({{"name", file.name}, {"text", std::move(file.text)}});
      }
    }
  }
  return {{"host", std::move(files)}};
}

Result<Json> wait_for_bundle(World& world, Caller& caller) {
  const SteadyTime until = world.clock.steady() + kLongestBundle;
  std::string shown;
  for (;;) {
    TRY(auto bundle, caller.call({.method = "GET", .path = kBundlePath}));
    const std::string state = member(bundle, "state");
    if (state == "ready") {
      return bundle;
    }
    if (state == "failed" || state == "none" || world.clock.steady() > until) {
      return fail(ErrorKind::unavailable, "bundle_failed",
                  fmt::format("the support bundle is not ready: {}", member(bundle, "words")),
                  "podplay jobs show support_bundle says why");
    }
    const std::string words =
        fmt::format("{}: {} %", member(bundle, "words"), member(bundle, "percent"));
    if (words != shown) {
      shown = words;
      print_to(world.err, "{}\n", words);
    }
    world.clock.sleep(kBundlePause);
  }
}

struct CloseBundle {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Status save_bundle(Caller& caller, const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const std::unique_ptr<std::FILE, CloseBundle> file(fd < 0 ? nullptr : ::fdopen(fd, "wb"));
  if (!file) {
    return fail(ErrorKind::io, "file_not_writable",
                fmt::format("{} cannot be made, or is there already", path),
                "name another one with --output");
  }
  bool written = true;
  TRY(caller.download(
      {.method = "GET", .path = std::string(kBundlePath) + "/file"}, [&](std::string_view piece) {
        written = written && std::fwrite(piece.data(), 1, piece.size(), file.get()) == piece.size();
      }));
  if (!written || std::fflush(file.get()) != 0) {
    return fail(ErrorKind::io, "file_not_writable", fmt::format("{} cannot be written", path),
                "is the disk full?");
  }
  return {};
}

Result<std::string> fetch_bundle(const Invocation& invocation, Caller& caller) {
  TRY(caller.call(
      {.method = "POST", .path = kBundlePath, .body = json_text(host_body(invocation))}));
  TRY(const auto bundle, wait_for_bundle(invocation.world, caller));
  const std::string& wanted = invocation.options.text("--output");
  std::string path = wanted.empty() ? member(bundle, "file") : wanted;
  TRY(save_bundle(caller, path));
  return path;
}

}  // namespace

int run_support_bundle(const Invocation& invocation) {
  World& world = invocation.world;
  auto caller = make_caller(world, invocation.globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  const auto path = fetch_bundle(invocation, *caller);
  if (!path) {
    return report_error(world, path.error(), caller->request_id());
  }
  print_to(world.out, "saved {}\n", *path);
  return 0;
}

}  // namespace podplay::cli
