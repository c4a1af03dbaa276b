// podplayd, the control plane. This file only wires settings, store, certificates, the API and the
// agents' link together.
#include <malloc.h>
#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "api/link.hpp"
#include "api/logs.hpp"
#include "api/metrics.hpp"
#include "api/openapi.hpp"
#include "api/routes.hpp"
#include "api/serve.hpp"
#include "base/child.hpp"
#include "base/counted_lines.hpp"
#include "base/due.hpp"
#include "base/memory.hpp"
#include "base/restart.hpp"
#include "base/run_mark.hpp"
#include "control/authority.hpp"
#include "control/certificates/certificates.hpp"
#include "control/certificates/outside_watch.hpp"
#include "control/certificates/versions.hpp"
#include "control/context.hpp"
#include "control/feed.hpp"
#include "control/identity/bootstrap.hpp"
#include "control/identity/hash_memory.hpp"
#include "control/identity/known_logins.hpp"
#include "control/identity/outside_provider.hpp"
#include "control/identity/token_key.hpp"
#include "control/jobs/kinds.hpp"
#include "control/jobs/runner.hpp"
#include "control/journeys/letter_text.hpp"
#include "control/limits/exchange.hpp"
#include "control/limits/login_audit.hpp"
#include "control/limits/rules.hpp"
#include "control/mail/relay.hpp"
#include "control/settings.hpp"
#include "control/volumes.hpp"
#include "control/watch/active.hpp"
#include "control/watch/alerts/watch.hpp"
#include "control/watch/health/health_watch.hpp"
#include "control/watch/health/history.hpp"
#include "control/watch/health/journey.hpp"
#include "control/watch/log_levels.hpp"
#include "control/watch/revisions.hpp"
#include "control/work.hpp"
#include "guard/login_limiter.hpp"
#include "logs/log_files.hpp"
#include "logs/redaction.hpp"
#include "model/settings.hpp"
#include "net/http.hpp"

namespace {

using namespace podplay;

constexpr int kApiPort = 8600;
constexpr int kLinkPort = 8601;
// Of /metrics, which only this pod reaches.
constexpr int kMetricsPort = 8602;
// A connection that is kept alive occupies one.
constexpr int kApiThreads = 80 + api::kMostFollowers;
// Three agents, each with connections that are kept alive for work, reports, results and enrolment;
// mail has two more for logins.
constexpr int kLinkThreads = 24;
// In bytes, for the result of a command, such as a long queue.
constexpr std::size_t kResultLimit = 8U << 20;
// Where `podplay up` mounts the settings that are secrets (deploy/pod.yaml).
constexpr const char* kSecretSettings = "/run/podplay-secrets/settings.json";
constexpr auto kLinkLifetime = std::chrono::hours(24);

int complain(const Error& error) {
  // It may quote PODPLAY_DATABASE_URL.
  std::fprintf(stderr, "podplayd: %s\n", logs::redact(describe(error)).c_str());
  return 1;
}

LogFormat log_format(const Settings& settings) {
  return settings.text("PODPLAY_LOG_FORMAT") == "json" ? LogFormat::json : LogFormat::text;
}

// The control plane's logs. All go to standard output, and into files below /data/logs/api and
// /data/logs/certs.
struct Logs {
  // One for all, so that lines do not mix.
  std::shared_ptr<LogSink> out;
  logs::LogFiles files;
  Logger api;
  Logger audit;
  Logger auth;
  Logger store;
  Logger certificates;

  Logs(const Settings& settings, const std::string& folder, const control::LogLevels& levels,
       Metrics& metrics)
      : out(std::make_shared<CountedLines>(make_stdout_sink(), metrics,
                                           MetricLabels{{"component", "api"}})),
        files({.root = folder,
               .keep = {.days = static_cast<int>(settings.integer("PODPLAY_LOG_KEEP_DAYS")),
                        .bytes = settings.integer("PODPLAY_LOG_KEEP_BYTES")}},
              Logger({out}, "api.logs", Level::info, log_format(settings))),
        api(logger(settings, "api", levels.shared("api"), "api/api")),
        audit(logger(settings, "api.audit", levels.shared("user"), "api/audit")),
        auth(logger(settings, "api.auth", levels.shared("auth"), "api/auth")),
        store(logger(settings, "api.store", levels.shared("store"), "api/api")),
        certificates(
            logger(settings, "api.certs", levels.shared("cert"), "certs/operations")
                .with_sink(logs::make_redacting_sink({files.file("certs/errors")}), Level::error)) {
    files.count_in(metrics);
  }

