// This file only wires the parts together. The work of the threads is in keeper, follower, pusher
// and errands.
#include "agent/agent.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "agent/guard/outbound_policy.hpp"
#include "agent/health.hpp"
#include "agent/lookups/login_milter.hpp"
#include "agent/replica/domains.hpp"
#include "base/counted_lines.hpp"

namespace podplay::agent {

using namespace std::chrono;

namespace {

// An event loop that has not turned for this long is not alive.
constexpr seconds kDeadLoop{60};
// After a defect, a loop waits before it goes on.
constexpr milliseconds kDefectPause{1000};
// An idle connection occupies a thread of the health port, so it is closed after this time.
constexpr seconds kHealthKeepAlive{2};
// main.cf gives the agent no more messages at once (forward_destination_concurrency_limit).
constexpr int kForwardThreads = 2;

}  // namespace

Agent::Agent(daemons::ServiceDescription service, AgentOptions options, Logger log)
    : service_(std::move(service)),
      options_(std::move(options)),
      log_(std::move(log)),
      logged_files_(files_, log_.child("pipe")),
      supervisor_(options_.supervisor, log_,
                  [this](const ProcessSpec& spec) { return make_line_log(spec); }),
      runner_(log_.child("run"), options_.log_commands, supervisor_.reaper()),
      board_(service_.service, supervisor_, service_.has_directory),
      metrics_(service_.service, board_, clock_),
      questions_(board_),
      identity_(service_.service, options_.link, files_, clock_, log_.child("link")),
      releases_(files_, options_.state, log_.child("releases")),
      candidates_({.service = service_, .releases = releases_, .runner = runner_, .files = files_},
                  options_.candidates),
      stages_({.service = service_,
               .candidates = candidates_,
               .releases = releases_,
               .runner = runner_,
               .processes = supervisor_,
               .files = files_,
               .clock = clock_,
               .board = board_,
               .domains = domains_of_directory(),
               .request = request_,
               .use_levels = [this](const Snapshot& served) { options_.levels.use(served); },
               .row_files = options_.pipe.log_configs ? &logged_files_ : nullptr},
              options_.pipe, log_.child("pipe")),
      watch_(
          {.identity = identity_, .board = board_, .files = files_, .clock = clock_, .stop = stop_},
          options_.watch, options_.poll_wait, log_.child("logins")),
      keeper_({.stages = stages_,
               .processes = supervisor_,
               .board = board_,
               .clock = clock_,
               .stop = stop_},
              log_),
      errands_({.service = service_,
                .identity = identity_,
                .candidates = candidates_,
                .stages = stages_,
                .keeper = keeper_,
                .board = board_,
                .runner = runner_,
                .clock = clock_,
                .stop = stop_,
                .outbound = watch_.outbound(),
                .metrics = &metrics_,
                .state = options_.state},
               options_.poll_wait, log_),
      pusher_({.identity = identity_, .board = board_, .questions = questions_, .stop = stop_}),
      feed_({.service = service_,
             .stages = stages_,
             .board = board_,
             .files = files_,
             .clock = clock_,
             .stop = stop_,
             .ended_logins = ended_logins_,
             .request = request_},
            options_.replica, log_.child("feed")),
      lookup_tables_(options_.lookups, files_),
      lookups_(log_.child("lookups")),
      quota_policy_(options_.lookups, files_, ask_quota_status),
      quota_server_(log_.child("quota")),
      forwards_(
          runner_, [this](const std::string& address) { return is_ours(address); },
          log_.child("forward")),
      follower_({.identity = identity_,
                 .stages = stages_,
                 .keeper = keeper_,
                 .feed = feed_,
                 .questions = questions_,
                 .board = board_,
                 .clock = clock_,
                 .stop = stop_,
                 .end = [this](const Error& reason) { end(reason); },
                 .request = request_},
                options_.poll_wait, log_, log_.child("link")),
      checks_({.tools = {.service = service_,
                         .board = board_,
                         .served = [this] { return stages_.served(); },
                         .files = files_,
                         .clock = clock_,
                         .state = options_.state},
               .board = board_,
               .processes = supervisor_,
               .stop = stop_},
              options_.checks, log_.child("checks")),
      mark_(files_, options_.state + "/running") {
  for (const auto& daemon : service_.daemons) {
    supervisor_.add(daemon->process());
  }
}

daemons::DomainSource Agent::domains_of_directory() const {
  if (!service_.has_directory) {
    return nullptr;
  }
  return [this] { return enabled_domains(options_.replica.path); };
}

Agent::~Agent() {
  stop();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

std::unique_ptr<supervise::LineLog> Agent::make_line_log(const ProcessSpec& spec) {
  auto sinks = options_.daemon_sinks;
  sinks.push_back(std::make_shared<CountedLines>(nullptr, board_.metrics,
                                                 MetricLabels{{"component", spec.name}}));
  for (const MetricFamily* family : spec.counted) {
    // It is there before the first line.
    board_.metrics.add(*family, {}, 0);
  }
  return std::make_unique<supervise::LineLog>(supervise::LineLogOptions{
      .service = std::string(to_text(service_.service)),
      .daemon = spec.name,
      .sinks = std::move(sinks),
      .file =
          [this](const std::string& name) {
            return options_.log_file
                       ? options_.log_file(fmt::format("{}/{}", to_text(service_.service), name))
                       : nullptr;
          },
      .level = options_.levels.daemons,
      .format = options_.log_format,
      .read_line = spec.read_line,
      .request = request_,
      .count = [this](const MetricFamily& family) { board_.metrics.add(family); }});
}

Status Agent::run() {
  log_.info(
      "starting",
      {{"version", PODPLAY_VERSION}, {"service", to_text(service_.service)}, {"pid", ::getpid()}});
  const Status ran = run_until_stopped();
  end_run(ran);
  return ran;
}

Status Agent::run_until_stopped() {
  TRY(open());
  start_thread("keep", [this] { keeper_.run(feed_.syncs_first()); });
  start_thread("follow", [this] { follower_.run(); });
  start_thread("push", [this] { pusher_.run(); });
  start_thread("fetch", [this] { errands_.fetch(); });
  start_thread("checks", [this] { checks_.run(); });
  start_thread("query", [this] { errands_.run(Lane::query); });
  start_thread("check", [this] { errands_.run(Lane::check); });
  start_thread("long work", [this] { errands_.run(Lane::long_work); });
  if (service_.has_directory) {
    start_thread("lookups", [this] { lookups_.run(); });
    start_thread("quota", [this] { quota_server_.run(); });
    for (int i = 0; i < kForwardThreads; ++i) {
      start_thread("forward", [this] { forwards_.run(); });
    }
    start_thread("tell", [this] { watch_.tell(); });
    start_thread("hear", [this] { watch_.hear(); });
  }
  supervisor_.run();
  stop();
  if (service_.has_directory) {
    watch_.close();
  }
  health_->stop();
  log_.info("stopped");
  const std::scoped_lock lock(mutex_);
  return ended_;
}

void Agent::stop() {
  supervisor_.request_stop();
  stop_.request();
  errands_.wake();
  lookups_.stop();
  quota_server_.stop();
  forwards_.stop();
  watch_.wake();
  board_.touch();
}

void Agent::end(const Error& reason) {
  {
    const std::scoped_lock lock(mutex_);
    ended_ = std::unexpected(reason);
  }
  stop();
}

void Agent::begin_run() {
  const auto why = mark_.begin();
  if (!why) {
    log_.warn("cannot say whether the run before was stopped", {{"why", describe(why.error())}});
  } else if (*why) {
    log_.warn("the run before was not stopped", {{"why", **why}});
    board_.note_repair({.at = to_millis(clock_.now()),
                        .kind = "service_restarted",
                        .subject = std::string(to_text(service_.service)),
                        .cause = **why});
  }
}

void Agent::end_run(const Status& ran) {
  const Status ended = ran ? mark_.end() : mark_.end(ran.error());
  if (!ended) {
    log_.warn("cannot say for the next run why this one ends", {{"why", describe(ended.error())}});
  }
}

Status Agent::open() {
  TRY(releases_.open());
  begin_run();
  feed_.open();
  if (service_.has_directory) {
    TRY(open_lookups());
    TRY(watch_.open());
  }
  const auto alive = [this] {
    return to_millis(clock_.now()) - supervisor_.last_turn() < milliseconds(kDeadLoop).count();
  };
  net::HttpServerOptions server{.address = "127.0.0.1", .port = options_.health_port, .threads = 2};
  server.keep_alive = kHealthKeepAlive;
  TRY(auto health, net::HttpServer::start(
                       std::move(server),
                       [this, alive](const net::HttpRequest& request) {
                         if (request.path == "/metrics" && request.method == "GET") {
                           return net::HttpResponse{
                               200, {{"Content-Type", std::string(kMetricsType)}}, metrics_.text()};
                         }
                         return answer_health(request, board_, alive);
                       },
                       log_.child("health")));
  health_ = std::move(health);
  return {};
}

Status Agent::open_lookups() {
  TRY(files_.make_dirs(options_.run, 0755));
  TRY(lookups_.listen({.path = options_.run + "/lookups",
                       .group = service_.lookup_group,
                       .answer = [this](std::string_view request) {
                         const std::size_t blank = std::min(request.find(' '), request.size());
                         return lookup_tables_.find(
                             request.substr(0, blank),
                             request.substr(std::min(blank + 1, request.size())));
                       }}));
  TRY(lookups_.listen(login_socket()));
  TRY(quota_server_.listen(
      {.path = options_.run + "/quota",
       .group = service_.lookup_group,
       .framing = Framing::policy,
       .answer = [this](std::string_view request) { return quota_policy_.answer(request); }}));
  TRY(forwards_.listen(options_.run + "/forward", service_.lookup_group));
  TRY(lookups_.listen(
      {.path = options_.run + "/outbound",
       .group = service_.lookup_group,
       .framing = Framing::policy,
       .answer = [this](std::string_view request) -> Result<std::optional<std::string>> {
         return answer_outbound(watch_.outbound(), request);
       }}));
  return lookups_.listen(
      {.path = options_.run + "/nearly-full",
       .group = service_.mail_group,
       .answer = [this](std::string_view request) -> Result<std::optional<std::string>> {
         const std::size_t blank = std::min(request.find(' '), request.size());
         const std::string_view mailbox = request.substr(std::min(blank + 1, request.size()));
         TRY(lookup_tables_.mark_nearly_full(mailbox, request.substr(0, blank) == "over"));
         return std::string(mailbox);
       }});
}

LookupSocket Agent::login_socket() {
  const auto holds = [this](std::string_view mailbox, SteadyTime since) -> Result<bool> {
    if (ended_logins_.ended_since(mailbox, since)) {
      return false;
    }
    return lookup_tables_.may_log_in(mailbox);
  };
  return {.path = options_.run + "/logins", .group = service_.lookup_group, .begin = [this, holds] {
            auto milter = std::make_shared<LoginMilter>(holds, clock_.steady());
            return [milter](std::string& in, std::string& out) { return milter->take(in, out); };
          }};
}

// Asks the thread of the look-ups, since several threads send mail on.
Result<bool> Agent::is_ours(const std::string& address) const {
  TRY(const auto answer, ask_lookup(options_.run + "/lookups", "ours " + address));
  if (answer.starts_with("TEMP")) {
    return fail(ErrorKind::unavailable, "lookup", answer);
  }
  return answer.starts_with("OK");
}

void Agent::start_thread(const char* name, std::function<void()> loop) {
  threads_.emplace_back([this, name, loop = std::move(loop)] {
    for (;;) {
      try {
        loop();
        return;
      } catch (const std::exception& error) {
        log_.error("a defect of the agent; going on", {{"loop", name}, {"what", error.what()}});
      }
      if (!stop_.pause(kDefectPause)) {
        return;
      }
    }
  });
}

}  // namespace podplay::agent
