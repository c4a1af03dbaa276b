// A whole control plane on a store in a temporary folder, without agents.
#pragma once

#include "base/encoding.hpp"
#include "base/test_folder.hpp"
#include "control/authority.hpp"
#include "control/certificates/certificates.hpp"
#include "control/certificates/versions.hpp"
#include "control/context.hpp"
#include "control/feed.hpp"
#include "control/identity/bootstrap.hpp"
#include "control/identity/hash_memory.hpp"
#include "control/identity/known_logins.hpp"
#include "control/identity/login.hpp"
#include "control/identity/outside_provider.hpp"
#include "control/identity/tokens.hpp"
#include "control/limits/exchange.hpp"
#include "control/settings.hpp"
#include "control/watch/log_levels.hpp"
#include "control/watch/revisions.hpp"
#include "control/work.hpp"
#include "guard/login_limiter.hpp"
#include "model/settings.hpp"

namespace podplay::test {

// The system's clock, moved by hand.
struct MovedClock final : Clock {
  std::chrono::milliseconds moved{0};
  WallTime now() const override { return real.now() + moved; }
  SteadyTime steady() const override { return real.steady() + moved; }
  void sleep(std::chrono::milliseconds duration) override { real.sleep(duration); }
  SystemClock real;
};

struct Plane {
  TestFolder folder;
  control::Paths paths{folder.path() + "/state",    folder.path() + "/certificates",
                       folder.path() + "/logs",     folder.path() + "/user-data",
                       folder.path() + "/enrol",    "services/api/rootfs",
                       folder.path() + "/overrides"};
  Settings settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"}}).value();
  MovedClock clock;
  RealFiles files;
  Logger log = silent_logger();
  ProcessRunner runner{log, false};
  std::unique_ptr<store::Store> store;
  control::Authority authority{files, clock, paths.state, paths.certificates, log};
  control::CertificateVersions versions{files, paths.certificates};
  control::KnownLogins known_logins;
  control::HashMemory hashes;
  guard::LoginLimiter logins{clock};
  control::LoginExchange login_exchange{logins};
  control::OutsideProvider outside_provider{clock};
  control::Hub hub{clock};
  control::JobWake jobs;
  Metrics metrics;
  control::LogLevels log_levels{settings};
  std::unique_ptr<control::Context> made;

  Plane() {
    must(files.make_dirs(paths.state, 0755));
    store = store::Store::open(paths.state + "/podplay.db", log).value();
    must(authority.load());
    made = std::make_unique<control::Context>(context_of(*store));
    must(control::open_feed(*made));
    must(control::adopt_settings(*made));
    const auto issued = control::ensure_certificates(*made);
    must(issued ? Status{} : std::unexpected(issued.error()));
    must(control::recall_revisions(*made));
    must(control::prepare_bootstrap(*made));
  }
  control::Context& context() { return *made; }
  control::Context context_of(store::Store& opened) {
    return {.store = opened,
            .clock = clock,
            .files = files,
            .runner = runner,
            .settings = settings,
            .paths = paths,
            .authority = authority,
            .versions = versions,
            .known_logins = known_logins,
            .hashes = hashes,
            .logins = logins,
            .login_exchange = login_exchange,
            .outside_provider = outside_provider,
            .hub = hub,
            .jobs = jobs,
            .metrics = metrics,
            .log_levels = log_levels,
            .log = log};
  }
  static void must(const Status& status) {
    if (!status) {
      throw std::runtime_error(describe(status.error()));
    }
  }
  // The administrator admin@example.test with the password "password123".
  control::Actor make_admin() {
    control::UserInput input;
    input.email = "admin@example.test";
    // Nobody may choose this one; an administrator may have it.
    input.password_hash = hash_password(Secret("password123")).value();
    const auto done =
        control::bootstrap(context(), control::Actor::anonymous("", ""),
                           files.read(paths.state + "/bootstrap.secret").value(), input, {});
    must(done ? Status{} : std::unexpected(done.error()));
    return control::Actor::of(done->object, "request", "127.0.0.1");
  }
};

}  // namespace podplay::test
