// What logging costs, without a pod: `write` wraps and writes a daemon's lines at a given rate, as
// the agent does; `day` makes a day of lines in sealed segments and searches them. `bench/logs`
// runs both.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/numbers.hpp"
#include "daemons/lines.hpp"
#include "logs/log_files.hpp"
#include "logs/search.hpp"
#include "logs/segment.hpp"
#include "supervise/line_log.hpp"

namespace {

using namespace podplay;
using namespace std::chrono;

// Seconds of the processor, of all threads.
double processor_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + (static_cast<double>(time.tv_usec) / 1e6);
  };
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

// Nine of ten are as Postfix writes them; each tenth has a word that redaction must look at.
std::string postfix_line(int number) {
  constexpr std::string_view kIds = "BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789";
  std::string id = "4c";
  for (int rest = number * 7919, i = 0; i < 8; ++i, rest /= 7) {
    id += kIds[static_cast<std::size_t>(rest) % kIds.size()];
  }
  switch (number % 10) {
    case 0:
      return fmt::format(
          "Nov 26 20:00:00 mail postfix/submission/smtpd[{}]: {}: client=unknown[192.0.2.{}], "
          "sasl_method=PLAIN, sasl_username=user{}@example.test",
          1000 + (number % 90), id, number % 250, number % 5000);
    case 1:
      return fmt::format(
          "Nov 26 20:00:00 mail postfix/cleanup[{}]: {}: message-id=<{}.{}@example.test>",
          1000 + (number % 90), id, number, number * 31);
    case 2: return fmt::format("Nov 26 20:00:00 mail postfix/qmgr[812]: {}: removed", id);
    default:
      return fmt::format(
          "Nov 26 20:00:00 mail postfix/smtp[{}]: {}: to=<user{}@example.test>, "
          "relay=mx.other.test[192.0.2.25]:25, delay=0.52, delays=0.02/0/0.21/0.29, "
          "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {:X})",
          1000 + (number % 90), id, number % 5000, number * 77);
  }
}

std::uint64_t lines_in(const std::string& root) {
  std::uint64_t lines = 0;
  logs::LogSearch all{
      .root = root, .folders = {"mail"}, .order = logs::SearchOrder::oldest_first, .limit = 1000};
  for (;;) {
    const auto found = logs::search(all);
    if (!found) {
      std::fprintf(stderr, "%s\n", describe(found.error()).c_str());
      return 0;
    }
    lines += found->lines.size();
    all.cursor = found->cursor;
    if (!found->more) {
      return lines;
    }
  }
}

int write_lines(const std::string& root, int rate, int length) {
  const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(null, STDOUT_FILENO);
  std::vector<std::string> batches;
  // What comes from a pipe at once: what was written in ten milliseconds.
  for (int i = 0; i < 100; ++i) {
    std::string batch;
    for (int line = 0; line < rate / 100; ++line) {
      batch += postfix_line((i * rate / 100) + line) + "\n";
    }
    batches.push_back(std::move(batch));
  }
  double used = 0;
  int written = 0;
  {
    logs::LogFiles files({.root = root}, silent_logger());
    supervise::LineLog log(
        {.service = "mail",
         .daemon = "postfix",
         .sinks = {make_stdout_sink()},
         .file = [&](const std::string& name) { return files.file("mail/" + name); },
         .read_line = daemons::read_postfix_line});
    const double before = processor_time();
    const auto begun = steady_clock::now();
    for (int turn = 0; turn < length * 100; ++turn) {
      log.feed(batches[static_cast<std::size_t>(turn) % batches.size()]);
      written += rate / 100;
      std::this_thread::sleep_until(begun + (turn + 1) * milliseconds(10));
    }
    log.end();
    used = processor_time() - before;
  }
  std::fprintf(stderr, "%d lines in %d s: %.1f %% of a core; %llu of them in the files\n", written,
               length, 100 * used / length, static_cast<unsigned long long>(lines_in(root)));
  return 0;
}

