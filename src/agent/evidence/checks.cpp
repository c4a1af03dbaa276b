// What the daemons' own checkers say about the release in use. They take a second of processor
// time, so they run only when something is wrong already, and one answer serves ten seconds.
#include <chrono>
#include <filesystem>
#include <mutex>
#include <string>

#include "agent/evidence/sections.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono;

constexpr seconds kFresh{10};
// Of the words of a checker.
constexpr std::size_t kMostWords = 4096;

}  // namespace

nlohmann::json collect_checks(const EvidenceTools& tools) {
  const std::string release = tools.state + "/current";
  std::error_code error;
  if (!tools.checks || !std::filesystem::exists(release, error)) {
    return nullptr;
  }
  KeptChecks& last = tools.kept.checks;
  const std::scoped_lock lock(last.mutex);
  const SteadyTime now = tools.clock.steady();
  if (last.answer && last.release == release && now - last.at < kFresh) {
    return *last.answer;
  }
  const Step checked = tools.candidates.check(release);
  nlohmann::json answer{{"ok", checked.has_value()}, {"daemon", ""}, {"words", ""}};
  if (!checked) {
    answer["daemon"] = checked.error().daemon;
    answer["words"] = checked.error().message.substr(0, kMostWords);
  }
  last.at = tools.clock.steady();
  last.release = release;
  last.answer = answer;
  return answer;
}

}  // namespace podplay::agent
