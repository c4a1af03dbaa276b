// Parses /readyz and draws it. An answer of another program is an Error, never a crash.
#include "pod/readiness.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/print.hpp"

namespace podplay::pod {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_string()
             ? object[key].get<std::string>()
             : std::string();
}

void add_details(const Json& service, ServiceLine& line) {
  for (const Json& daemon : service.value("daemons", Json::array())) {
    if (text_of(daemon, "state") == "ready") {
      continue;
    }
    const std::string words = text_of(daemon, "last_words");
    line.details.push_back(fmt::format("{} is {}{}{}", text_of(daemon, "name"),
                                       text_of(daemon, "state"), words.empty() ? "" : ": ", words));
  }
  for (const Json& probe : service.value("probes", Json::array())) {
    if (probe.is_object() && !probe.value("ok", false)) {
      line.details.push_back(
          fmt::format("probe {}: {}", text_of(probe, "name"), text_of(probe, "message")));
    }
  }
}

// The first line of a text, shortened so that a terminal does not wrap it.
std::string first_line(std::string_view text, std::size_t most) {
  text = text.substr(0, text.find('\n'));
  return text.size() <= most ? std::string(text) : std::string(text.substr(0, most - 3)) + "...";
}

}  // namespace

Result<Readiness> parse_readiness(std::string_view body) {
  const Json document = Json::parse(body, nullptr, false);
  if (!document.is_object() || !document.contains("services") || !document["services"].is_array()) {
    return fail(ErrorKind::unavailable, "readyz",
                "/readyz was answered by something other than podplayd: " + first_line(body, 120),
                "another program may answer on PODPLAY_HOST_API_PORT");
  }
  Readiness readiness;
  readiness.ready = document.value("ready", false);
  for (const Json& service : document["services"]) {
    ServiceLine line{.service = text_of(service, "service"),
                     .state = text_of(service, "state"),
                     .stage = text_of(service, "stage"),
                     .message = text_of(service, "message")};
    line.ready = line.state == "ready";
    if (!line.ready) {
      add_details(service, line);
    }
    readiness.services.push_back(std::move(line));
  }
  return readiness;
}

std::string state_text(const ServiceLine& line, std::size_t most) {
  if (line.ready) {
    return "ready";
  }
  std::string text = line.state.empty() ? "starting" : line.state;
  if (!line.stage.empty()) {
    text += ", stage " + line.stage;
  }
  if (!line.message.empty()) {
    text += ": " + line.message;
  } else if (!line.details.empty()) {
    text += ": " + line.details.front();
  }
  return first_line(text, most);
}

Progress::Progress(std::FILE* out, bool terminal) : out_(out), terminal_(terminal) {}

// A line that the terminal wraps could not be rewritten, so the text gets only the rest of the
// terminal's width.
std::size_t Progress::width() const {
  winsize size{};
  if (!terminal_ || ::ioctl(::fileno(out_), TIOCGWINSZ, &size) != 0 || size.ws_col < 40) {
    return 110;
  }
  // "  bind     " stands before the text and " (12.3 s)" after it.
  return size.ws_col - 24U;
}

void Progress::say(std::string_view sentence) {
  print_to(out_, "{}\n", sentence);
  std::fflush(out_);
  drawn_ = 0;
}

void Progress::show(const std::vector<ServiceLine>& lines, std::chrono::milliseconds elapsed) {
  if (terminal_ && drawn_ > 0) {
    print_to(out_, "\033[{}A", drawn_);
  }
  for (const ServiceLine& line : lines) {
    const std::string text = state_text(line, width());
    Shown& shown = shown_[line.service];
    const bool changed = shown.text != text;
    if (changed) {
      shown = {text, line.ready
                         ? fmt::format(" ({:.1f} s)", static_cast<double>(elapsed.count()) / 1000)
                         : std::string()};
    }
    if (terminal_) {
      print_to(out_, "\033[2K  {:<8} {}{}\n", line.service, shown.text, shown.when);
    } else if (changed) {
      print_to(out_, "  {:<8} {}{}\n", line.service, shown.text, shown.when);
    }
  }
  drawn_ = lines.size();
  std::fflush(out_);
}

}  // namespace podplay::pod
