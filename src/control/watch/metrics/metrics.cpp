// The store's figures are read once for each scrape; a store that fails leaves them out.
#include "control/watch/metrics/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "base/container_metrics.hpp"
#include "control/watch/status.hpp"
#include "guard/login_limiter.hpp"
#include "store/figures.hpp"

namespace podplay::control {
namespace {

constexpr std::chrono::milliseconds kAgentDeadline{3000};

constexpr MetricFamily gauge(std::string_view name, std::string_view help) {
  return {.name = name, .type = MetricType::gauge, .help = help};
}
constexpr MetricFamily counter(std::string_view name, std::string_view help) {
  return {.name = name, .type = MetricType::counter, .help = help};
}

constexpr MetricFamily kBuild = gauge("podplay_build_info", "1; its label says which version runs");
constexpr MetricFamily kState =
    gauge("podplay_service_state", "1 for the state that a service is in");
constexpr MetricFamily kUp = gauge("podplay_service_up", "1 while the service's agent reports");
constexpr MetricFamily kLag =
    gauge("podplay_service_feed_lag", "Rows of the feed that the service has not followed yet");
constexpr MetricFamily kRevisionLag =
    gauge("podplay_service_unsettled", "1 while a change waits for the service");
constexpr MetricFamily kCheck =
    gauge("podplay_check_ok", "1 while a check of the service's health finds nothing");
constexpr MetricFamily kStoreBytes = gauge("podplay_store_bytes", "Size of the store");
constexpr MetricFamily kJobs =
    gauge("podplay_jobs", "Jobs by state, without those that are done; at most 100,000");
constexpr MetricFamily kSessions =
    gauge("podplay_sessions", "Logins of browsers that have not expired; at most 100,000");
constexpr MetricFamily kAlerts = gauge("podplay_alerts_open", "Open alerts by severity");
constexpr MetricFamily kExpiry =
    gauge("podplay_certificate_first_expiry_timestamp_seconds",
          "When the first of the certificates expires, as Unix time; 0: there is none");
constexpr MetricFamily kLoginsFailed =
    counter("podplay_logins_failed_total", "Tries to log in with a wrong password, at all doors");
constexpr MetricFamily kLoginsRefused =
    counter("podplay_logins_refused_total", "Tries to log in that a lock refused, at all doors");
constexpr MetricFamily kLocked =
    gauge("podplay_logins_locked", "Accounts and addresses that are locked now");

constexpr std::string_view kStates[] = {"starting", "ready", "degraded", "down"};

MetricLabels labels_of(const AgentName& agent) {
  return {{"service", std::string(to_text(agent.service))}, {"host", agent.host}};
}

// A check that names a domain would be as many as there are domains.
void add_checks(MetricText& text, const ServiceStatus& service) {
  constexpr std::size_t kMostChecks = 100;
  std::size_t written = 0;
  for (const HealthCheck& check : service.checks) {
    if (check.name.find('.') != check.name.npos || written++ >= kMostChecks) {
      continue;
    }
    MetricLabels labels = labels_of(service.agent);
    labels.push_back({"check", check.name});
    text.sample(kCheck, labels, check.result == CheckResult::ok ? 1 : 0);
  }
}

void add_services(MetricText& text, Context& context, const std::vector<ServiceStatus>& services) {
  text.family(kUp);
  for (const ServiceStatus& service : services) {
    text.sample(kUp, labels_of(service.agent), service.state == "away" ? 0 : 1);
  }
  text.family(kState);
  for (const ServiceStatus& service : services) {
    for (const std::string_view state : kStates) {
      MetricLabels labels = labels_of(service.agent);
      labels.push_back({"state", std::string(state)});
      text.sample(kState, labels, service.health == state ? 1 : 0);
    }
  }
  text.family(kCheck);
  for (const ServiceStatus& service : services) {
    add_checks(text, service);
  }
  text.family(kRevisionLag);
  for (const ServiceStatus& service : services) {
    const bool waits = context.hub.newest(service.agent) > context.hub.settled(service.agent);
    text.sample(kRevisionLag, labels_of(service.agent), waits ? 1 : 0);
  }
}

void add_store(MetricText& text, const store::StoreFigures& figures,
               const std::vector<ServiceStatus>& services) {
  text.family(kLag);
  for (const ServiceStatus& service : services) {
    const auto newest = figures.sequences.find(service.agent.service);
    const bool behind = newest != figures.sequences.end() && newest->second > service.feed_seq;
    text.sample(kLag, labels_of(service.agent),
                behind ? static_cast<double>(newest->second - service.feed_seq) : 0);
  }
  text.one(kStoreBytes, static_cast<double>(figures.bytes));
  text.family(kJobs);
  for (const auto& [state, count] : figures.jobs) {
    text.sample(kJobs, {{"state", std::string(to_text(state))}}, static_cast<double>(count));
  }
  text.one(kSessions, static_cast<double>(figures.sessions));
  text.family(kAlerts);
  for (const auto& [severity, count] : figures.open_alerts) {
    text.sample(kAlerts, {{"severity", std::string(to_text(severity))}},
                static_cast<double>(count));
  }
  text.one(kExpiry, static_cast<double>(to_millis(figures.first_expiry) / 1000));
}

void add_logins(MetricText& text, const guard::GuessingFigures& figures) {
  text.one(kLoginsFailed, static_cast<double>(figures.failed));
  text.one(kLoginsRefused, static_cast<double>(figures.refused));
  text.family(kLocked);
  text.sample(kLocked, {{"what", "account"}}, static_cast<double>(figures.locked_accounts));
  text.sample(kLocked, {{"what", "address"}}, static_cast<double>(figures.locked_addresses));
}

std::string text_of(const Result<std::string>& answer) {
  if (!answer) {
    return {};
  }
  const auto json = nlohmann::json::parse(*answer, nullptr, false);
  return json.is_object() && json.contains("text") && json["text"].is_string()
             ? json["text"].get<std::string>()
             : std::string();
}

// Two agents of a service would give the same samples otherwise.
std::string with_host(std::string_view document, const std::string& host) {
  const std::string label = fmt::format("host=\"{}\"", host);
  std::string text;
  while (!document.empty()) {
    const std::size_t end = std::min(document.find('\n'), document.size());
    const std::string_view line = document.substr(0, end);
    document.remove_prefix(std::min(end + 1, document.size()));
    const std::size_t name = line.starts_with('#') ? line.npos : line.find_first_of("{ ");
    if (name == line.npos) {
      text += line;
    } else if (line[name] == '{') {
      text += fmt::format("{}{{{},{}", line.substr(0, name), label, line.substr(name + 1));
    } else {
      text += fmt::format("{}{{{}}}{}", line.substr(0, name), label, line.substr(name));
    }
    text += '\n';
  }
  return text;
}

}  // namespace

std::string control_metrics(Context& context) {
  MetricText text;
  text.one(kBuild, 1, {{"service", "api"}, {"version", PODPLAY_VERSION}});
  const std::vector<ServiceStatus> services = get_status(context).services;
  add_services(text, context, services);
  const auto figures = context.store.read<store::StoreFigures>([&](store::Session& session) {
    return store::read_store_figures(session, context.clock.now());
  });
  if (figures) {
    add_store(text, *figures, services);
  }
  add_logins(text, context.logins.figures());
  MetricText counted({{"service", "api"}});
  add_volume_metrics(counted, {{"state", context.paths.state}, {"logs", context.paths.logs}});
  add_memory_metrics(counted);
  context.metrics.write(counted);
  return text.take() + counted.take();
}

std::map<std::string, std::string> agent_metrics(Context& context) {
  std::map<std::string, std::future<std::string>> asked;
  for (const ServiceName service : kServices) {
    for (const AgentName& agent : context.hub.agents(service)) {
      asked.emplace(to_text(agent), std::async(std::launch::async, [&context, agent] {
                      return with_host(
                          text_of(context.hub.command(agent, "metrics", "{}", "", kAgentDeadline)),
                          agent.host);
                    }));
    }
  }
  std::map<std::string, std::string> answers;
  for (auto& [name, future] : asked) {
    if (std::string text = future.get(); !text.empty()) {
      answers.emplace(name, std::move(text));
    }
  }
  return answers;
}

std::string all_metrics(Context& context) {
  std::vector<std::string> documents{control_metrics(context)};
  for (auto& [name, text] : agent_metrics(context)) {
    documents.push_back(std::move(text));
  }
  return join_metrics(documents);
}

}  // namespace podplay::control
