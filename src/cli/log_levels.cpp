// `podplay system log-levels`: shows the levels of logs; with --component it changes one first.
#include <fmt/format.h>

#include <optional>

#include "base/numbers.hpp"
#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/show/change.hpp"
#include "cli/show/exit_code.hpp"

namespace podplay::cli {
namespace {

constexpr const char* kLevelsPath = "/api/system/log-levels";

// "90", "90s", "15m" or "2h".
Result<std::int64_t> duration_seconds(std::string_view text) {
  std::int64_t unit = 1;
  std::string_view number = text;
  if (!text.empty() && (text.back() == 's' || text.back() == 'm' || text.back() == 'h')) {
    const char letter = text.back();
    unit = letter == 'h' ? 3600 : 1;
    unit = letter == 'm' ? 60 : unit;
    number.remove_suffix(1);
  }
  const auto count = parse_number<std::int64_t>(number);
  if (!count || *count < 1 || *count > 86400) {
    return fail(ErrorKind::invalid, "bad_time", fmt::format("'{}' is not a time", text),
                "write --for 90s, 15m or 2h, at most 24h");
  }
  return *count * unit;
}

Result<Json> change_of(const Invocation& invocation) {
  const std::string& level = invocation.options.text("--level");
  const std::string& time = invocation.options.text("--for");
  const bool reset = invocation.options.flag("--reset");
  if (level.empty() != reset) {
    return fail(ErrorKind::invalid, "no_level", "--component needs a level",
                "add --level DEBUG, or --reset for what the setting says");
  }
  Json body{{"component", invocation.options.text("--component")}};
  if (!level.empty()) {
    body["level"] = level;
  }
  if (!time.empty()) {
    TRY(body["seconds"], duration_seconds(time));
  }
  return body;
}

void show_levels(World& world, const Json& answer) {
  for (const Json& one : answer.value("levels", Json::array())) {
    const bool changed = one.contains("until") && one["until"].is_string();
    print_to(world.out, "{:<6} {}{}\n", one.value("component", ""), one.value("level", ""),
             changed ? fmt::format("  until {}, then {}", one["until"].get<std::string>(),
                                   one.value("configured", ""))
                     : "");
  }
}

}  // namespace

int run_log_levels(const Invocation& invocation) {
  World& world = invocation.world;
  auto caller = make_caller(world, invocation.globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  const bool changes = !invocation.options.text("--component").empty();
  net::HttpRequest request{.path = kLevelsPath};
  if (changes) {
    const auto body = change_of(invocation);
    if (!body) {
      return report_error(world, body.error());
    }
    request.method = "PUT";
    if (invocation.globals.dry_run) {
      request.query["dry_run"] = "1";
    } else {
      request.query["wait"] = std::to_string(invocation.globals.wait);
    }
    request.headers["Content-Type"] = "application/json";
    request.body = body->dump();
  } else if (!invocation.options.text("--level").empty() || invocation.options.flag("--reset")) {
    return report_error(world, {.kind = ErrorKind::invalid,
                                .code = "no_component",
                                .message = "a level needs a component",
                                .remedy = "add --component mail, or --component all"});
  }
  const auto answer = caller->call(std::move(request));
  if (!answer) {
    return report_error(world, answer.error(), caller->request_id());
  }
  if (invocation.globals.json) {
    print_text(world.out, answer->dump(2) + "\n");
    return 0;
  }
  if (changes && invocation.globals.dry_run) {
    print_text(world.out, dry_run_text(*answer));
    return 0;
  }
  show_levels(world, *answer);
  return 0;
}

}  // namespace podplay::cli