// `count` lines over one day, in segments of 10 MiB, each sealed.
void make_day(const std::string& root, int count) {
  const std::string folder = root + "/mail";
  std::filesystem::create_directories(folder);
  const WallTime day = *parse_rfc3339("2026-11-25T00:00:00Z");
  std::string lines;
  const auto rotate = [&](WallTime at) {
    std::string time = to_rfc3339(at);
    std::erase_if(time, [](char c) { return c == '-' || c == ':' || c == '.'; });
    const std::string path = fmt::format("{}/postfix.{}.log", folder, time);
    std::ofstream(path) << lines;
    lines.clear();
    if (const auto sealed = logs::seal_segment(path); !sealed) {
      std::fprintf(stderr, "%s\n", describe(sealed.error()).c_str());
    }
  };
  for (int i = 0; i < count; ++i) {
    const WallTime at = day + milliseconds(86'400'000LL * i / count);
    const std::string words = postfix_line(i);
    lines += fmt::format("[{}] [INFO] [mail.postfix] {}\n", to_rfc3339(at),
                         words.substr(words.find("postfix/")));
    if (lines.size() > (10U << 20)) {
      rotate(at);
    }
  }
  rotate(day + hours(24) - milliseconds(1));
}

template <class Work>
void print_times(const char* what, const Work& work) {
  std::vector<double> times;
  std::string words;
  for (int i = 0; i < 5; ++i) {
    const auto begun = steady_clock::now();
    words = work();
    times.push_back(duration<double, std::milli>(steady_clock::now() - begun).count());
  }
  std::ranges::sort(times);
  std::fprintf(stderr, "%-52s %7.0f ms (%.0f-%.0f)  %s\n", what, times[2], times.front(),
               times.back(), words.c_str());
}

std::string outcome(const Result<logs::FoundLines>& found) {
  return found
             ? fmt::format("{} lines, {} MB read", found->lines.size(), found->scanned / 1'000'000)
             : describe(found.error());
}

int search_day(const std::string& root, int count) {
  const auto begun = steady_clock::now();
  make_day(root, count);
  std::uint64_t sealed = 0;
  std::uint64_t indexes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root + "/mail")) {
    (entry.path().extension() == ".idx" ? indexes : sealed) += entry.file_size();
  }
  std::fprintf(stderr,
               "%d lines made and sealed in %.0f s: %.0f MB of frames, %.0f MB of indexes\n", count,
               duration<double>(steady_clock::now() - begun).count(),
               static_cast<double>(sealed) / 1e6, static_cast<double>(indexes) / 1e6);
  const logs::LogSearch all{.root = root, .folders = {"mail"}, .limit = 1000};
  const auto with = [&](logs::LineFilter filter) {
    logs::LogSearch search = all;
    search.filter = std::move(filter);
    return search;
  };
  print_times("the newest 1000", [&] { return outcome(logs::search(all)); });
  print_times("one hour of it, by a text that is not there", [&] {
    return outcome(logs::search(with({.since = *parse_rfc3339("2026-11-25T10:00:00Z"),
                                      .until = *parse_rfc3339("2026-11-25T11:00:00Z"),
                                      .text = "no such text"})));
  });
  print_times("one hour of it, its first 1000 lines", [&] {
    return outcome(logs::search(with({.since = *parse_rfc3339("2026-11-25T10:00:00Z"),
                                      .until = *parse_rfc3339("2026-11-25T11:00:00Z")})));
  });
  print_times("all of it by text",
              [&] { return outcome(logs::search(with({.text = "no such text"}))); });
  print_times("all of it by regular expression", [&] {
    return outcome(logs::search(with({.pattern = "status=(bounced|deferred) .*refused"})));
  });
  const std::string line = postfix_line(count / 2 / 10 * 10);
  const std::string id = line.substr(line.find("]: 4c") + 3, 10);
  print_times("all of it by a queue id",
              [&] { return outcome(logs::search(with({.queue_id = id}))); });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](std::size_t i, int otherwise) {
    return i < words.size() ? parse_number<int>(words[i]).value_or(otherwise) : otherwise;
  };
  if (words.size() >= 2 && words[0] == "write") {
    return write_lines(words[1], number(2, 10'000), number(3, 20));
  }
  if (words.size() >= 2 && words[0] == "day") {
    return search_day(words[1], number(2, 5'000'000));
  }
  std::fputs("usage: bench_logs write FOLDER [LINES_PER_SECOND [SECONDS]] | day FOLDER [LINES]\n",
             stderr);
  return 2;
}
