// `podplay test monitor`: asks for the state again and again, as a watcher outside would, and says
// what changed. The end of it is a summary.
#include <fmt/format.h>

#include <algorithm>

#include "base/numbers.hpp"
#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/show/exit_code.hpp"
#include "cli/show/table.hpp"

namespace podplay::cli {
namespace {

using namespace std::chrono;

struct Look {
  bool ready = false;
  // What is not ready; empty: all is.
  std::string words;
  milliseconds took{0};
};

std::string readiness_words(const Json& readiness) {
  std::string words;
  for (const Json& service : readiness.value("services", Json::array())) {
    const std::string state = service.value("state", "");
    if (state != "ready") {
      words += fmt::format("{}{}: {} {}", words.empty() ? "" : ", ", service.value("service", ""),
                           state, service.value("message", ""));
    }
  }
  return words;
}

Look look(World& world, Caller& caller) {
  const SteadyTime begun = world.clock.steady();
  const auto answer = caller.call({.method = "GET", .path = "/readyz"});
  Look look{.ready = answer && answer->value("ready", false),
            .words = {},
            .took = duration_cast<milliseconds>(world.clock.steady() - begun)};
  if (answer) {
    look.words = readiness_words(*answer);
  } else if (caller.problem()) {
    look.words = readiness_words(*caller.problem());
  }
  if (!answer && look.words.empty()) {
    look.words = describe(answer.error());
  }
  return look;
}

std::int64_t flag_seconds(const Invocation& invocation, const char* flag, std::int64_t otherwise) {
  const auto value = parse_number<std::int64_t>(invocation.options.text(flag));
  return value && *value > 0 ? *value : otherwise;
}

}  // namespace

int run_monitor(const Invocation& invocation) {
  World& world = invocation.world;
  auto caller = make_caller(world, invocation.globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  const seconds longest(flag_seconds(invocation, "--seconds", 60));
  const seconds pause(flag_seconds(invocation, "--every", 5));
  const SteadyTime until = world.clock.steady() + longest;
  int looks = 0;
  int ready = 0;
  milliseconds slowest{0};
  std::string before = "-";
  for (;;) {
    const Look now = look(world, *caller);
    ++looks;
    ready += now.ready ? 1 : 0;
    slowest = std::max(slowest, now.took);
    const std::string words = now.ready ? "ready" : "not ready: " + now.words;
    if (words != before) {
      print_to(world.out, "{}  {}\n", to_rfc3339(world.clock.now()), words);
      std::fflush(world.out);
      before = words;
    }
    if (world.clock.steady() + pause > until) {
      break;
    }
    world.clock.sleep(pause);
  }
  print_to(world.out, "{} looks, {} ready, slowest answer {} ms\n", looks, ready, slowest.count());
  constexpr int kNotAllReady = 8;
  return ready == looks ? 0 : kNotAllReady;
}

}  // namespace podplay::cli
