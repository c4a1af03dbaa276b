// One archive with all that shows how this server is, safe to send to a stranger: secrets are
// hidden, and people are pseudonyms. A job makes it; it can be downloaded for a day.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/context.hpp"
#include "control/jobs/run.hpp"

namespace podplay::control {

inline constexpr std::string_view kBundleJob = "support_bundle";
inline constexpr std::string_view kBundleRemovalJob = "support_bundle_removal";

struct SupportBundle {
  // "none", "waiting", "running", "ready" or "failed".
  std::string state = "none";
  std::int64_t percent = 0;
  // What is collected now, or why it failed.
  std::string words{};
  std::int64_t bytes = 0;
  // "podplay-support-2026-11-26T120000Z.tar.gz"
  std::string file{};
  WallTime created{};
};

// A file that the caller adds: what the host of the pod knows and the control plane does not.
struct HostFile {
  // "podman-ps.txt"
  std::string name;
  std::string text;
};

// Begins a new bundle, which replaces the one before; one that is being made goes on. Audit event
// SUPPORT_BUNDLE_MADE.
Result<SupportBundle> start_support_bundle(Context& context, const Actor& actor,
                                           const std::vector<HostFile>& host_files);
Result<SupportBundle> get_support_bundle(Context& context);

struct BundleFile {
  std::string path;
  std::string name;
  std::int64_t bytes = 0;
};
// Fails with "bundle_missing" while there is none.
Result<BundleFile> find_support_bundle(Context& context);

// The jobs.
Status make_support_bundle(Context& context, JobRun& run);
Status remove_support_bundle(Context& context, JobRun& run);

}  // namespace podplay::control
