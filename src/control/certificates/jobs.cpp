// A version that a row names is never removed.
#include "control/certificates/jobs.hpp"

#include <fmt/format.h>

#include "control/certificates/certificates.hpp"
#include "control/certificates/order_run.hpp"
#include "control/certificates/renewal.hpp"
#include "control/certificates/versions.hpp"
#include "store/acme.hpp"
#include "store/certificates.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr days kUnusedKept{7};
// Authorities count a week at most; people look back further.
constexpr days kOrdersKept{90};
constexpr std::int64_t kOrdersAtOnce = 1000;

Status remove_old_orders(Context& context) {
  const WallTime before = context.clock.now() - kOrdersKept;
  for (;;) {
    TRY(const auto deleted, context.store.write<std::int64_t>(
                                [&](store::Transaction& transaction) -> Result<std::int64_t> {
                                  return store::delete_ended_orders(transaction, before,
                                                                    kOrdersAtOnce);
                                }));
    if (deleted < kOrdersAtOnce) {
      return {};
    }
  }
}

}  // namespace

Status renew_certificates(Context& context, JobRun& run) {
  run.step("make the configured account");
  TRY(make_configured_account(context));
  run.step("ask authorities for renewal windows");
  TRY(const int asked, ask_renewal_windows(context));
  run.say(fmt::format("{} asked", asked));
  run.step("issue certificates that are due");
  TRY(const auto done, renew_due_certificates(context));
  run.say(fmt::format("{} issued, {} ordered", done.issued, done.ordered));
  return {};
}

Status run_order(Context& context, JobRun& run) { return OrderRun(context, run).work(); }

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
  TRY(remove_old_orders(context));
  run.say(fmt::format("{} expired versions and {} unused names removed", expired, unused));
  return {};
}

}  // namespace podplay::control
