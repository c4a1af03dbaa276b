// A version that a row names is never removed.
#include "control/certificates/jobs.hpp"

#include <fmt/format.h>

#include "control/certificates/versions.hpp"
#include "control/certificates/certificates.hpp"
#include "store/certificates.hpp"

namespace podplay::control {
namespace {

constexpr std::chrono::days kUnusedKept{7};

}  // namespace

Status renew_certificates(Context& context, JobRun& run) {
  run.step("issue certificates that are due");
  TRY(const bool any, ensure_certificates(context));
  run.say(any ? "issued; GET /api/revisions names them" : "none was due");
  return {};
}

Status remove_old_certificates(Context& context, JobRun& run) {
  run.step("remove old certificates and their keys");
  TRY(const auto names, context.versions.names());
  int expired = 0;
  int unused = 0;
  std::int64_t seen = 0;
  for (const std::string& name : names) {
    if (run.stopping()) {
      return JobRun::stopped();
    }
    run.progress(seen++, std::ssize(names));
    TRY(const auto row,
        context.store.read<std::optional<Certificate>>(
            [&](store::Session& session) { return store::find_certificate(session, name); }));
    const WallTime now = context.clock.now();
    if (row) {
      TRY(context.versions.note_used(name));
      // Services that were away may not have taken the current version yet.
      if (now - row->not_before < kUnusedKept) {
        continue;
      }
      const auto removed = context.versions.remove_expired({name, row->version}, now);
      if (!removed) {
        context.certificate_log.error("old versions of a certificate cannot be removed",
                                      {{"name", name}, {"why", describe(removed.error())}});
        continue;
      }
      expired += *removed;
    } else {
      TRY(const bool removed, context.versions.remove_unused(name, now, kUnusedKept));
      unused += removed ? 1 : 0;
    }
  }
  run.say(fmt::format("{} expired versions and {} unused names removed", expired, unused));
  return {};
}

}  // namespace podplay::control
