// A stream ends by itself from time to time, and when the control plane starts again. It is taken
// up where it was, by the id of the last event.
#include "cli/log_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/numbers.hpp"
#include "base/print.hpp"
#include "cli/show/exit_code.hpp"
#include "cli/show/log_lines.hpp"
#include "cli/show/option_words.hpp"

namespace podplay::cli {
namespace {

using namespace std::chrono_literals;

// How long the control plane may be away.
constexpr auto kLongestAbsence = 60s;
constexpr auto kLogPause = 1s;
constexpr const char* kLinesBefore = "20";

// https://no-color.org: any value but an empty one.
bool wants_colours(const World& world) {
  const auto no_color = world.environment.find("NO_COLOR");
  const bool refused = no_color != world.environment.end() && !no_color->second.empty();
  return !refused && ::isatty(::fileno(world.out)) != 0;
}

class LinePrinter {
 public:
  explicit LinePrinter(const Invocation& invocation)
      : world_(invocation.world),
        json_(invocation.globals.json),
        colours_(wants_colours(invocation.world)) {}

  void print(const Json& items) const {
    for (const Json& line : items) {
      print_text(world_.out, json_ ? line.dump() + "\n" : log_line(line, colours_));
    }
    std::fflush(world_.out);
  }

 private:
  World& world_;
  const bool json_;
  const bool colours_;
};

int report(const Invocation& invocation, const Caller& caller, const Error& error) {
  return report_error(invocation.world, in_option_words(error, invocation.row),
                      caller.request_id());
}

int follow_lines(const Invocation& invocation, Caller& caller, net::HttpRequest request) {
  World& world = invocation.world;
  const LinePrinter printer(invocation);
  request.query.emplace("lines", kLinesBefore);
  EventReader reader;
  std::string last_id;
  std::optional<Error> ended;
  SteadyTime heard = world.clock.steady();
  for (;;) {
    if (!last_id.empty()) {
      request.headers["Last-Event-ID"] = last_id;
    }
    reader.restart();
    const Status done = caller.download(request, [&](std::string_view piece) {
      heard = world.clock.steady();
      reader.feed(piece, [&](const EventReader::Event& event) {
        const Json data = Json::parse(event.data, nullptr, false);
        if (event.kind == "lines" && data.is_object()) {
          last_id = event.id;
          printer.print(data.value("items", Json::array()));
        } else if (event.kind == "end" && data.is_object() && data.value("code", "") != "again") {
          ended = Error{.kind = ErrorKind::unauthorized,
                        .code = data.value("code", ""),
                        .message = data.value("message", ""),
                        .remedy = "log in again: podplay login"};
        }
      });
    });
    if (ended) {
      return report(invocation, caller, *ended);
    }
    const bool away =
        !done && (done.error().kind == ErrorKind::unavailable ||
                  done.error().kind == ErrorKind::timeout || done.error().kind == ErrorKind::io);
    if (!done && (!away || world.clock.steady() - heard > kLongestAbsence)) {
      return report(invocation, caller, done.error());
    }
    world.clock.sleep(kLogPause);
  }
}

}  // namespace

std::string time_before(const std::string& text, WallTime now) {
  if (text.size() < 2) {
    return text;
  }
  const auto number = parse_number<std::uint32_t>(text.substr(0, text.size() - 1));
  std::chrono::seconds unit{0};
  switch (text.back()) {
    case 's': unit = 1s; break;
    case 'm': unit = 1min; break;
    case 'h': unit = 1h; break;
    case 'd': unit = 24h; break;
    default: break;
  }
  return number && unit.count() > 0 ? to_rfc3339(now - *number * unit) : text;
}

void EventReader::feed(std::string_view piece, const std::function<void(const Event&)>& take) {
  rest_ += piece;
  for (std::size_t end = rest_.find("\n\n"); end != rest_.npos; end = rest_.find("\n\n")) {
    const std::string text = rest_.substr(0, end);
    rest_.erase(0, end + 2);
    Event event;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t stop = std::min(text.find('\n', at), text.size());
      const std::string line = text.substr(at, stop - at);
      const std::size_t colon = std::min(line.find(':'), line.size());
      std::string value = line.substr(std::min(colon + 1, line.size()));
      value.erase(0, value.starts_with(' ') ? 1 : 0);
      const std::string field = line.substr(0, colon);
      if (field == "id") {
        event.id = value;
      } else if (field == "event") {
        event.kind = value;
      } else if (field == "data") {
        event.data += value;
      }
      at = stop + 1;
    }
    if (!event.data.empty()) {
      take(event);
    }
  }
}

int show_logs(const Invocation& invocation, Caller& caller, net::HttpRequest request) {
  World& world = invocation.world;
  if (request.query.contains("follow")) {
    return follow_lines(invocation, caller, std::move(request));
  }
  const bool oldest_first = request.query.contains("sort") && request.query["sort"] == "time";
  const auto answer = caller.call(std::move(request));
  if (!answer) {
    if (invocation.globals.json && caller.problem()) {
      print_text(world.out, caller.problem()->dump(2) + "\n");
    }
    return report(invocation, caller, answer.error());
  }
  if (invocation.globals.json) {
    print_text(world.out, answer->dump(2) + "\n");
    return 0;
  }
  Json items = answer->value("items", Json::array());
  if (!oldest_first) {
    std::ranges::reverse(items);
  }
  LinePrinter(invocation).print(items);
  if (!answer->value("complete", true)) {
    print_text(world.err, "not everything was searched: the time was over\n");
  }
  if (const Json next = answer->value("next", Json()); next.is_string()) {
    print_to(world.err, "more: --cursor {}\n", next.get<std::string>());
  } else if (items.empty()) {
    print_text(world.err, "no such line\n");
  }
  return 0;
}

}  // namespace podplay::cli