 private:
  Logger logger(const Settings& settings, const char* component, SharedLevel level,
                const char* file) {
    return Logger({logs::make_redacting_sink({out, files.file(file)})}, component, std::move(level),
                  log_format(settings));
  }
};

// Everything that lives as long as the program. Constant after open(), apart from the parts that
// guard themselves.
struct Plane {
  Settings settings;
  control::Paths paths;
  SystemClock clock;
  RealFiles files;
  control::LogLevels levels;
  Metrics metrics;
  Logs logs;
  Logger log = logs.api;
  ProcessRunner runner;
  std::unique_ptr<store::Store> store;
  control::Authority authority;
  control::CertificateVersions versions;
  control::KnownLogins known_logins;
  control::HashMemory hashes;
  guard::LoginLimiter logins{clock};
  control::LoginExchange login_exchange{logins};
  control::OutsideProvider outside_provider{clock};
  control::Hub hub;
  control::JobWake jobs;

  Plane(Settings s, control::Paths p)
      : settings(std::move(s)),
        paths(std::move(p)),
        levels(settings),
        logs(settings, paths.logs, levels, metrics),
        runner(log, settings.boolean("PODPLAY_LOG_COMMANDS")),
        authority(files, clock, paths.state, paths.certificates, logs.certificates),
        versions(files, paths.certificates),
        hub(clock, settings.text("PODPLAY_HOST_ID")) {}

  control::Context context() {
    return {.store = *store,
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
            .log_levels = levels,
            .log = log,
            .audit = logs.audit,
            .auth = logs.auth,
            .certificate_log = logs.certificates};
  }

