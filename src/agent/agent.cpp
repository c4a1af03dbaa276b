// Wiring and the four loops.
#include "agent/agent.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "agent/health.hpp"
#include "agent/memory.hpp"
#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "wire/snapshot.hpp"

namespace podplay::agent {

using namespace std::chrono;

namespace {

// reports kept while the link is away
constexpr std::size_t kMostUnsent = 100;
// half a second apart
constexpr int kResultRetries = 10;
// between probes when all is well
constexpr seconds kLookInterval{60};
// between readings of the whole directory while something fails
constexpr seconds kCheckInterval{60};
// after a change; doubles to kLastLook
constexpr milliseconds kFirstLook{50};
constexpr milliseconds kLastLook{5000};
// a refused snapshot is tried again, then after twice as long
constexpr seconds kFirstAgain{60};
constexpr seconds kLastAgain{1800};
// of those that reload
constexpr int kMostDisturbing = 3;
// the memory that starting took is given back
constexpr seconds kFirstRelease{10};
constexpr seconds kReleaseInterval{60};
// an event loop that has not turned for this long is not alive
constexpr seconds kDeadLoop{60};

DirectoryOptions below(DirectoryOptions options, const daemons::ServiceDescription& service) {
  if (options.group.empty()) {
    options.group = service.directory_group;
  }
  return options;
}

}  // namespace

Agent::Agent(daemons::ServiceDescription service, AgentOptions options, Logger log)
    : service_(std::move(service)),
      options_(std::move(options)),
      log_(std::move(log)),
      supervisor_(options_.supervisor, log_,
                  [this](const ProcessSpec& spec) {
                    return std::make_unique<supervise::LineLog>(supervise::LineLogOptions{
                        std::string(to_text(service_.service)), spec.name, options_.daemon_sinks,
                        [this](const std::string& name) { return daemon_file(name); },
                        options_.daemon_level, options_.log_format, spec.read_line});
                  }),
      runner_(log_.child("run"), options_.log_commands, supervisor_.reaper()),
      board_(service_.service, supervisor_, service_.has_directory),
      releases_(files_, options_.state, log_.child("releases")),
      converge_({service_, releases_, runner_, supervisor_, files_, clock_, board_},
                options_.converge, log_.child("pipe")),
      identity_(service_.service, options_.link, files_, clock_, log_.child("link")),
      link_(identity_, board_, log_.child("link")),
      pusher_(identity_, board_, silent_logger()),
      errander_(identity_, board_, silent_logger()),
      when_prepared_(prepared_.get_future().share()),
      instance_(random_token(9)) {
  for (const auto& daemon : service_.daemons) {
    supervisor_.add(daemon->process());
  }
}

Agent::~Agent() {
  stop();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

bool Agent::stopping() const {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

std::shared_ptr<LogSink> Agent::daemon_file(const std::string& log) {
  const std::scoped_lock lock(mutex_);
  auto& file = daemon_files_[log];
  if (!file) {
    file =
        make_file_sink(fmt::format("{}/{}/{}.log", options_.logs, to_text(service_.service), log));
  }
  return file;
}

void Agent::stop() {
  supervisor_.request_stop();
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wakes_.notify_all();
  board_.touch();
}

bool Agent::pause(milliseconds duration) {
  std::unique_lock lock(mutex_);
  return !wakes_.wait_for(lock, duration, [&] { return stopping_; });
}

Status Agent::open() {
  TRY(releases_.open());
  // Also on a disk that is full: people must be able to delete mail to make room.
  if (Status opened = open_directory(); !opened) {
    log_.error("the directory replica cannot be opened; trying again",
               {{"error", describe(opened.error())}});
  }
  syncs_first_ = directory_ && !directory_->complete();
  net::HttpServerOptions server{.address = "127.0.0.1", .port = options_.health_port, .threads = 2};
  // a kept connection holds a thread
  server.keep_alive = seconds{2};
  auto health = net::HttpServer::start(
      std::move(server),
      [this](const net::HttpRequest& request) {
        return answer_health(request, board_, [this] {
          return to_millis(clock_.now()) - supervisor_.last_turn() <
                 milliseconds(kDeadLoop).count();
        });
      },
      log_.child("health"));
  if (!health) {
    return std::unexpected(health.error());
  }
  health_ = std::move(*health);
  return {};
}

Status Agent::open_directory() {
  if (!service_.has_directory || directory_) {
    return {};
  }
  TRY(auto directory,
      Directory::open(below(options_.directory, service_), files_, log_.child("directory")));
  directory_ = std::move(directory);
  board_.set_directory(directory_->seq(), directory_->complete());
  return {};
}

Status Agent::run() {
  log_.info(
      "starting",
      {{"version", PODPLAY_VERSION}, {"service", to_text(service_.service)}, {"pid", ::getpid()}});
  TRY(open());
  threads_.emplace_back([this] { guarded("keep", &Agent::keep); });
  threads_.emplace_back([this] { guarded("follow", &Agent::follow); });
  threads_.emplace_back([this] { guarded("push", &Agent::push); });
  threads_.emplace_back([this] { guarded("errands", &Agent::run_errands); });
  supervisor_.run();
  stop();
  health_->stop();
  log_.info("stopped");
  const std::scoped_lock lock(mutex_);
  return ended_;
}

void Agent::guarded(const char* name, void (Agent::*loop)()) {
  for (;;) {
    try {
      return (this->*loop)();
    } catch (const std::exception& error) {
      log_.error("a defect of the agent; going on", {{"loop", name}, {"what", error.what()}});
    }
    if (!pause(milliseconds{1000})) {
      return;
    }
  }
}

void Agent::keep() {
  if (!prepared_set_) {
    board_.set_stage("prepare", "making folders");
    for (milliseconds again{200};; again = std::min(again * 2, milliseconds{5000})) {
      const Status ready = converge_.prepare();
      if (ready) {
        break;
      }
      log_.error("a daemon's folders cannot be prepared", {{"error", describe(ready.error())}});
      board_.set_stage("prepare", ready.error().message);
      if (!pause(again)) {
        break;
      }
    }
    // With a part of the directory Postfix would refuse for ever what it only does not know yet.
    std::uint64_t seen = 0;
    // it says by itself how far the sync is
    if (syncs_first_) {
      board_.set_stage("", "");
    }
    while (syncs_first_ && !board_.synced() && !stopping()) {
      seen = board_.wait_for_change(seen, seconds{5});
    }
    if (!releases_.current()) {
      log_.info("waiting for the first snapshot of the control plane");
      board_.set_stage(std::string(to_text(Stage::fetch)),
                       "waiting for the first snapshot of the control plane");
    }
    converge_.start_current();
    release_memory();
    prepared_set_ = true;
    prepared_.set_value();
  }
  std::uint64_t seen = 0;
  milliseconds next = kFirstLook;
  auto release_at = clock_.steady() + kFirstRelease;
  bool released = false;
  while (!stopping()) {
    const bool well = board_.status().state == "ready";
    const std::uint64_t now =
        supervisor_.wait_for_change(seen, !well      ? next
                                          : released ? milliseconds(kLookInterval)
                                                     : milliseconds(kFirstRelease));
    next = now != seen ? kFirstLook : std::min(next * 2, kLastLook);
    seen = now;
    if (!stopping() && converge_.look()) {
      late_ = true;
      board_.touch();
    }
    if (well && clock_.steady() > release_at) {
      release_memory();
      released = true;
      release_at = clock_.steady() + kReleaseInterval;
    }
  }
}

void Agent::follow() {
  milliseconds again{100};
  while (!stopping()) {
    if (turn()) {
      again = milliseconds{100};
      continue;
    }
    if (!pause(again)) {
      return;
    }
    again = std::min(again * 2, milliseconds{5000});
  }
}

bool Agent::turn() {
  if (const Status usable = use_directory(); !usable) {
    board_.set_stage("directory", usable.error().message);
    return false;
  }
  report_late_success();
  while (!unsent_.empty()) {
    // ask() below tells why
    if (!link_.report(unsent_.front())) {
      break;
    }
    unsent_.pop_front();
  }
  const bool told = unsent_.empty();
  const bool again = refusal_ && clock_.steady() >= try_again_;
  wire::WorkQuestion asked = question(!told || stuck_     ? 0
                                      : unproven_.empty() ? options_.poll_wait
                                                          : 1,
                                      again);
  auto work = link_.ask(asked);
  if (!work) {
    return false;
  }
  {
    const std::scoped_lock lock(mutex_);
    told_ = status_digest(asked.status);
  }
  handle(*work);
  prove_rows();
  if (const Status sound = check_directory(); !sound) {
    start_anew(sound.error());
    return false;
  }
  if (board_.proven() && directory_) {
    converge_.warm_up();
  }
  // what cannot be told or written does not get better by asking at once
  return told && !stuck_;
}

// `again`: the snapshot that was refused is asked for once more.
wire::WorkQuestion Agent::question(int wait, bool again) {
  wire::WorkQuestion question{board_.status(), "", 0, instance_, wait};
  const std::scoped_lock lock(mutex_);
  if (!again) {
    question.snapshot_hash = seen_hash_;
  }
  question.directory_seq = question.status.directory_seq;
  return question;
}

void Agent::handle(wire::WorkAnswer& work) {
  const auto began = clock_.steady();
  queue(std::move(work.commands));
  if (directory_ && !work.directory && !directory_->complete()) {
    // there is nothing newer than what we have
    work.directory = DirectoryBatch{{}, directory_->seq(), true, work.revision};
  }
  stuck_ = false;
  if (!work.snapshot && !work.directory && work.revision <= settled_) {
    return;
  }
  bool whole = true;
  if (work.directory && directory_) {
    whole = work.directory->complete;
    if (Status applied = apply_directory(*work.directory); !applied) {
      log_.error("directory rows cannot be written; trying again",
                 {{"revision", work.revision}, {"error", describe(applied.error())}});
      board_.set_stage("directory", applied.error().message);
      stuck_ = true;
      // nothing of it is settled: all of it comes again
      return;
    }
  }
  // the rest comes at once, and the snapshot again
  if (!board_.synced()) {
    board_.set_stage("", "");
    return;
  }
  when_prepared_.wait();
  if (refusal_ && !work.snapshot && !work.snapshot_hash.empty() &&
      work.revision > refusal_->revision) {
    // Somebody changes files again, and wants what was refused: it is tried once more before that
    // is settled.
    try_again_ = clock_.steady();
    tries_ = 0;
    return;
  }
  std::optional<ApplyReport> report;
  if (work.snapshot) {
    log_.info("snapshot received",
              {{"revision", work.revision}, {"hash", work.snapshot_hash.substr(0, 12)}});
    report = converge_.apply(*work.snapshot, work.snapshot_hash);
    // stopping
    if (!report) {
      return;
    }
    {
      const std::scoped_lock lock(mutex_);
      seen_hash_ = work.snapshot_hash;
    }
    report->revision = std::max(report->revision, work.revision);
    if (report->state == ApplyState::refused) {
      ++tries_;
      again_after_ = std::clamp(again_after_ * 2, kFirstAgain, kLastAgain);
      // A reload with what fails afterwards disturbs the service: not for ever.
      const bool disturbs = report->stage == Stage::reload || report->stage == Stage::probe;
      try_again_ =
          disturbs && tries_ > kMostDisturbing ? SteadyTime::max() : clock_.steady() + again_after_;
      refusal_ = report;
    } else {
      forget_refusal();
    }
  }
  if (!report && whole && work.revision > settled_) {
    if (!refusal_) {
      board_.set_revision(work.revision);
    }
    report =
        ApplyReport{work.revision, ApplyState::applied, Stage::report, "", "", board_.revision()};
  }
  if (report && (whole || report->state == ApplyState::refused)) {
    if (unproven_.empty()) {
      settle(*report);
    } else {
      held_ = report;
    }
  }
  // large bodies are rare
  if (work.snapshot || (work.directory && work.directory->rows.size() > 100)) {
    release_memory();
  }
  log_.debug("work done", {{"revision", work.revision},
                           {"ms", duration_cast<milliseconds>(clock_.steady() - began).count()}});
}

void Agent::forget_refusal() {
  refusal_.reset();
  again_after_ = seconds{0};
  tries_ = 0;
}

// A first release that was given up at its deadline and got well afterwards.
void Agent::report_late_success() {
  if (!late_.exchange(false) || !refusal_) {
    return;
  }
  const Revision revision = refusal_->revision;
  forget_refusal();
  settle({revision, ApplyState::applied, Stage::report, "", "", board_.revision()});
}

// Opened only now, as on a disk that was full, it may be an empty one: daemons that run would
// refuse everybody's mail.
Status Agent::use_directory() {
  if (directory_) {
    return {};
  }
  TRY(open_directory());
  if (!directory_ || directory_->complete() || syncs_first_) {
    return {};
  }
  const Error late{ErrorKind::unavailable,
                   "directory_empty",
                   "the directory can be opened only now, and must be whole before daemons start",
                   "nothing: the agent starts anew and fetches it",
                   {}};
  start_anew(late);
  return std::unexpected(late);
}

void Agent::start_anew(const Error& reason) {
  {
    const std::scoped_lock lock(mutex_);
    ended_ = std::unexpected(reason);
  }
  stop();
}

// A damaged replica makes daemons hang or fail without a word of why.
Status Agent::check_directory() {
  if (!directory_ || clock_.steady() < next_check_) {
    return {};
  }
  if (!stuck_ && unproven_.empty() && board_.status().state != "degraded") {
    return {};
  }
  next_check_ = clock_.steady() + kCheckInterval;
  return directory_->check();
}

// The first and the last row that a daemon can be asked about: mailboxes and aliases of domains
// that mail is taken for.
std::vector<DirectoryRow> Agent::sample_of(const DirectoryBatch& batch) {
  const auto askable = [this](const DirectoryRow& row) {
    const std::size_t at = row.key.find('@');
    return row.kind != DirectoryKind::domain && at != row.key.npos && at > 0 &&
           directory_->has_domain(row.key.substr(at + 1));
  };
  std::vector<DirectoryRow> sample;
  const auto first = std::ranges::find_if(batch.rows, askable);
  if (first == batch.rows.end()) {
    return sample;
  }
  sample.push_back(*first);
  const auto last = std::find_if(batch.rows.rbegin(), batch.rows.rend(), askable);
  if (last->key != first->key) {
    sample.push_back(*last);
  }
  return sample;
}

// Rows are committed and in use; the change counts as applied when a daemon has been seen to answer
// accordingly.
void Agent::prove_rows() {
  if (unproven_.empty() || !board_.proven()) {
    return;
  }
  if (const Status seen = converge_.probe_directory(unproven_); !seen) {
    board_.set_stage(std::string(to_text(Stage::probe)), seen.error().message);
    return;
  }
  unproven_.clear();
  board_.set_stage("", "");
  log_.info("directory rows proven");
  if (held_) {
    settle(*std::exchange(held_, std::nullopt));
  }
}

Status Agent::apply_directory(const DirectoryBatch& batch) {
  const auto began = clock_.steady();
  TRY(const auto applied, directory_->apply(batch));
  if (applied.restarted) {
    settled_ = 0;
  }
  board_.set_directory(directory_->seq(), directory_->complete());
  if (applied.rows == 0) {
    return {};
  }
  if (!applied.ended.empty()) {
    // until then no daemon runs
    if (board_.synced()) {
      converge_.end_sessions(applied.ended);
    }
    if (Status moved = directory_->put_aside_deleted(); !moved) {
      log_.error("mail cannot be put aside", {{"error", moved.error().message}});
    }
  }
  // Rows of a first sync come before the daemons run; one that is being restarted gets a moment
  // here, and more by prove_rows().
  const std::vector<DirectoryRow> sample = sample_of(batch);
  Status seen;
  for (const auto deadline = began + milliseconds{1000}; board_.proven() && !sample.empty();) {
    seen = converge_.probe_directory(sample);
    if (seen || clock_.steady() > deadline || !pause(milliseconds{10})) {
      break;
    }
  }
  if (!seen) {
    log_.warn("directory rows are applied, but not seen by a daemon yet",
              {{"revision", batch.revision}, {"why", seen.error().message}});
    unproven_ = sample;
  }
  const auto took = duration_cast<microseconds>(clock_.steady() - began);
  board_.figures.directory_rows += applied.rows;
  board_.figures.directory_micros += static_cast<std::uint64_t>(took.count());
  log_.info("directory rows applied",
            {{"rows", applied.rows},
             {"seq", directory_->seq()},
             {"revision", batch.revision},
             {"ms", fmt::format("{:.1f}", static_cast<double>(took.count()) / 1000)}});
  return {};
}

void Agent::settle(const ApplyReport& report) {
  settled_ = std::max(settled_, report.revision);
  if (unsent_.empty() && link_.report(report)) {
    return;
  }
  unsent_.push_back(report);
  if (unsent_.size() > kMostUnsent) {
    unsent_.pop_front();
  }
}

// Snapshots and rows of these answers are left alone: the long-poll gets them again, with the right
// order.
void Agent::push() {
  std::uint64_t seen = 0;
  while (!stopping()) {
    seen = board_.wait_for_change(seen, seconds{5});
    if (stopping() || !board_.figures.linked) {
      continue;
    }
    wire::WorkQuestion asked = question(0);
    const std::string digest = status_digest(asked.status);
    {
      const std::scoped_lock lock(mutex_);
      if (digest == told_) {
        continue;
      }
    }
    auto work = pusher_.ask(asked);
    if (!work) {
      pause(milliseconds{500});
      continue;
    }
    queue(std::move(work->commands));
    {
      const std::scoped_lock lock(mutex_);
      told_ = digest;
    }
    pause(milliseconds{50});
  }
}

void Agent::queue(std::vector<AgentCommand> commands) {
  if (commands.empty()) {
    return;
  }
  const std::scoped_lock lock(mutex_);
  std::ranges::move(commands, std::back_inserter(errands_));
  wakes_.notify_all();
}

void Agent::run_errands() {
  for (;;) {
    AgentCommand command;
    {
      std::unique_lock lock(mutex_);
      wakes_.wait(lock, [&] { return stopping_ || !errands_.empty(); });
      if (stopping_) {
        return;
      }
      command = std::move(errands_.front());
      errands_.pop_front();
    }
    const auto began = clock_.steady();
    auto result = execute(command);
    CommandResult answer{command.id, result.has_value(), result.value_or("")};
    if (!result) {
      const Error& error = result.error();
      answer.result = json_text(
          wire::Json{{"code", error.code}, {"message", error.message}, {"remedy", error.remedy}});
    }
    log_.log(result ? Level::info : Level::warn, "command done",
             {{"verb", command.verb},
              {"ok", answer.ok},
              {"request", command.request_id},
              {"ms", duration_cast<milliseconds>(clock_.steady() - began).count()},
              {"error", result ? "" : result.error().message}});
    Status sent = errander_.result(answer);
    for (int again = 0; !sent && again < kResultRetries && pause(milliseconds{500}); ++again) {
      sent = errander_.result(answer);
    }
    if (!sent) {
      log_.warn("a command's result cannot be sent", {{"verb", command.verb},
                                                      {"request", command.request_id},
                                                      {"error", sent.error().message}});
    }
  }
}

Result<std::string> Agent::execute(const AgentCommand& command) {
  if (command.verb == "dry_run") {
    return dry_run(command.arguments);
  }
  if (command.verb == "restart") {
    const wire::Json arguments = wire::Json::parse(command.arguments, nullptr, false);
    if (!board_.synced()) {
      return fail(ErrorKind::unavailable, "not_started", "the directory is not whole yet",
                  "wait until the service is ready");
    }
    when_prepared_.wait();
    TRY(converge_.restart(wire::text_or(arguments, "daemon")));
    return "{}";
  }
  for (const auto& daemon : service_.daemons) {
    if (daemon->knows(command.verb)) {
      return daemon->command(runner_, command.verb, command.arguments);
    }
  }
  return fail(ErrorKind::not_found, "verb_unknown",
              fmt::format("{} knows no command '{}'", to_text(service_.service), command.verb));
}

Result<std::string> Agent::dry_run(const std::string& arguments) {
  const wire::Json value = wire::Json::parse(arguments, nullptr, false);
  if (!value.is_object() || !value.contains("snapshot")) {
    return fail(ErrorKind::invalid, "bad_message", "a dry run needs a snapshot");
  }
  TRY(const auto snapshot, wire::snapshot_from_json(value["snapshot"]));
  if (snapshot.service != service_.service) {
    return fail(ErrorKind::invalid, "other_service", "this snapshot is for another service");
  }
  TRY(const auto run, converge_.dry_run(snapshot));
  return json_text(wire::Json{{"files_changed", run.files_changed},
                              {"diff", run.diff},
                              {"ok", run.ok},
                              {"words", run.words}});
}

}  // namespace podplay::agent
