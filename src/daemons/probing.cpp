// A probe waits no longer than its timeout for each answer, and reports what it saw, whether it
// passed or not.
#include "daemons/probing.hpp"

#include <fmt/format.h>

#include "net/http.hpp"

namespace podplay::daemons {

ProbeStatus passed(std::string name, std::string seen) {
  return {std::move(name), true, std::move(seen)};
}
ProbeStatus failed(std::string name, const Error& error) {
  return {std::move(name), false, describe(error)};
}
ProbeStatus failed(std::string name, std::string seen) {
  return {std::move(name), false, std::move(seen)};
}

ProbeStatus probe_greeting(const std::string& name, int port, const std::string& expected,
                           std::chrono::milliseconds timeout) {
  auto client = net::LineClient::connect(kLocal, port, timeout);
  if (!client) {
    return failed(name, client.error());
  }
  const auto line = (*client)->read_line();
  if (!line) {
    return failed(name, line.error());
  }
  if (!line->starts_with(expected)) {
    return failed(name,
                  fmt::format("port {} greets with '{}', not with '{}'", port, *line, expected));
  }
  return passed(name, *line);
}

std::string read_figures(const std::string& origin, const std::string& path) {
  constexpr std::chrono::milliseconds kTimeout{1000};
  auto client = net::HttpClient::make({.base_url = origin,
                                       .connect_timeout = kTimeout,
                                       .timeout = kTimeout,
                                       .most_body = std::size_t{1} << 20});
  if (!client) {
    return {};
  }
  net::HttpRequest request;
  request.path = path;
  const auto answer = (*client)->send(request);
  return answer && answer->status == 200 ? answer->body : std::string();
}

Status run_checker(Runner& runner, const Command& command) {
  TRY(const auto outcome, runner.run(command));
  if (outcome.exit_code == 0) {
    return {};
  }
  const std::string words = outcome.words();
  return fail(ErrorKind::refused, "check",
              words.empty()
                  ? fmt::format("{} ended with {}", command.argv.front(), outcome.exit_code)
                  : words);
}

}  // namespace podplay::daemons
