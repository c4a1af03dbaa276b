// Dovecot's OpenMetrics names are dovecot_METRIC_total and dovecot_METRIC_duration_seconds_total,
// where METRIC is the name of a block `metric` in its configuration.
#include <array>

#include "agent/metrics/daemon_figures.hpp"

namespace podplay::agent {
namespace {

constexpr MetricFamily kLogins{.name = "podplay_dovecot_logins_total",
                               .help = "Tries to log in for mail, by their result"};
constexpr MetricFamily kSessions{.name = "podplay_dovecot_sessions_ended_total",
                                 .help = "Sessions of mail programs that have ended"};
constexpr MetricFamily kSessionSeconds{.name = "podplay_dovecot_session_seconds_total",
                                       .help = "How long the sessions that have ended lasted"};

// dovecot.conf.tmpl says why LMTP is not among them.
constexpr std::array kMailProtocols = {"imap", "pop3"};

}  // namespace

void add_dovecot_figures(MetricText& text, std::string_view metrics) {
  text.family(kLogins);
  text.sample(kLogins, {{"result", "success"}},
              largest_metric(metrics, "dovecot_auth_successes_total").value);
  text.sample(kLogins, {{"result", "failure"}},
              largest_metric(metrics, "dovecot_auth_failures_total").value);
  text.family(kSessions);
  for (const char* protocol : kMailProtocols) {
    text.sample(kSessions, {{"protocol", protocol}},
                largest_metric(metrics, "dovecot_sessions_total", {{"service", protocol}}).value);
  }
  text.family(kSessionSeconds);
  for (const char* protocol : kMailProtocols) {
    text.sample(
        kSessionSeconds, {{"protocol", protocol}},
        largest_metric(metrics, "dovecot_sessions_duration_seconds_total", {{"service", protocol}})
            .value);
  }
}

}  // namespace podplay::agent
