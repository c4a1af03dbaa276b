// Parses the command line and runs one verb. Each verb returns an exit code, except `run`, which
// ends the process itself.
#include "agent/program.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>

#include "agent/agent.hpp"
#include "agent/health.hpp"
#include "agent/logging/wrap.hpp"
#include "agent/lookups/server.hpp"
#include "base/child.hpp"
#include "base/restart.hpp"
#include "daemons/dovecot.hpp"
#include "logs/log_files.hpp"
#include "logs/redaction.hpp"
#include "model/settings.hpp"
#include "wire/snapshot.hpp"

namespace podplay::agent {
namespace {

constexpr const char* kUsage =
    "usage: podplay-agent run SERVICE\n"
    "       podplay-agent render SERVICE --snapshot FILE --dry-run\n"
    "       podplay-agent check SERVICE --snapshot FILE\n"
    "       podplay-agent probe livez|readyz|startupz|readyz?verbose SERVICE\n"
    "       podplay-agent nearly-full over|under MAILBOX   (Dovecot's quota warning)\n"
    "       podplay-agent wrap SERVICE --logs DIR [--daemon NAME]   (measures the cost of lines)\n"
    "       podplay-agent version\n"
    "SERVICE is apache, bind or mail.\n"
    "  --templates DIR   instead of /usr/share/podplay/templates\n"
    "  --overrides DIR   instead of /data/overrides\n"
    "  --state DIR       instead of /data/service\n"
    "  --snapshot FILE   a snapshot as JSON; - is standard input\n"
    "  --dry-run         print what would change as a unified diff; change nothing\n"
    "render and check print what the snapshot would change; check also asks the daemons' own "
    "checkers.\n"
    "Exit codes: 0 fine, 1 failed, refused or not ready, 2 usage, 3 the snapshot or a template is "
    "wrong.\n";

// The exit code for a snapshot, template or setting that is wrong.
constexpr int kWrongInput = 3;

struct Line {
  // The verb and its arguments.
  std::vector<std::string> words;
  // By name, without "--".
  std::map<std::string, std::string> options;
};

int usage(const std::string& complaint) {
  fmt::print(stderr, "podplay-agent: {}\n{}", complaint, kUsage);
  return 2;
}

int failed(const Error& error, int code) {
  fmt::print(stderr, "podplay-agent: {}\n", logs::redact(describe(error)));
  return code;
}

Result<Line> parse_line(const std::vector<std::string>& arguments) {
  Line line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (!word.starts_with("--")) {
      line.words.push_back(word);
      continue;
    }
    const std::string name = word.substr(2);
    if (name == "dry-run" || name == "help") {
      line.options[name] = "true";
    } else if (name != "templates" && name != "overrides" && name != "state" &&
               name != "snapshot" && name != "logs" && name != "daemon") {
      return fail(ErrorKind::invalid, "option_unknown",
                  fmt::format("there is no option '{}'", word));
    } else if (++i == arguments.size()) {
      return fail(ErrorKind::invalid, "option_value", fmt::format("{} needs a value", word));
    } else {
      line.options[name] = arguments[i];
    }
  }
  return line;
}

std::string option(const Line& line, const std::string& name, const std::string& otherwise) {
  const auto found = line.options.find(name);
  return found == line.options.end() ? otherwise : found->second;
}

// --state holds the releases and the replica.
std::string state_of(const Line& line) { return option(line, "state", AgentOptions{}.state); }
std::string replica_below(const std::string& state) { return state + "/replica/replica.db"; }

Level daemon_level(const Settings& settings, ServiceName service) {
  switch (service) {
    case ServiceName::apache: return settings.level("PODPLAY_WEB_LOG_LEVEL");
    case ServiceName::bind: return settings.level("PODPLAY_DNS_LOG_LEVEL");
    case ServiceName::mail: return settings.level("PODPLAY_MAIL_LOG_LEVEL");
  }
  return Level::info;
}

int run_agent(ServiceName service, const Line& line) {
  // The agent has few threads and must stay small, so the memory of large requests goes back to the
  // system.
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TRIM_THRESHOLD, 256 << 10);
  ::mallopt(M_MMAP_THRESHOLD, 256 << 10);
  const auto settings = logging_settings(process_environment());
  if (!settings) {
    const int code = failed(settings.error(), kWrongInput);
    wait_before_restart();
    return code;
  }
  AgentOptions options;
  options.state = state_of(line);
  options.candidates.templates = option(line, "templates", options.candidates.templates);
  options.candidates.overrides = option(line, "overrides", options.candidates.overrides);
  options.replica.path = replica_below(options.state);
  options.lookups.replica = options.replica.path;
  options.watch.memory = options.state + "/limits.json";
  if (service == ServiceName::mail) {
    options.watch.port = daemons::kLoginPolicyPort;
    options.replica.owners = "/data/user-data/owners/owners.db";
  }
  options.health_port = health_port(service);
  options.checks = questions_of(service);
  options.log_format =
      settings->text("PODPLAY_LOG_FORMAT") == "json" ? LogFormat::json : LogFormat::text;
  options.log_commands = settings->boolean("PODPLAY_LOG_COMMANDS");
  options.pipe.log_configs = settings->boolean("PODPLAY_LOG_CONFIGS");
  options.levels.daemons->store(daemon_level(*settings, service));
  options.levels.own->store(settings->level("PODPLAY_AGENT_LOG_LEVEL"));
  const auto out = make_stdout_sink();
  options.daemon_sinks = {out};
  const std::string component = fmt::format("agent.{}", to_text(service));
  logs::LogFiles files(
      {.keep = {.days = static_cast<int>(settings->integer("PODPLAY_LOG_KEEP_DAYS")),
                .bytes = settings->integer("PODPLAY_LOG_KEEP_BYTES")}},
      Logger({out}, component + ".logs", Level::info, options.log_format));
  options.log_file = [&files](const std::string& name) { return files.file(name); };
  const Logger log(
      {logs::make_redacting_sink({out, files.file(fmt::format("{}/agent", to_text(service)))})},
      component, options.levels.own, options.log_format);

