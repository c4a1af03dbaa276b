// A sink guards its file with a mutex of its own, so one file never waits for another. Sealing is
// done by a thread that no sink waits for.
#include "logs/log_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "logs/log_file_fault.hpp"
#include "logs/segment.hpp"

namespace podplay::logs {
namespace fs = std::filesystem;

namespace {

constexpr MetricFamily kDropped{
    .name = "podplay_log_lines_dropped_total",
    .help = "Log lines that are missing in their files, since these could not be written"};
constexpr MetricFamily kFailing{.name = "podplay_log_files_failing",
                                .type = MetricType::gauge,
                                .help = "Log files that cannot be written now"};

// How often old files are looked for.
constexpr std::chrono::minutes kLook{10};
// How often a sink makes sure that its file is still there.
constexpr std::chrono::seconds kStillThere{1};
// The sealing thread gives way to the daemons.
constexpr int kNice = 10;

std::int64_t day_of(WallTime time) { return time.time_since_epoch() / std::chrono::days(1); }
std::int64_t today() { return day_of(SystemClock{}.now()); }

std::int64_t count_lines(std::string_view text) { return 1 + std::ranges::count(text, '\n'); }

}  // namespace

struct LogFiles::Shared {
  Shared(LogFileOptions o, Logger a) : options(std::move(o)), alarm(std::move(a)) {}

  // Constant after construction.
  const LogFileOptions options;
  const Logger alarm;

  std::mutex mutex;
  std::condition_variable wakes;
  // Guarded by mutex.
  bool stop = false;
  // Renamed files that wait to be sealed.
  std::vector<std::string> rotated;
  // Files that cannot be written, and why.
  std::map<std::string, Error> failing;
  std::int64_t lost = 0;
  // nullptr: nobody counts.
  Metrics* metrics = nullptr;
  std::map<std::string, std::shared_ptr<Sink>> sinks;

  // Call it with the mutex held.
  void show_failing() {
    if (metrics != nullptr) {
      metrics->set(kFailing, {}, static_cast<double>(failing.size()));
    }
  }

  void rotate_done(std::string path) {
    {
      const std::scoped_lock lock(mutex);
      rotated.push_back(std::move(path));
    }
    wakes.notify_one();
  }

  void cannot(const char* attempt, const std::string& path, int code) {
    const Error error = log_file_fault(attempt, path, code);
    bool first = false;
    {
      const std::scoped_lock lock(mutex);
      first = failing.empty();
      failing.insert_or_assign(path, error);
      show_failing();
    }
    if (first) {
      // The thread tries again sooner from now on.
      rotate_done({});
      alarm.error("log files cannot be written; lines go to standard output only",
                  {{"error", error.message}, {"remedy", error.remedy}});
    }
  }

  void lose(std::int64_t lines) {
    const std::scoped_lock lock(mutex);
    lost += lines;
    if (metrics != nullptr) {
      metrics->add(kDropped, {}, static_cast<double>(lines));
    }
  }

  void well(const std::string& path) {
    std::int64_t missing = 0;
    {
      const std::scoped_lock lock(mutex);
      const bool was_failing = failing.erase(path) != 0;
      show_failing();
      if (!was_failing || !failing.empty()) {
        return;
      }
      missing = std::exchange(lost, 0);
    }
    alarm.warn("log files are written again; they lack what went to standard output only",
               {{"lines", missing}});
  }
};

class LogFiles::Sink final : public LogSink {
 public:
  Sink(std::string path, std::shared_ptr<Shared> shared)
      : path_(std::move(path)), shared_(std::move(shared)) {}
  ~Sink() override { close(); }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void write(std::string_view line) override {
    const std::scoped_lock lock(mutex_);
    whole_.assign(line).append("\n");
    if (!put()) {
      shared_->lose(count_lines(line));
    }
    if (whole_.capacity() > (256U << 10)) {
      whole_ = {};
    }
  }

  // Renames a file whose lines are of an earlier day, although no line has come since.
  void turn_day() {
    const std::scoped_lock lock(mutex_);
    if (fd_ >= 0 && day_ != today()) {
      rotate();
    }
  }