  Status open() {
    const Secret url = settings.secret("PODPLAY_DATABASE_URL");
    TRY(auto opened,
        store::Store::open(url.empty() ? paths.state + "/podplay.db" : url.reveal(), logs.store));
    store = std::move(opened);
    return authority.load();
  }
};

// The folders. Only tests change them; they are no settings of the pod.
control::Paths make_paths() {
  const auto environment = process_environment();
  const auto folder = [&](const char* name, const std::string& otherwise) {
    const auto found = environment.find(name);
    return found == environment.end() ? otherwise : found->second;
  };
  const std::string data = folder("PODPLAYD_DATA", "/data");
  return {.state = data + "/state",
          .certificates = data + "/certificates",
          .logs = data + "/logs",
          .user_data = data + "/user-data",
          .enrolment = folder("PODPLAYD_ENROL", "/enrol"),
          .templates = folder("PODPLAYD_TEMPLATES", "/usr/share/podplay/templates"),
          .overrides = data + "/overrides"};
}

Result<std::unique_ptr<Plane>> make_plane() {
  RealFiles files;
  TRY(const auto environment,
      control::with_secret_settings(process_environment(), files, kSecretSettings));
  TRY(auto settings, effective_settings(environment));
  return std::make_unique<Plane>(std::move(settings), make_paths());
}

// Makes everything that must exist before the services start.
Status prepare() {
  TRY(control::prepare_volumes(make_paths()));
  TRY(control::become_control_user());
  TRY(const auto plane, make_plane());
  TRY(plane->open());
  control::Context context = plane->context();
  TRY(control::open_feed(context));
  TRY(control::adopt_settings(context));
  TRY(control::prepare_token_key(context));
  TRY(control::ensure_certificates(context));
  TRY(control::prepare_enrolment(context));
  TRY(control::prepare_login_nonce(context));
  TRY(control::prepare_relay(context));
  TRY(control::prepare_bootstrap(context));
  plane->log.info("prepared the volumes");
  return {};
}

// The init container.
int init() {
  const Status done = prepare();
  return done ? 0 : complain(done.error());
}

Result<net::TlsIdentity> link_identity(Plane& plane) {
  TRY(auto key, net::make_private_key());
  TRY(auto certificate, net::issue_certificate(plane.authority.keys(), key, "podplay-api",
                                               {"podplay-api", "localhost", "127.0.0.1"},
                                               kLinkLifetime, plane.clock.now()));
  return net::TlsIdentity{certificate + plane.authority.certificate(), std::move(key)};
}

// Waits for SIGTERM or SIGINT. Once a minute it checks by the wall clock whether half of the
// lifetime of the link's certificate has passed, and renews it then. A failed renewal is tried
// again a minute later. A job renews the other certificates.
// The same minute gives back the memory that an import or a large answer needed once: free pages
// between used ones would stay with the heap otherwise.
void wait_for_end(Plane& plane, net::HttpServer& link, const sigset_t& signals) {
  const timespec minute{60, 0};
  WallTime renewed = plane.clock.now();
  for (;;) {
    const int signal = ::sigtimedwait(&signals, nullptr, &minute);
    if (signal == SIGTERM || signal == SIGINT) {
      return;
    }
    if (signal >= 0 || errno == EINTR) {
      continue;
    }
    release_memory();
    const WallTime now = plane.clock.now();
    if (!is_due(renewed, kLinkLifetime / 2, now)) {
      continue;
    }
    auto identity = link_identity(plane);
    if (identity) {
      link.renew(std::move(*identity));
      renewed = now;
    } else {
      plane.log.error("the link's certificate could not be renewed",
                      {{"why", describe(identity.error())}});
    }
  }
}

// Notes when the run before was not stopped: podman has started the container again.
Status begin_run(Plane& plane, control::Context& context, RunMark& mark) {
  TRY(const auto why, mark.begin());
  if (!why) {
    return {};
  }
  plane.log.warn("the run before was not stopped", {{"why", *why}});
  return control::add_health_changes(context, {{.at = plane.clock.now(),
                                                .service = "control",
                                                .host = plane.settings.text("PODPLAY_HOST_ID"),
                                                .kind = "service_restarted",
                                                .subject = "control",
                                                .cause = *why}});
}

int serve() {
  // The program has many threads and must stay small: it uses few arenas, and the memory of large
  // requests goes back to the system. Stacks keep their size, since unused parts of them take no
  // memory.
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_TRIM_THRESHOLD, 512 << 10);
  ::mallopt(M_MMAP_THRESHOLD, 256 << 10);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  auto made = make_plane();
  if (!made) {
    return complain(made.error());
  }
  Plane& plane = **made;
  const Status opened = plane.open();
  if (!opened) {
    return complain(opened.error());
  }
  control::Context context = plane.context();
  Status ready = control::open_feed(context);
  if (ready) {
    ready = control::adopt_settings(context);
  }
  if (ready) {
    ready = control::prepare_token_key(context);
  }
  if (ready) {
    ready = control::recall_revisions(context);
  }
  if (ready) {
    ready = control::recall_log_levels(context);
  }
  RunMark mark(plane.files, plane.paths.state + "/running");
  if (const Status noted = begin_run(plane, context, mark); !noted) {
    plane.log.warn("cannot note how the run before ended", {{"why", describe(noted.error())}});
  }
  control::adopt_limits(context);
  if (const Status letters = control::check_letters(plane.files, plane.paths); !letters) {
    plane.log.error("mails to people cannot be written", {{"why", describe(letters.error())}});
  }
  auto identity = link_identity(plane);
  if (!ready) {
    return complain(ready.error());
  }
  if (!identity) {
    return complain(identity.error());
  }

  net::HttpServerOptions link_options;
  link_options.port = kLinkPort;
  link_options.threads = kLinkThreads;
  link_options.tls = std::move(*identity);
  link_options.client_ca = plane.authority.certificate();
  link_options.body_limits = {{"/link/result", kResultLimit}};
  // An agent enrols before it has its first certificate.
  link_options.client_optional = true;
  auto link = net::HttpServer::start(
      std::move(link_options),
      [&](const net::HttpRequest& request) { return api::handle_link(context, request); },
      plane.log.child("link"));
  if (!link) {
    return complain(link.error());
  }

