// What waits in Postfix's queue, and why. Postfix keeps the reason of the last try of each waiting
// message in a file of the folder `defer` (bounce(5)), so a reason is gone as soon as the message
// is, and no log is read. A long queue is looked at in part.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include "agent/evidence/deferral.hpp"
#include "agent/evidence/sections.hpp"
#include "agent/metrics/daemon_figures.hpp"

namespace podplay::agent {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kSpool = "/data/service/spool";
// Reasons that are read, and examples that are shown of each class.
constexpr std::size_t kMostReasons = 300;
constexpr std::size_t kMostQueueExamples = 5;
// Of a file of reasons; one message may have a thousand recipients.
constexpr std::size_t kMostRead = 16384;

std::string read_start(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostRead, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

struct DeferralClass {
  std::int64_t count = 0;
  Json examples = Json::array();
};

struct Growth {
  // Since the least of the last minutes.
  std::int64_t messages = 0;
  std::chrono::minutes within{0};
};

Growth note_waiting(KeptQueue& past, SteadyTime now, std::int64_t waiting) {
  constexpr std::chrono::minutes kMemory{15};
  constexpr std::size_t kMostSamples = 1000;
  const std::scoped_lock lock(past.mutex);
  while (!past.samples.empty() &&
         (now - past.samples.front().first > kMemory || past.samples.size() >= kMostSamples)) {
    past.samples.pop_front();
  }
  Growth growth;
  for (const auto& [at, count] : past.samples) {
    if (waiting - count > growth.messages) {
      growth = {.messages = waiting - count,
                .within = std::chrono::ceil<std::chrono::minutes>(now - at)};
    }
  }
  past.samples.emplace_back(now, waiting);
  return growth;
}

// Messages that wait for another try are the sign: those that are on their way only pass through.
bool is_growing(std::int64_t waiting, std::int64_t deferred, const Growth& growth) {
  constexpr std::int64_t kMany = 100;
  constexpr std::int64_t kMore = 50;
  return waiting >= kMany && growth.messages >= kMore && deferred * 2 >= waiting;
}

}  // namespace

nlohmann::json collect_queue(const EvidenceTools& tools) {
  if (tools.service.service != ServiceName::mail) {
    return nullptr;
  }
  const QueueFigures figures = read_queue(kSpool);
  Json messages = Json::object();
  std::int64_t waiting = 0;
  std::int64_t deferred = 0;
  for (const auto& [folder, count] : figures.messages) {
    const auto many = static_cast<std::int64_t>(count);
    messages[folder] = many;
    waiting += folder == "hold" ? 0 : many;
    deferred += folder == "deferred" ? many : 0;
  }
  const Growth growth = note_waiting(tools.kept.queue, tools.clock.steady(), waiting);
  std::map<std::string, DeferralClass> classes;
  std::size_t looked = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(std::string(kSpool) + "/defer", error), end;
       !error && at != end && looked < kMostReasons; at.increment(error)) {
    std::error_code gone;
    if (!at->is_regular_file(gone)) {
      continue;
    }
    const Deferral reason = read_deferral(read_start(at->path()));
    if (reason.words.empty()) {
      continue;
    }
    ++looked;
    DeferralClass& one = classes[std::string(classify_deferral(reason))];
    ++one.count;
    if (one.examples.size() < kMostQueueExamples) {
      one.examples.push_back({{"queue_id", at->path().filename().string()},
                              {"recipient", reason.recipient},
                              {"status", reason.status},
                              {"words", reason.words}});
    }
  }
  Json reasons = Json::object();
  for (auto& [name, one] : classes) {
    reasons[name] = {{"count", one.count}, {"examples", std::move(one.examples)}};
  }
  const bool waits = figures.oldest != WallTime{};
  return {{"messages", std::move(messages)},
          {"oldest_ms", waits ? to_millis(tools.clock.now()) - to_millis(figures.oldest) : 0},
          {"waiting", waiting},
          {"growing", is_growing(waiting, deferred, growth)},
          {"growth", growth.messages},
          {"growth_minutes", growth.within.count()},
          {"looked_at", looked},
          {"reasons", std::move(reasons)}};
}

}  // namespace podplay::agent
