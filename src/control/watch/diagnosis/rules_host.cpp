// The machine under a service: volumes that are full, read-only or missing, and memory. The
// thresholds for volumes are those of the agents' probes (agent/pipe/volumes).
#include <fmt/format.h>

#include <algorithm>

#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/failing.hpp"

namespace podplay::control {
namespace {

constexpr std::string_view kHostSymptoms[] = {"*"};
constexpr std::string_view kOfFullVolume[] = {
    "*",           "daemon-does-not-start",  "log-volume-full",
    "volume-full", "volume-files-exhausted", "store-volume-full"};
constexpr std::int64_t kLeastBytes = 64LL << 20;
constexpr std::int64_t kLeastFiles = 1000;
constexpr std::string_view kLogs = "/data/logs";

bool lacks_bytes(const EvidenceJson& disk) {
  return disk.contains("free_bytes") && number_of(disk, "free_bytes") < kLeastBytes;
}

// A file system that does not count files has a total of 0.
bool lacks_files(const EvidenceJson& disk) {
  return number_of(disk, "total_files") > 0 && disk.contains("free_files") &&
         number_of(disk, "free_files") < kLeastFiles;
}

std::string words_of_disk(const EvidenceJson& disk) {
  return fmt::format("{}: {} of {} are free, and {} files", text_of(disk, "path"),
                     in_mebibytes(number_of(disk, "free_bytes")),
                     in_mebibytes(number_of(disk, "total_bytes")), number_of(disk, "free_files"));
}

// The volumes of the agent of which `wrong` is true, apart from the logs.
std::optional<Shown> volumes(const AgentEvidence& agent, bool (*wrong)(const EvidenceJson&)) {
  std::vector<std::string> paths;
  Shown shown;
  const EvidenceJson& disks = agent.section("disk");
  if (!disks.is_array()) {
    return std::nullopt;
  }
  for (const EvidenceJson& disk : disks) {
    if (disk.is_object() && text_of(disk, "path") != kLogs && wrong(disk)) {
      paths.push_back(text_of(disk, "path"));
      shown.shown.push_back(flag_of(disk, "missing") ? paths.back() + " is not there"
                                                     : words_of_disk(disk));
    }
  }
  if (paths.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(paths);
  return shown;
}

std::optional<Shown> volume_full(const Evidence&, const AgentEvidence& agent) {
  auto shown = volumes(agent, lacks_bytes);
  if (shown) {
    shown->follows.push_back(agent.service() == ServiceName::mail
                                 ? "mail is refused for now (4xx), and its senders try again"
                                 : "changes are refused");
  }
  return shown;
}

std::optional<Shown> files_exhausted(const Evidence&, const AgentEvidence& agent) {
  return volumes(agent, lacks_files);
}

std::optional<Shown> read_only_volume(const Evidence&, const AgentEvidence& agent) {
  return volumes(agent, [](const EvidenceJson& disk) { return flag_of(disk, "read_only"); });
}

std::optional<Shown> missing(const Evidence&, const AgentEvidence& agent) {
  return volumes(agent, [](const EvidenceJson& disk) { return flag_of(disk, "missing"); });
}

std::optional<Shown> logs_full(const Evidence&, const AgentEvidence& agent) {
  const EvidenceJson& disks = agent.section("disk");
  if (!disks.is_array()) {
    return std::nullopt;
  }
  for (const EvidenceJson& disk : disks) {
    const bool wrong = lacks_bytes(disk) || lacks_files(disk) || flag_of(disk, "read_only");
    if (text_of(disk, "path") == kLogs && wrong) {
      return Shown{
          .subject = std::string(kLogs),
          .shown = {words_of_disk(disk) + (flag_of(disk, "read_only") ? ", read-only" : "")},
          .follows = {"lines go to standard output only until there is room"}};
    }
  }
  return std::nullopt;
}

// Volumes of several containers are full, so it is the disk that they share.
std::optional<Shown> disk_full(const Evidence& evidence) {
  Shown shown;
  std::size_t containers = 0;
  std::int64_t total = 0;
  for (const AgentEvidence& agent : evidence.agents) {
    const EvidenceJson& disks = agent.section("disk");
    if (!disks.is_array()) {
      continue;
    }
    const auto full = std::ranges::find_if(
        disks, [](const EvidenceJson& disk) { return lacks_bytes(disk) || lacks_files(disk); });
    if (full == disks.end()) {
      continue;
    }
    const std::int64_t size = number_of(*full, "total_bytes");
    // Of one size: of one file system.
    if (total != 0 && size != total) {
      return std::nullopt;
    }
    total = size;
    ++containers;
    shown.shown.push_back(fmt::format("{}: {}", to_text(agent.service()), words_of_disk(*full)));
  }
  if (containers < 2) {
    return std::nullopt;
  }
  shown.follows.push_back("mail is refused for now (4xx), and changes are refused");
  return shown;
}

// A daemon has just ended by SIGKILL, after the kernel had killed for want of memory.
std::optional<Shown> out_of_memory(const Evidence& evidence, const AgentEvidence& agent) {
  constexpr std::int64_t kJustNow = 60'000;
  const EvidenceJson& memory = agent.section("memory");
  const EvidenceJson& exits = agent.section("exits");
  if (!exits.is_array()) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& exit : exits) {
    const bool now = to_millis(evidence.now) - number_of(exit, "ended") < kJustNow;
    if (flag_of(exit, "oom") && now) {
      names.push_back(text_of(exit, "daemon"));
      shown.shown.push_back(fmt::format("{} ended: {}", names.back(), text_of(exit, "how")));
    }
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  shown.shown.push_back(
      fmt::format("the kernel has killed {} processes of the container; {} of {} are used",
                  number_of(memory, "oom_kills"), in_mebibytes(number_of(memory, "used_bytes")),
                  in_mebibytes(number_of(memory, "limit_bytes"))));
  return shown;
}

std::optional<Shown> memory_short(const Evidence&, const AgentEvidence& agent) {
  const EvidenceJson& memory = agent.section("memory");
  const std::int64_t limit = number_of(memory, "limit_bytes");
  const std::int64_t used = number_of(memory, "used_bytes");
  if (limit <= 0 || used < limit / 100 * 95) {
    return std::nullopt;
  }
  return Shown{.shown = {fmt::format("{} of {} are used", in_mebibytes(used), in_mebibytes(limit))},
               .follows = {"the kernel kills a process when it needs more"}};
}

constexpr Cause kHostRows[] = {
    {.id = "disk-full",
     .service = "host",
     .title = "the machine's disk is full",
     .remedy = "make room on the disk of podman's volumes (`podplay podman system df`); nothing "
               "that was accepted is lost",
     .runbook = "docs/runbooks/host.md#disk-full",
     .rank = 5,
     .explains = kOfFullVolume,
     .pod = disk_full},
    {.id = "volume-missing",
     .title = "a volume of {} is not mounted",
     .remedy = "run `podplay down` and `podplay up`; `podplay podman volume ls` shows what exists",
     .runbook = "docs/runbooks/host.md#volume-missing",
     .rank = 8,
     .explains = kHostSymptoms,
     .agent = missing},
    {.id = "volume-read-only",
     .title = "{} is read-only",
     .remedy = "look for errors of the disk with `dmesg`; mount it writable again, then run "
               "`podplay down` and `podplay up`",
     .runbook = "docs/runbooks/host.md#volume-read-only",
     .rank = 9,
     .explains = kHostSymptoms,
     .agent = read_only_volume},
    {.id = "volume-full",
     .title = "{} is full",
     .remedy = "make room on this volume, or enlarge it; nothing that was accepted is lost",
     .runbook = "docs/runbooks/host.md#volume-full",
     .rank = 10,
     .explains = kHostSymptoms,
     .agent = volume_full},
    {.id = "volume-files-exhausted",
     .title = "{} can hold no more files: its inodes are used up",
     .remedy = "delete files there, or move the volume to a file system with more inodes",
     .runbook = "docs/runbooks/host.md#volume-files-exhausted",
     .rank = 10,
     .explains = kHostSymptoms,
     .agent = files_exhausted},
    {.id = "daemon-out-of-memory",
     .title = "{} is killed by the kernel: the container has used up its memory",
     .remedy = "raise the container's memory limit in deploy/pod.yaml, or take load from it; then "
               "run `podplay up`",
     .runbook = "docs/runbooks/daemons.md#daemon-out-of-memory",
     .rank = 12,
     .explains = kHostSymptoms,
     .agent = out_of_memory},
    {.id = "log-volume-full",
     .title = "the log volume takes no more lines",
     .remedy = "make room on the log volume, or lower PODPLAY_LOG_KEEP_BYTES or "
               "PODPLAY_LOG_KEEP_DAYS",
     .runbook = "docs/runbooks/host.md#log-volume-full",
     .rank = 15,
     .agent = logs_full},
    {.id = "memory-short",
     .title = "{} has nearly used up the memory of its container",
     .remedy = "raise the container's memory limit in deploy/pod.yaml, or take load from it",
     .runbook = "docs/runbooks/host.md#memory-short",
     .rank = 48,
     .severity = CauseSeverity::warning,
     .agent = memory_short},
};

}  // namespace

const std::span<const Cause> kHostCauses = kHostRows;

}  // namespace podplay::control
