// Daemons that read their whole configuration again when they get a signal, which takes seconds
// with thousands of sites or certificates. Meanwhile they answer by what they had before.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace podplay::daemons {

// The number in a daemon's pid file. Fails with the code daemon_away when there is none; `name` is
// for the words.
Result<int> read_pid(std::string_view name, const std::string& pid_file);
// Sends the signal to the process whose number is in the file. Fails with the code daemon_away when
// it does not run.
Status send_signal(std::string_view name, const std::string& pid_file, int signal);

// Whether a daemon still reads what it was last told to read. Used by one thread at a time.
class Rereading {
 public:
  // `mark` gives something of the daemon that is another one as soon as it has read everything, and
  // nothing when that cannot be seen.
  using Mark = std::function<std::string()>;
  explicit Rereading(Mark mark) : mark_(std::move(mark)) {}

  // To be called just before the daemon is told.
  void begin();
  // False after kLongest in any case, so that a daemon that never gets there is still judged.
  bool is_under_way();

 private:
  static constexpr std::chrono::seconds kLongest{30};

  const Mark mark_;
  // Nothing while the daemon reads nothing, as far as can be seen.
  std::string before_;
  std::chrono::steady_clock::time_point began_{};
};

}  // namespace podplay::daemons
