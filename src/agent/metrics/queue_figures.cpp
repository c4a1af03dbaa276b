// A message keeps its file from the moment it was received, in whichever folder it is: when the
// file was made is when the message came. The time of its last change is of the next try.
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "agent/metrics/daemon_figures.hpp"

namespace podplay::agent {
namespace {

constexpr MetricFamily kMessages{.name = "podplay_postfix_queue_messages",
                                 .type = MetricType::gauge,
                                 .help = "Messages in Postfix's queue, by its folder"};
constexpr MetricFamily kOldest{.name = "podplay_postfix_queue_oldest_seconds",
                               .type = MetricType::gauge,
                               .help =
                                   "How long the oldest of the first 1,000 messages of each "
                                   "folder has waited"};

// A longer queue is counted no further.
constexpr std::uint64_t kMostMessages = 100'000;
constexpr std::uint64_t kMostAges = 1000;

WallTime made(const std::filesystem::path& path) {
  struct statx facts{};
  if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BTIME, &facts) != 0 ||
      (facts.stx_mask & STATX_BTIME) == 0) {
    return {};
  }
  return from_millis(facts.stx_btime.tv_sec * 1000);
}

}  // namespace

QueueFigures read_queue(const std::string& spool) {
  QueueFigures queue;
  for (const char* folder : {"maildrop", "incoming", "active", "deferred", "hold"}) {
    std::uint64_t& count = queue.messages[folder];
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator at(spool + "/" + folder, error), end;
         !error && at != end && count < kMostMessages; at.increment(error)) {
      std::error_code gone;
      if (!at->is_regular_file(gone)) {
        continue;
      }
      ++count;
      const WallTime came = count <= kMostAges ? made(at->path()) : WallTime{};
      if (came != WallTime{} && (queue.oldest == WallTime{} || came < queue.oldest)) {
        queue.oldest = came;
      }
    }
  }
  return queue;
}

void add_queue_figures(MetricText& text, const QueueFigures& queue, WallTime now) {
  text.family(kMessages);
  for (const auto& [folder, count] : queue.messages) {
    text.sample(kMessages, {{"queue", folder}}, static_cast<double>(count));
  }
  const bool waits = queue.oldest != WallTime{} && queue.oldest < now;
  const auto age = waits ? now - queue.oldest : WallTime::duration{};
  text.one(kOldest, std::chrono::duration<double>(age).count());
}

}  // namespace podplay::agent
