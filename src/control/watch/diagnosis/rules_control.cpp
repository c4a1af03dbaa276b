// The control plane itself. That it is down or unreachable is what `podplay doctor` finds on the
// host (pod/diagnosis).
#include <fmt/format.h>

#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/failing.hpp"

namespace podplay::control {
namespace {

std::optional<Shown> descriptors(const Evidence& evidence) {
  const EvidenceJson& process = evidence.control_section("process");
  const std::int64_t limit = number_of(process, "fd_limit");
  const std::int64_t used = number_of(process, "fds");
  if (limit <= 0 || used * 100 < limit * 95) {
    return std::nullopt;
  }
  return Shown{.shown = {fmt::format("podplayd has {} of {} file descriptors open", used, limit)},
               .follows = {"requests are refused, and agents count as away"}};
}

std::optional<Shown> memory(const Evidence& evidence) {
  const EvidenceJson& memory = evidence.control_section("memory");
  const std::int64_t limit = number_of(memory, "limit_bytes");
  const std::int64_t used = number_of(memory, "used_bytes");
  if (limit <= 0 || used < limit / 100 * 95) {
    return std::nullopt;
  }
  return Shown{.shown = {fmt::format("{} of {} are used", in_mebibytes(used), in_mebibytes(limit))},
               .follows = {"the kernel ends the control plane when it needs more"}};
}

std::optional<Shown> clock_wrong(const Evidence& evidence) {
  constexpr std::int64_t kSlack = 300'000;
  const std::int64_t begins = number_of(evidence.control_section("clock"), "begins");
  if (begins == 0 || to_millis(evidence.now) >= begins - kSlack) {
    return std::nullopt;
  }
  return Shown{.shown = {fmt::format("it is {} by the machine's clock, but the pod's authority was "
                                     "made at {}",
                                     to_rfc3339(evidence.now), to_rfc3339(from_millis(begins)))},
               .follows = {"every certificate counts as not yet valid"}};
}

// Certificates are issued into this volume; the state's is a matter of the store.
std::optional<Shown> read_only_store(const Evidence& evidence) {
  const EvidenceJson& disks = evidence.control_section("disk");
  Shown shown;
  std::vector<std::string> paths;
  if (!disks.is_array()) {
    return std::nullopt;
  }
  for (const EvidenceJson& disk : disks) {
    if (flag_of(disk, "read_only") || flag_of(disk, "missing")) {
      paths.push_back(text_of(disk, "path"));
      shown.shown.push_back(paths.back() +
                            (flag_of(disk, "missing") ? " is not there" : " is read-only"));
    }
  }
  if (paths.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(paths);
  return shown;
}

bool is_exposure(const ServiceCheck& one) { return one.check.name.starts_with("exposure"); }

// What it found of its own that a stranger could use: a known password, a key that all may read.
std::optional<Shown> exposed_control_plane(const Evidence& evidence) {
  Shown shown;
  for (const ServiceCheck& one : evidence.checks) {
    if (one.service == "control" && is_exposure(one) && one.check.result == CheckResult::failed) {
      shown.shown.push_back(fmt::format("{}: {}", one.check.name, one.check.reason));
    }
  }
  if (shown.shown.empty()) {
    return std::nullopt;
  }
  return shown;
}

// Something is wrong, and no rule says why.
std::optional<Shown> not_well(const Evidence& evidence) {
  Shown shown;
  for (const ServiceCheck& one : evidence.checks) {
    const bool failed = one.check.result == CheckResult::failed;
    if (one.service == "control" && failed && !is_exposure(one)) {
      shown.shown.push_back(fmt::format("{}: {}", one.check.name, one.check.reason));
    }
  }
  if (shown.shown.empty()) {
    return std::nullopt;
  }
  return shown;
}

constexpr std::string_view kOfClock[] = {"*"};
constexpr std::string_view kOfVolume[] = {"store-read-only", "store-unreachable",
                                          "control-plane-not-ready"};
constexpr std::string_view kOfMemory[] = {"control-plane-not-ready"};

constexpr Cause kControlRows[] = {
    {.id = "control-plane-volume",
     .service = "api",
     .title = "the control plane cannot write {}",
     .remedy = "look for errors of the disk with `dmesg`; run `podplay down` and `podplay up`",
     .runbook = "docs/runbooks/control.md#control-plane-volume",
     .rank = 9,
     .explains = kOfVolume,
     .pod = read_only_store},
    {.id = "clock-wrong",
     .service = "host",
     .title = "the machine's clock is in the past",
     .remedy = "set it and let the machine keep its time with NTP (`timedatectl set-ntp true`)",
     .runbook = "docs/runbooks/host.md#clock-wrong",
     .rank = 7,
     .explains = kOfClock,
     .pod = clock_wrong},
    {.id = "control-plane-descriptors-exhausted",
     .service = "api",
     .title = "the control plane has no file descriptors left",
     .remedy = "run `podplay down` and `podplay up`; report it, since podplayd should not keep so "
               "many open",
     .runbook = "docs/runbooks/control.md#control-plane-descriptors-exhausted",
     .rank = 19,
     .explains = kOfMemory,
     .pod = descriptors},
    {.id = "control-plane-exposed",
     .service = "api",
     .title = "a password or a key of the control plane is no secret",
     .remedy = "change the password that is named below with `podplay users password`; take the "
               "rights of others from the key (chmod o-rwx), then make a new one",
     .runbook = "docs/runbooks/exposure.md#control-plane-exposed",
     .rank = 26,
     .pod = exposed_control_plane},
    {.id = "control-plane-memory-short",
     .service = "api",
     .title = "the control plane has nearly used up its memory",
     .remedy = "raise the memory limit of the container api in deploy/pod.yaml, then run `podplay "
               "up`",
     .runbook = "docs/runbooks/control.md#control-plane-memory-short",
     .rank = 48,
     .explains = kOfMemory,
     .severity = CauseSeverity::warning,
     .pod = memory},
    {.id = "control-plane-not-ready",
     .service = "api",
     .title = "the control plane does not pass its checks, and no known cause explains it",
     .remedy = "read what the checks say below, then run `podplay logs api`",
     .runbook = "docs/runbooks/control.md#control-plane-not-ready",
     .rank = 90,
     .pod = not_well},
};

}  // namespace

const std::span<const Cause> kControlCauses = kControlRows;

}  // namespace podplay::control