  Agent agent(daemons::describe_service(service), std::move(options), log);
  // The program ends without taking the agent or the files down.
  files.count_in(agent.board().metrics);
  const Status ran = agent.run();
  if (!ran) {
    log.error("the agent ends", {{"error", ran.error().message}, {"remedy", ran.error().remedy}});
    wait_before_restart();
  }
  std::fflush(nullptr);
  // A thread may be in its long-poll; nothing is left to save.
  std::_Exit(ran ? 0 : 1);
}

Status prepare(const daemons::ServiceDescription& service, Runner& runner) {
  for (const auto& daemon : service.daemons) {
    TRY(daemon->prepare(runner));
  }
  return {};
}

Result<std::string> read_input(Files& files, const std::string& path) {
  return files.read(path == "-" ? "/dev/stdin" : path);
}

// The two verbs that look at a snapshot without a running pod: `render` stops before the checkers.
int try_out(ServiceName service, const Line& line, bool with_check) {
  if (!with_check && !line.options.contains("dry-run")) {
    return usage("render needs --dry-run: only `run` installs releases");
  }
  if (!line.options.contains("snapshot")) {
    return usage("--snapshot FILE is missing");
  }
  RealFiles files;
  const auto text = read_input(files, line.options.at("snapshot"));
  if (!text) {
    return failed(text.error(), kWrongInput);
  }
  const auto snapshot = wire::snapshot_from_json(wire::Json::parse(*text, nullptr, false));
  if (!snapshot) {
    return failed(snapshot.error(), kWrongInput);
  }
  if (snapshot->service != service) {
    return usage(fmt::format("the snapshot is for {}", to_text(snapshot->service)));
  }

  CandidateOptions options;
  options.templates = option(line, "templates", options.templates);
  options.overrides = option(line, "overrides", options.overrides);
  const daemons::ServiceDescription description = daemons::describe_service(service);
  Releases releases(files, state_of(line), silent_logger());
  releases.look();
  ProcessRunner runner(silent_logger(), false);
  Candidates candidates(
      {.service = description, .releases = releases, .runner = runner, .files = files}, options);
  const auto diff = candidates.diff(*snapshot);
  if (!diff) {
    return failed(diff.error(), kWrongInput);
  }
  fmt::print("{}", *diff);
  if (!with_check) {
    return 0;
  }
  // Checkers look for the daemons' folders.
  if (const Status prepared = prepare(description, runner); !prepared) {
    return failed(prepared.error(), 1);
  }
  const auto verdict = candidates.dry_run(*snapshot);
  if (!verdict) {
    return failed(verdict.error(), 1);
  }
  if (!verdict->ok) {
    fmt::print(stderr, "podplay-agent: refused by {}\n", verdict->words);
    return 1;
  }
  return 0;
}

// Passes Dovecot's quota warning on to the running agent, which records it in the replica.
int tell_nearly_full(const std::string& direction, const std::string& mailbox) {
  const auto answer = ask_lookup(kNearlyFullSocket, fmt::format("{} {}", direction, mailbox));
  if (!answer) {
    return failed(answer.error(), 1);
  }
  if (!answer->starts_with("OK")) {
    fmt::print(stderr, "podplay-agent: {}\n", *answer);
    return 1;
  }
  return 0;
}

int probe(const std::string& what, ServiceName service) {
  auto client =
      net::HttpClient::make({.base_url = fmt::format("http://127.0.0.1:{}", health_port(service)),
                             .connect_timeout = std::chrono::milliseconds{1000},
                             .timeout = std::chrono::milliseconds{3000}});
  if (!client) {
    return failed(client.error(), 1);
  }
  const auto answer = (*client)->send({.path = "/" + what});
  if (!answer) {
    return failed(answer.error(), 1);
  }
  fmt::print("{}", answer->body);
  return answer->status == 200 ? 0 : 1;
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
  const auto line = parse_line(arguments);
  if (!line) {
    return usage(line.error().message);
  }
  const std::vector<std::string>& words = line->words;
  if (line->options.contains("help") || (words.size() == 1 && words[0] == "help")) {
    fmt::print("{}", kUsage);
    return 0;
  }
  if (words.size() == 1 && words[0] == "version") {
    fmt::print("{}\n", PODPLAY_VERSION);
    return 0;
  }
  if (words.size() == 3 && words[0] == "nearly-full" &&
      (words[1] == "over" || words[1] == "under")) {
    return tell_nearly_full(words[1], words[2]);
  }
  if (words.size() < 2) {
    return usage("a verb and a service are needed");
  }
  const auto service = parse_service(words.back());
  if (!service) {
    return usage(describe(service.error()));
  }
  if (words.size() == 2 && words[0] == "run") {
    return run_agent(*service, *line);
  }
  if (words.size() == 2 && (words[0] == "render" || words[0] == "check")) {
    return try_out(*service, *line, words[0] == "check");
  }
  if (words.size() == 3 && words[0] == "probe" &&
      (words[1] == "livez" || words[1] == "readyz" || words[1] == "readyz?verbose" ||
       words[1] == "startupz")) {
    return probe(words[1], *service);
  }
  if (words.size() == 2 && words[0] == "wrap" && line->options.contains("logs")) {
    return wrap_lines({.service = *service,
                       .daemon = option(*line, "daemon", "postfix"),
                       .logs = line->options.at("logs")});
  }
  return usage(fmt::format("there is no verb '{}'", words[0]));
}

}  // namespace podplay::agent
