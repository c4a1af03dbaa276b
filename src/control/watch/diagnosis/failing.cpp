// A daemon fails when it ended a short while ago, or ends soon after each start. One that runs on
// is not failing, however it ended before.
#include "control/watch/diagnosis/failing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/ascii.hpp"

namespace podplay::control {
namespace {

// A process that lived this long had started well.
constexpr std::int64_t kStartedWell = 10'000;
// An end longer ago explains nothing; the longest pause between two starts is 30 s.
constexpr std::int64_t kLongAgo = 120'000;

// Its process runs so long that it is no more one that ends soon after its start.
bool runs_on(const Evidence& evidence, const AgentEvidence& agent, const std::string& name) {
  const auto found = std::ranges::find(agent.status.daemons, name, &DaemonStatus::name);
  return found != agent.status.daemons.end() && found->pid != 0 && found->state == "starting" &&
         to_millis(evidence.now) - found->since >= kStartedWell;
}

}  // namespace

std::vector<FailingDaemon> failing_daemons(const Evidence& evidence, const AgentEvidence& agent) {
  std::vector<FailingDaemon> failing;
  const EvidenceJson& exits = agent.section("exits");
  if (!exits.is_array()) {
    return failing;
  }
  for (const EvidenceJson& exit : exits) {
    const std::string how = text_of(exit, "how");
    const std::int64_t ago = to_millis(evidence.now) - number_of(exit, "ended");
    if (text_of(exit, "state") == "ready" || how.empty() || ago > kLongAgo ||
        number_of(exit, "lived_ms") >= kStartedWell ||
        runs_on(evidence, agent, text_of(exit, "daemon"))) {
      continue;
    }
    failing.push_back({.name = text_of(exit, "daemon"),
                       .how = how,
                       .signal = static_cast<int>(number_of(exit, "signal")),
                       .words = split_lines(text_of(exit, "last_words"))});
  }
  return failing;
}

std::string join_names(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::optional<Shown> rows_refused(const AgentEvidence& agent,
                                  const std::function<bool(const SetAsideRow&)>& wanted) {
  std::vector<std::string> names;
  Shown shown;
  for (const SetAsideRow& row : agent.status.set_aside) {
    if (wanted(row)) {
      names.push_back(row.key);
      shown.shown.push_back(fmt::format("{} refuses {}: {}", row.daemon, row.key, row.message));
    }
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

std::vector<std::string> lines_with(const std::vector<std::string>& lines,
                                    std::initializer_list<std::string_view> phrases) {
  std::vector<std::string> found;
  for (const std::string& line : lines) {
    const std::string folded = lower(line);
    const bool has = std::ranges::any_of(phrases, [&](std::string_view phrase) {
      return folded.find(lower(phrase)) != std::string::npos;
    });
    if (has && std::ranges::find(found, line) == found.end()) {
      found.push_back(line);
    }
  }
  return found;
}

std::string refused_words(const AgentEvidence& agent, std::string& daemon) {
  const EvidenceJson& checks = agent.section("checks");
  if (!checks.is_object() || flag_of(checks, "ok", true)) {
    return {};
  }
  daemon = text_of(checks, "daemon");
  return text_of(checks, "words");
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) {
      lines.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string in_mebibytes(std::int64_t bytes) { return fmt::format("{} MiB", bytes >> 20); }

}  // namespace podplay::control
