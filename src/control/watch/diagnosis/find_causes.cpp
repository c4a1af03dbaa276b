// Applies the rules, then folds: what another finding explains becomes one of its consequences. In
// the order of ranks, each finding looks for one before it that explains it.
#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/diagnose.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kMostShown = 10;
// Longer lines are cut, in bytes.
constexpr std::size_t kLongestLine = 500;
// Causes of these ranks stand for themselves: "*" does not explain them.
constexpr int kOfPeople = 60;
constexpr int kUnexplained = 90;

struct Match {
  const Cause* cause = nullptr;
  // nullptr: of the pod.
  const AgentEvidence* agent = nullptr;
  FoundCause found{};
  // The finding that it is told with; itself when nothing explains it.
  std::size_t root = 0;
};

// Each "{}" becomes the subject, each "{service}" the service.
std::string fill(std::string_view text, const std::string& subject, const std::string& service) {
  constexpr std::string_view kService = "{service}";
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with(kService)) {
      result += service;
      at += kService.size() - 1;
    } else if (text.substr(at, 2) == "{}") {
      result += subject;
      ++at;
    } else {
      result += text[at];
    }
  }
  return result;
}

std::vector<std::string> cut(std::vector<std::string> lines) {
  if (lines.size() > kMostShown) {
    const std::size_t more = lines.size() - kMostShown;
    lines.resize(kMostShown);
    lines.push_back("and " + std::to_string(more) + " more");
  }
  for (std::string& line : lines) {
    if (line.size() > kLongestLine) {
      // Not within a character of UTF-8.
      std::size_t end = kLongestLine;
      while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) {
        --end;
      }
      line.resize(end);
      line += " ...";
    }
  }
  return lines;
}

Match match_of(const Cause& cause, const AgentEvidence* agent, Shown shown) {
  FoundCause found{.cause = std::string(cause.id), .severity = cause.severity};
  found.service = std::string(cause.service);
  if (agent != nullptr) {
    found.service = std::string(to_text(agent->service()));
    found.host = agent->status.agent.host;
  }
  found.subject = std::move(shown.subject);
  const std::string& named = found.subject.empty() ? found.service : found.subject;
  found.title = fill(cause.title, named, found.service);
  found.remedy = fill(cause.remedy, named, found.service);
  found.runbook = std::string(cause.runbook);
  found.shown = cut(std::move(shown.shown));
  found.follows = std::move(shown.follows);
  return {.cause = &cause, .agent = agent, .found = std::move(found)};
}

// A rule that fails says nothing; the others go on.
template <class Rule>
std::optional<Shown> apply(const Rule& rule) {
  try {
    return rule();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::vector<Match> match_all(const Evidence& evidence) {
  std::vector<Match> matches;
  for (const auto& table : all_causes()) {
    for (const Cause& cause : table) {
      if (cause.pod != nullptr) {
        if (auto shown = apply([&] { return cause.pod(evidence); })) {
          matches.push_back(match_of(cause, nullptr, std::move(*shown)));
        }
        continue;
      }
      for (const AgentEvidence& agent : evidence.agents) {
        if (!cause.service.empty() && cause.service != to_text(agent.service())) {
          continue;
        }
        if (auto shown = apply([&] { return cause.agent(evidence, agent); })) {
          matches.push_back(match_of(cause, &agent, std::move(*shown)));
        }
      }
    }
  }
  return matches;
}

bool explains(const Match& reason, const Match& other) {
  for (const std::string_view id : reason.cause->explains) {
    // A cause that is named follows wherever it is seen.
    if (id == other.cause->id) {
      return true;
    }
    const bool stands_alone = other.cause->rank >= kOfPeople && other.cause->rank < kUnexplained;
    const bool same_place = reason.agent == nullptr || reason.agent == other.agent;
    if (id == "*" && same_place && !stands_alone && other.cause->rank > reason.cause->rank) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::span<const std::span<const Cause>> all_causes() {
  static const std::array kTables{kHostCauses,   kStoreCauses,       kControlCauses, kAgentCauses,
                                  kDaemonCauses, kCertificateCauses, kDnsCauses,     kMailCauses,
                                  kQueueCauses,  kLoginCauses,       kWebCauses};
  return kTables;
}

const Cause* find_cause(std::string_view id) {
  for (const auto& table : all_causes()) {
    const auto found = std::ranges::find(table, id, &Cause::id);
    if (found != table.end()) {
      return &*found;
    }
  }
  return nullptr;
}

std::vector<FoundCause> find_causes(const Evidence& evidence) {
  std::vector<Match> matches = match_all(evidence);
  for (std::size_t i = 0; i < matches.size(); ++i) {
    matches[i].root = i;
  }
  // Of equal rank: as in the tables.
  std::ranges::sort(matches, {},
                    [](const Match& match) { return std::pair(match.cause->rank, match.root); });
  for (std::size_t i = 0; i < matches.size(); ++i) {
    matches[i].root = i;
    for (std::size_t before = 0; before < i; ++before) {
      if (explains(matches[before], matches[i])) {
        const std::size_t root = matches[before].root;
        matches[i].root = root;
        auto& follows = matches[root].found.follows;
        if (std::ranges::find(follows, matches[i].found.title) == follows.end()) {
          follows.push_back(matches[i].found.title);
        }
        break;
      }
    }
  }
  std::vector<FoundCause> findings;
  // What is broken comes before what only may break.
  for (const auto severity : {CauseSeverity::broken, CauseSeverity::warning}) {
    for (std::size_t i = 0; i < matches.size(); ++i) {
      if (matches[i].root == i && matches[i].cause->severity == severity) {
        matches[i].found.follows = cut(std::move(matches[i].found.follows));
        findings.push_back(std::move(matches[i].found));
      }
    }
  }
  return findings;
}

}  // namespace podplay::control