  // Tries a file again that could not be written, although no line has come since. What is written
  // for that is taken back.
  void try_again() {
    const std::scoped_lock lock(mutex_);
    if (!failed_ || (fd_ < 0 && !open())) {
      return;
    }
    if (::write(fd_, "\n", 1) != 1) {
      return give_up(errno);
    }
    static_cast<void>(::ftruncate(fd_, size_) < 0);
    failed_ = false;
    shared_->well(path_);
  }

  const std::string& path() const { return path_; }

 private:
  bool put() {
    if (fd_ >= 0 && was_taken_away()) {
      close();
    }
    if (fd_ < 0 && !open()) {
      return false;
    }
    const auto more = static_cast<std::int64_t>(whole_.size());
    if ((size_ > 0 && size_ + more > shared_->options.most_bytes) || today() != day_) {
      rotate();
    }
    if (fd_ < 0 && !open()) {
      return false;
    }
    std::string_view rest = whole_;
    while (!rest.empty()) {
      const ssize_t written = ::write(fd_, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) {
        continue;
      }
      if (written <= 0) {
        give_up(written < 0 ? errno : ENOSPC);
        return false;
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    size_ += more;
    if (failed_) {
      failed_ = false;
      shared_->well(path_);
    }
    return true;
  }

  bool open() {
    if (failed_ && std::chrono::steady_clock::now() < next_try_) {
      return false;
    }
    // When this fails, open(2) below fails too and says why.
    std::error_code ignored;
    fs::create_directories(fs::path(path_).parent_path(), ignored);
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd_ < 0) {
      give_up(errno);
      return false;
    }
    struct stat info{};
    ::fstat(fd_, &info);
    size_ = info.st_size;
    day_ = size_ == 0 ? today() : info.st_mtime / 86400;
    end_cut_line();
    return true;
  }

  // Somebody removed the file, or mounted something over it: nobody would ever read the lines.
  bool was_taken_away() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look_) {
      return false;
    }
    next_look_ = now + kStillThere;
    struct stat ours{};
    struct stat named{};
    return ::fstat(fd_, &ours) == 0 && (::stat(path_.c_str(), &named) != 0 ||
                                        named.st_ino != ours.st_ino || named.st_dev != ours.st_dev);
  }

  // A crash may have left a line without its end; the next one must not be joined to it.
  void end_cut_line() {
    char last = '\n';
    if (size_ > 0 && ::pread(fd_, &last, 1, size_ - 1) == 1 && last != '\n' &&
        ::write(fd_, "\n", 1) == 1) {
      ++size_;
    }
  }

  void rotate() {
    if (size_ > 0) {
      const std::string base = path_.substr(0, path_.size() - std::strlen("log"));
      WallTime now = SystemClock{}.now();
      std::string old = fmt::format("{}{}.log", base, segment_time(now));
      std::error_code error;
      while (fs::exists(old, error) || fs::exists(old + ".zst", error)) {
        now += std::chrono::milliseconds(1);
        old = fmt::format("{}{}.log", base, segment_time(now));
      }
      fs::rename(path_, old, error);
      if (error) {
        // The file goes on growing, since a line that is written counts more than its size.
        day_ = today();
        return;
      }
      shared_->rotate_done(std::move(old));
    }
    close();
    open();
  }

  void give_up(int code) {
    // What was written of the line is taken back.
    if (fd_ >= 0) {
      static_cast<void>(::ftruncate(fd_, size_) < 0);
    }
    const char* attempt = fd_ < 0 ? "open" : "write";
    close();
    next_try_ = std::chrono::steady_clock::now() + shared_->options.retry;
    if (!std::exchange(failed_, true)) {
      shared_->cannot(attempt, path_, code);
    }
  }

  void close() {
    if (fd_ >= 0) {
      ::close(std::exchange(fd_, -1));
    }
  }

  // Constant after construction.
  const std::string path_;
  const std::shared_ptr<Shared> shared_;

