// A member that is missing shows as nothing.
#include "cli/show/trace.hpp"

#include <fmt/format.h>

#include "cli/show/table.hpp"

namespace podplay::cli {
namespace {

using nlohmann::json;

std::string trace_timeline(const json& trace) {
  std::string text = fmt::format("{}\n", member(trace, "verdict"));
  const std::string id = member(trace, "message_id");
  text += id.empty() ? "" : fmt::format("Message-ID {}\n", id);
  for (const json& event : trace.value("events", json::array())) {
    text += fmt::format("  {}  {:<15}  {}\n", member(event, "time"), member(event, "queue_id"),
                        member(event, "text"));
  }
  return text;
}

json row_of(const json& trace) {
  const json ids = trace.value("queue_ids", json::array());
  return {{"began", member(trace, "began")},
          {"queue_id", ids.empty() ? "-" : ids.front().get<std::string>()},
          {"state", member(trace, "state")},
          {"verdict", member(trace, "verdict")}};
}

}  // namespace

std::string trace_text(const json& answer) {
  static constexpr std::string_view kColumns[] = {"began", "queue_id", "state", "verdict"};
  const json traces = answer.value("items", json::array());
  if (traces.empty()) {
    return "no such mail was found\n";
  }
  if (traces.size() == 1) {
    return trace_timeline(traces.front());
  }
  json rows = json::array();
  for (const json& trace : traces) {
    rows.push_back(row_of(trace));
  }
  return table(rows, kColumns);
}

}  // namespace podplay::cli
