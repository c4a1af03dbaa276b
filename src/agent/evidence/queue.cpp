// What waits in Postfix's queue, and why. Postfix keeps the reason of the last try of each waiting
// message in a file of the folder `defer` (bounce(5)), so a reason is gone as soon as the message
// is, and no log is read. A long queue is looked at in part.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "agent/evidence/deferral.hpp"
#include "agent/evidence/sections.hpp"
#include "agent/metrics/daemon_figures.hpp"
#include "base/numbers.hpp"

namespace podplay::agent {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kSpool = "/data/service/spool";
// Reasons that are read, and examples that are shown of each class.
constexpr std::size_t kMostReasons = 300;
constexpr std::size_t kMostExamples = 5;
// Of a file of reasons; one message may have a thousand recipients.
constexpr std::size_t kMostRead = 16384;

std::string read_start(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostRead, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

struct Class {
  std::int64_t count = 0;
  Json examples = Json::array();
};

}  // namespace

nlohmann::json collect_queue(const EvidenceTools& tools) {
  if (tools.service.service != ServiceName::mail) {
    return nullptr;
  }
  const QueueFigures figures = read_queue(kSpool);
  Json messages = Json::object();
  for (const auto& [folder, count] : figures.messages) {
    messages[folder] = count;
  }
  std::map<std::string, Class> classes;
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
    Class& one = classes[std::string(classify_deferral(reason))];
    ++one.count;
    if (one.examples.size() < kMostExamples) {
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
          {"looked_at", looked},
          {"reasons", std::move(reasons)}};
}

}  // namespace podplay::agent
