// The commands about figures and alerts that are more than a table.
#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/show/answers.hpp"
#include "cli/show/exit_code.hpp"

namespace podplay::cli {
namespace {

constexpr const char* kMetrics = "/api/system/metrics";
constexpr const char* kTest = "/api/system/alerts/test";

}  // namespace

int run_metrics(const Invocation& invocation) {
  World& world = invocation.world;
  auto caller = make_caller(world, invocation.globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  const Status done = caller->download({.path = kMetrics}, [&world](std::string_view piece) {
    print_text(world.out, std::string(piece));
  });
  return done ? 0 : report_error(world, done.error(), caller->request_id());
}

// The answer is 503 with the same body when a receiver did not take it.
int run_alerts_test(const Invocation& invocation) {
  World& world = invocation.world;
  auto caller = make_caller(world, invocation.globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  const auto answer = caller->call({.method = "POST", .path = kTest});
  const Json body = answer ? *answer : caller->problem().value_or(Json());
  if (!body.is_object() || !body.contains("tries")) {
    return report_error(world, answer.error(), caller->request_id());
  }
  if (invocation.globals.json) {
    print_text(world.out, body.dump(2) + "\n");
    return answer ? 0 : 1;
  }
  for (const Json& one : body["tries"]) {
    print_to(world.out, "{}  {}  {}: {}\n", one.value("ok", false) ? "ok    " : "failed",
             one.value("way", ""), one.value("receiver", ""), one.value("answer", ""));
  }
  return answer ? 0 : 1;
}

}  // namespace podplay::cli