  std::mutex mutex_;
  // Guarded by mutex_.
  // -1 while the file is not open.
  int fd_ = -1;
  // Octets of whole lines in the file.
  std::int64_t size_ = 0;
  // Days since 1970 of the file's lines.
  std::int64_t day_ = 0;
  bool failed_ = false;
  std::chrono::steady_clock::time_point next_try_{};
  // When was_taken_away() looks again.
  std::chrono::steady_clock::time_point next_look_{};
  // Keeps its memory from line to line.
  std::string whole_;
};

LogFiles::LogFiles(LogFileOptions options, Logger alarm)
    : shared_(std::make_shared<Shared>(std::move(options), std::move(alarm))) {
  // Signals are for the threads that wait for them.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] {
    // Of Linux: the number of a thread, and its own priority.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
    run();
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LogFiles::~LogFiles() {
  {
    const std::scoped_lock lock(shared_->mutex);
    shared_->stop = true;
    shared_->sinks.clear();
  }
  shared_->wakes.notify_one();
  thread_.join();
}

std::shared_ptr<LogSink> LogFiles::file(const std::string& name) {
  {
    const std::scoped_lock lock(shared_->mutex);
    auto& sink = shared_->sinks[name];
    if (sink) {
      return sink;
    }
    sink = std::make_shared<Sink>(fmt::format("{}/{}.log", shared_->options.root, name), shared_);
  }
  // Looks for what an earlier process left unsealed.
  shared_->rotate_done({});
  const std::scoped_lock lock(shared_->mutex);
  return shared_->sinks[name];
}

std::optional<Error> LogFiles::fault() const {
  const std::scoped_lock lock(shared_->mutex);
  if (shared_->failing.empty()) {
    return std::nullopt;
  }
  return shared_->failing.begin()->second;
}

void LogFiles::count_in(Metrics& metrics) {
  const std::scoped_lock lock(shared_->mutex);
  shared_->metrics = &metrics;
  // A rate needs the 0 before the first loss.
  metrics.add(kDropped, {}, static_cast<double>(shared_->lost));
  shared_->show_failing();
}

namespace {

// The renamed files of the log at `path` that were not sealed.
std::vector<std::string> unsealed(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  const std::string log = fs::path(path).stem().string();
  std::vector<std::string> found;
  for (const Segment& segment : list_segments(folder).value_or(std::vector<Segment>{})) {
    if (segment.log == log && !segment.time.empty() && segment.plain) {
      found.push_back(folder + "/" + plain_name(segment));
    }
  }
  return found;
}

}  // namespace

// The sealing thread.
void LogFiles::run() {
  Shared& shared = *shared_;
  // What could not be sealed is said once.
  std::set<std::string> complained;
  const auto stopping = [&shared] {
    const std::scoped_lock lock(shared.mutex);
    return shared.stop;
  };
  while (!stopping()) {
    std::vector<std::shared_ptr<Sink>> sinks;
    {
      std::unique_lock lock(shared.mutex);
      const std::chrono::milliseconds pause = shared.failing.empty() ? kLook : shared.options.retry;
      shared.wakes.wait_for(lock, pause, [&] { return shared.stop || !shared.rotated.empty(); });
      shared.rotated.clear();
      for (const auto& [name, sink] : shared.sinks) {
        sinks.push_back(sink);
      }
    }
    std::set<std::string> folders;
    for (const auto& sink : sinks) {
      if (stopping()) {
        return;
      }
      sink->try_again();
      sink->turn_day();
      folders.insert(fs::path(sink->path()).parent_path().string());
      for (const std::string& path : unsealed(sink->path())) {
        if (stopping()) {
          return;
        }
        const Status sealed = seal_segment(path);
        if (!sealed && complained.insert(path).second) {
          shared.alarm.warn("an old log file stays uncompressed",
                            {{"path", path}, {"error", sealed.error().message}});
        }
      }
    }
    for (const std::string& folder : folders) {
      drop_old_segments(folder, shared.options.keep, SystemClock{}.now());
    }
  }
}

}  // namespace podplay::logs