  const Secret database = plane.settings.secret("PODPLAY_DATABASE_URL");
  control::ActiveOne active(context, database.reveal());
  const auto is_active = [&active] { return active.is_active(); };

  control::JobRunner runner(context, control::job_kinds(), {.is_active = is_active});
  if (const Status begun = runner.start(); !begun) {
    return complain(begun.error());
  }

  control::LoginAudit login_audit(context);
  login_audit.start();

  control::LoginUseWriter login_uses(plane.known_logins, *plane.store, plane.log);
  login_uses.start();

  control::OutsideWatch outside_watch(context);
  outside_watch.start();

  control::AlertWatch alert_watch(
      context, [](control::Context& asked) { return control::diagnose(asked, ""); }, is_active);
  alert_watch.start();

  control::JourneyCheck journey_check(context);
  journey_check.start();
  auto health_questions = control::control_questions();
  health_questions.push_back({.name = "journey",
                              .interval = std::chrono::seconds(2),
                              .ask = [&](control::Context&) { return journey_check.answers(); }});
  control::HealthWatch health_watch(context, std::move(health_questions), is_active);
  health_watch.start();

  net::HttpServerOptions metrics_options;
  metrics_options.port = kMetricsPort;
  metrics_options.threads = 2;
  metrics_options.keep_alive = std::chrono::seconds(2);
  auto metrics = net::HttpServer::start(
      std::move(metrics_options),
      [&](const net::HttpRequest& request) { return api::answer_metrics(context, request); },
      plane.log.child("metrics"));
  if (!metrics) {
    return complain(metrics.error());
  }

  api::Api api(context);
  net::HttpServerOptions api_options;
  api_options.address = "0.0.0.0";
  api_options.port = kApiPort;
  api_options.threads = kApiThreads;
  api_options.keep_alive = std::chrono::seconds(5);
  api_options.body_limits = api::body_limits();
  api_options.admit = [&](const net::HttpRequest& head) { return api.admit(head); };
  auto server = net::HttpServer::start(
      std::move(api_options), [&](const net::HttpRequest& request) { return api.handle(request); },
      plane.log);
  if (!server) {
    return complain(server.error());
  }
  plane.log.info("serving", {{"api", kApiPort}, {"link", kLinkPort}, {"version", PODPLAY_VERSION}});
  wait_for_end(plane, **link, signals);
  plane.log.info("stopping");
  plane.hub.close();
  health_watch.stop();
  journey_check.stop();
  alert_watch.stop();
  (*metrics)->stop();
  outside_watch.stop();
  login_audit.stop();
  runner.stop();
  (*server)->stop();
  (*link)->stop();
  login_uses.stop();
  if (const Status ended = mark.end(); !ended) {
    plane.log.warn("cannot note that this run was stopped", {{"why", describe(ended.error())}});
  }
  return 0;
}

// Answers the container's probes with what GET /NAME says.
int probe(const std::string& name) {
  auto client = net::HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string(kApiPort),
                                       .timeout = std::chrono::milliseconds(3000)});
  net::HttpRequest request;
  request.path = "/" + name;
  const auto response = (*client)->send(request);
  if (!response) {
    return complain(response.error());
  }
  std::printf("%s\n", response->body.c_str());
  return response->status == 200 ? 0 : 1;
}

int usage() {
  std::fputs(
      "usage: podplayd serve | init | probe livez|readyz|startupz | openapi | settings-doc\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments == std::vector<std::string>{"serve"}) {
    const int code = serve();
    if (code != 0) {
      wait_before_restart();
    }
    return code;
  }
  if (arguments == std::vector<std::string>{"init"}) {
    return init();
  }
  if (arguments.size() == 2 && arguments[0] == "probe" &&
      (arguments[1] == "livez" || arguments[1] == "readyz" || arguments[1] == "startupz")) {
    return probe(arguments[1]);
  }
  if (arguments == std::vector<std::string>{"openapi"}) {
    return std::puts(api::openapi().dump(2).c_str()) < 0;
  }
  if (arguments == std::vector<std::string>{"settings-doc"}) {
    return std::fputs(settings_markdown().c_str(), stdout) < 0;
  }
  return usage();
}
