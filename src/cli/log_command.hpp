// `podplay logs`: lines of the logs, and those that come.
#pragma once

#include "cli/caller.hpp"
#include "cli/invocation.hpp"

namespace podplay::cli {

// "10m" before `now` as RFC 3339; s, m, h and d are known. Another text is returned as it is, for
// the server to judge.
std::string time_before(const std::string& text, WallTime now);

// Server-Sent Events (HTML, section 9.2.6), as they come in pieces.
class EventReader {
 public:
  struct Event {
    std::string id;
    std::string kind;
    std::string data;
  };
  // Calls `take` for each whole event in what has come.
  void feed(std::string_view piece, const std::function<void(const Event&)>& take);
  // What was left of a stream that ended is no event.
  void restart() { rest_.clear(); }

 private:
  std::string rest_;
};

// Sends the command's request and shows the lines, the oldest at the top. With ?follow=1, until it
// is interrupted or the login ends. Returns the exit code.
int show_logs(const Invocation& invocation, Caller& caller, net::HttpRequest request);

}  // namespace podplay::cli
