// The room that is left: on volumes, in the container's memory, in Postfix's queue.
#include <fmt/format.h>

#include "agent/checks/checks.hpp"
#include "agent/metrics/daemon_figures.hpp"
#include "base/memory_limit.hpp"
#include "base/volume_space.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono;

// Percent that are free.
constexpr std::uint64_t kLittleRoom = 10;
constexpr std::uint64_t kNoRoom = 1;
// Percent of the limit.
constexpr std::uint64_t kMuchMemory = 90;
constexpr std::uint64_t kMostMemory = 99;
constexpr hours kLongWait{24};

CheckResult result_of_room(std::uint64_t free, std::uint64_t total) {
  if (total == 0 || free * 100 > total * kLittleRoom) {
    return CheckResult::ok;
  }
  return free * 100 <= total * kNoRoom ? CheckResult::failed : CheckResult::warning;
}

void add_volume(std::vector<HealthCheck>& checks, const std::string& path) {
  const auto space = read_volume_space(path);
  if (!space) {
    return;
  }
  const std::string name = path.substr(path.rfind('/') + 1);
  HealthCheck bytes{.name = "disk-" + name,
                    .result = result_of_room(space->free_bytes, space->total_bytes),
                    .reason = fmt::format("{} of {} MiB are free in {}", space->free_bytes >> 20,
                                          space->total_bytes >> 20, path),
                    .facts = {{"free_bytes", static_cast<std::int64_t>(space->free_bytes),
                               static_cast<std::int64_t>(space->total_bytes * kNoRoom / 100)}}};
  if (space->read_only) {
    bytes.result = CheckResult::failed;
    bytes.reason = fmt::format("{} is read-only", path);
  }
  checks.push_back(std::move(bytes));
  if (space->total_files != 0) {
    checks.push_back({.name = "inodes-" + name,
                      .result = result_of_room(space->free_files, space->total_files),
                      .reason = fmt::format("{} of {} inodes are free in {}", space->free_files,
                                            space->total_files, path),
                      .facts = {{"free_inodes", static_cast<std::int64_t>(space->free_files),
                                 static_cast<std::int64_t>(space->total_files * kNoRoom / 100)}}});
  }
}

}  // namespace

CheckQuestion ask_volumes() {
  return {.name = "volumes", .interval = seconds{30}, .ask = [](const CheckTools& tools) {
            std::vector<HealthCheck> checks;
            add_volume(checks, tools.state);
            add_volume(checks, "/data/logs");
            if (tools.service.service != ServiceName::bind) {
              add_volume(checks, "/data/user-data");
            }
            return checks;
          }};
}

CheckQuestion ask_memory() {
  return {.name = "memory", .interval = seconds{30}, .ask = [](const CheckTools&) {
            std::vector<HealthCheck> checks;
            const auto memory = read_memory_limit();
            if (!memory || memory->limit_bytes == 0) {
              return checks;
            }
            HealthCheck check{
                .name = "memory",
                .reason = fmt::format("{} of {} MiB of memory are in use", memory->used_bytes >> 20,
                                      memory->limit_bytes >> 20),
                .facts = {{"used_bytes", static_cast<std::int64_t>(memory->used_bytes),
                           static_cast<std::int64_t>(memory->limit_bytes)},
                          {"oom_kills", static_cast<std::int64_t>(memory->oom_kills)}}};
            const std::uint64_t percent = memory->used_bytes * 100 / memory->limit_bytes;
            if (percent >= kMuchMemory) {
              check.result = percent >= kMostMemory ? CheckResult::failed : CheckResult::warning;
            }
            checks.push_back(std::move(check));
            return checks;
          }};
}

CheckQuestion ask_queue(std::string spool, QueueLimits limits) {
  return {.name = "queue",
          .interval = seconds{60},
          .ask = [spool = std::move(spool), limits](const CheckTools& tools) {
            const QueueFigures queue = read_queue(spool);
            std::uint64_t waiting = 0;
            for (const auto& [folder, count] : queue.messages) {
              waiting += folder == "hold" ? 0 : count;
            }
            const bool waits = queue.oldest != WallTime{} && queue.oldest < tools.clock.now();
            const auto age =
                waits ? duration_cast<minutes>(tools.clock.now() - queue.oldest) : minutes{0};
            HealthCheck size{.name = "queue-size",
                             .reason = fmt::format("{} messages wait in the queue", waiting),
                             .facts = {{"messages", static_cast<std::int64_t>(waiting),
                                        static_cast<std::int64_t>(limits.most)}}};
            if (waiting >= limits.many) {
              size.result = waiting > limits.most ? CheckResult::failed : CheckResult::warning;
              size.reason += ": `podplay mail queue list` shows why";
            }
            HealthCheck oldest{
                .name = "queue-age",
                .result = age >= kLongWait ? CheckResult::warning : CheckResult::ok,
                .reason = fmt::format("the oldest message has waited {} min", age.count()),
                .facts = {{"minutes", age.count(), minutes{kLongWait}.count()}}};
            return std::vector{size, oldest};
          }};
}

}  // namespace podplay::agent
