// The pod and its services in answers. Fields that /readyz leaves out are not required.
#include "wire/services.hpp"

#include "wire/certificates.hpp"
#include "wire/limits.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

// These fields are the same in several places.
constexpr FieldRow kServiceName{.name = "service",
                                .type = text,
                                .required = true,
                                .help = "apache, bind or mail",
                                .example = R"("mail")"};
constexpr FieldRow kReady{.name = "ready",
                          .type = boolean,
                          .required = true,
                          .help = "Every service is ready",
                          .example = "true"};
constexpr FieldRow kVersion{.name = "version",
                            .type = text,
                            .required = true,
                            .help = "Version of the control plane",
                            .example = R"("1.0")"};

constexpr FieldRow kRestartFields[] = {
    kServiceName,
    {.name = "daemon",
     .type = text,
     .help = "One daemon of the service; all when missing",
     .example = R"("dovecot")"},
};

constexpr FieldRow kLiveFields[] = {
    {.name = "live", .type = boolean, .required = true, .help = "Always true", .example = "true"},
    kVersion,
};

constexpr FieldRow kDaemonStateFields[] = {
    {.name = "name", .type = text, .required = true, .help = "Its name", .example = R"("postfix")"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "starting, ready, backoff, stopping or stopped",
     .example = R"("ready")"},
    {.name = "pid",
     .type = integer,
     .required = true,
     .help = "Process id; 0: it does not run",
     .example = "7"},
    {.name = "restarts",
     .type = integer,
     .required = true,
     .help = "Restarts since the agent's start",
     .example = "0"},
    {.name = "since",
     .type = integer,
     .required = true,
     .help = "Unix milliseconds of the last change of state",
     .example = "1767225600000"},
    {.name = "last_words",
     .type = text,
     .required = true,
     .help = "The last lines of its output when it died",
     .example = R"("")"},
};
constexpr Shape kDaemonState{
    .name = "DaemonState", .help = "State of a daemon", .fields = kDaemonStateFields};

constexpr FieldRow kProbeStateFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "Its name",
     .example = R"("imap-greeting")"},
    {.name = "ok",
     .type = boolean,
     .required = true,
     .help = "Whether it passed",
     .example = "true"},
    {.name = "message",
     .type = text,
     .required = true,
     .help = "What the probe saw; on failure also the remedy",
     .example = R"("")"},
};
constexpr Shape kProbeState{
    .name = "ProbeState", .help = "What a probe saw", .fields = kProbeStateFields};

constexpr FieldRow kSetAsideFields[] = {
    {.name = "kind",
     .type = text,
     .required = true,
     .help = "What the row is about, such as mailbox or zone",
     .example = R"("zone")"},
    {.name = "key",
     .type = text,
     .required = true,
     .help = "Its name",
     .example = R"("example.com")"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision that put the row in",
     .example = "42"},
    {.name = "daemon",
     .type = text,
     .required = true,
     .help = "The daemon that did not take it",
     .example = R"("named")"},
    {.name = "message",
     .type = text,
     .required = true,
     .help = "The daemon's own words",
     .example = R"("")"},
};
constexpr Shape kSetAside{
    .name = "SetAside", .help = "A row that a daemon did not take", .fields = kSetAsideFields};

constexpr FieldRow kCheckFactFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "What it counts, with its unit",
     .example = R"("free_bytes")"},
    {.name = "value", .type = integer, .required = true, .help = "The number", .example = "1"},
    {.name = "limit",
     .type = integer,
     .required = true,
     .help = "The number at which the check fails; 0: none",
     .example = "0"},
};
constexpr Shape kCheckFact{
    .name = "CheckFact", .help = "A number behind a check's result", .fields = kCheckFactFields};

constexpr FieldRow kCheckFields[] = {
    {.name = "service",
     .type = text,
     .help = "Of the control plane's checks: the service that it is about, or control",
     .example = R"("mail")"},
    {.name = "name",
     .type = text,
     .required = true,
     .help = "Its name (docs/health.md)",
     .example = R"("queue-size")"},
    {.name = "result",
     .type = text,
     .required = true,
     .help = "ok, warning or failed",
     .example = R"("ok")"},
    {.name = "reason",
     .type = text,
     .required = true,
     .help = "What was seen, one sentence",
     .example = R"("3 messages wait in the queue")"},
    {.name = "facts",
     .type = object_list,
     .required = true,
     .help = "The numbers behind it",
     .example = "[]",
     .of = &kCheckFact},
    {.name = "at",
     .type = integer,
     .required = true,
     .help = "Unix milliseconds of the last run",
     .example = "1767225600000"},
    {.name = "interval",
     .type = integer,
     .required = true,
     .help = "Seconds between two runs",
     .example = "60"},
};
constexpr Shape kCheck{.name = "HealthCheck", .help = "A check of health", .fields = kCheckFields};

constexpr FieldRow kSelfRepairFields[] = {
    {.name = "at",
     .type = integer,
     .required = true,
     .help = "Unix milliseconds",
     .example = "1767225600000"},
    {.name = "kind",
     .type = text,
     .required = true,
     .help = "daemon_restarted, service_restarted, rolled_back or directory_resynced",
     .example = R"("daemon_restarted")"},
    {.name = "subject",
     .type = text,
     .required = true,
     .help = "What was repaired",
     .example = R"("postfix")"},
    {.name = "cause",
     .type = text,
     .required = true,
     .help = "Why that was necessary",
     .example = R"("signal Killed")"},
};
constexpr Shape kSelfRepair{
    .name = "SelfRepair", .help = "What a service repaired by itself", .fields = kSelfRepairFields};

constexpr FieldRow kServiceStateFields[] = {
    kServiceName,
    {.name = "host",
     .type = text,
     .required = true,
     .help = "The machine's PODPLAY_HOST_ID",
     .example = R"("main")"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "starting, ready, degraded or away",
     .example = R"("ready")"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the release in use",
     .example = "42"},
    {.name = "feed_seq",
     .type = integer,
     .help = "Sequence of the newest row that its replica has; not in /readyz",
     .example = "12"},
    {.name = "set_aside_count",
     .type = integer,
     .required = true,
     .help = "Number of rows that a daemon did not take",
     .example = "0"},
    {.name = "set_aside",
     .type = object_list,
     .help = "The first of these rows; not in /readyz",
     .example = "[]",
     .of = &kSetAside},
    {.name = "daemons",
     .type = object_list,
     .required = true,
     .help = "The service's daemons",
     .example = "[]",
     .of = &kDaemonState},
    {.name = "probes",
     .type = object_list,
     .required = true,
     .help = "Results of the probes, which speak the daemons' protocols",
     .example = "[]",
     .of = &kProbeState},
    {.name = "stage",
     .type = text,
     .required = true,
     .help = "What it waits for while it starts",
     .example = R"("")"},
    {.name = "message",
     .type = text,
     .required = true,
     .help = "What it waits for, or what is wrong",
     .example = R"("")"},
    {.name = "seen",
     .type = integer,
     .required = true,
     .help = "Unix milliseconds of the agent's last status",
     .example = "1767225600000"},
    {.name = "health",
     .type = text,
     .help = "starting, ready, degraded or down",
     .example = R"("ready")"},
    {.name = "reasons",
     .type = text_list,
     .help = "Why it is not ready; not in /readyz",
     .example = "[]"},
    {.name = "checks",
     .type = object_list,
     .help = "What the service asked itself; not in /readyz",
     .example = "[]",
     .of = &kCheck},
    {.name = "repairs",
     .type = object_list,
     .help = "What it repaired by itself lately; not in /readyz",
     .example = "[]",
     .of = &kSelfRepair},
    {.name = "sent",
     .type = integer,
     .help = "Unix milliseconds of the agent's own clock; not in /readyz",
     .example = "1767225600000"},
};
constexpr Shape kServiceState{
    .name = "ServiceState", .help = "State of a service", .fields = kServiceStateFields};

constexpr FieldRow kEachService{.name = "services",
                                .type = object_list,
                                .required = true,
                                .help = "Each service",
                                .example = "[]",
                                .of = &kServiceState};

constexpr FieldRow kCheckVerdictFields[] = {
    {.name = "service",
     .type = text,
     .required = true,
     .help = "apache, bind, mail or control",
     .example = R"("mail")"},
    {.name = "name",
     .type = text,
     .required = true,
     .help = "Its name",
     .example = R"("port-imap")"},
    {.name = "result",
     .type = text,
     .required = true,
     .help = "ok, warning or failed",
     .example = R"("ok")"},
};
constexpr Shape kCheckVerdict{
    .name = "CheckVerdict", .help = "A check, without its reason", .fields = kCheckVerdictFields};

constexpr FieldRow kReadinessFields[] = {
    kReady,
    kEachService,
    {.name = "checks",
     .type = object_list,
     .help = "With ?verbose: each check; administrators read the reasons in the status",
     .example = "[]",
     .of = &kCheckVerdict},
};

constexpr FieldRow kStartedFields[] = {
    {.name = "started",
     .type = boolean,
     .required = true,
     .help = "The store is open and agents can reach the link",
     .example = "true"},
};

constexpr FieldRow kControlStateFields[] = {
    {.name = "health",
     .type = text,
     .required = true,
     .help = "ready or degraded",
     .example = R"("ready")"},
    {.name = "reasons",
     .type = text_list,
     .required = true,
     .help = "Why it is not ready",
     .example = "[]"},
    {.name = "checks",
     .type = object_list,
     .required = true,
     .help = "What the control plane asked itself and the services",
     .example = "[]",
     .of = &kCheck},
};
constexpr Shape kControlState{
    .name = "ControlState", .help = "State of the control plane", .fields = kControlStateFields};

constexpr FieldRow kHealthChangeFields[] = {
    {.name = "id", .type = integer, .required = true, .help = "Its number", .example = "12"},
    {.name = "at",
     .type = text,
     .required = true,
     .help = "When it happened",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "service",
     .type = text,
     .required = true,
     .help = "apache, bind, mail or control",
     .example = R"("mail")"},
    {.name = "host",
     .type = text,
     .required = true,
     .help = "The machine's PODPLAY_HOST_ID",
     .example = R"("main")"},
    {.name = "kind",
     .type = text,
     .required = true,
     .help = "state, check, daemon_restarted, service_restarted, rolled_back or directory_resynced",
     .example = R"("daemon_restarted")"},
    {.name = "subject",
     .type = text,
     .required = true,
     .help = "The check or the daemon; empty for a state",
     .example = R"("postfix")"},
    {.name = "before",
     .type = text,
     .required = true,
     .help = "State or result before; empty: none is known",
     .example = R"("")"},
    {.name = "after",
     .type = text,
     .required = true,
     .help = "State or result after; empty: it has none",
     .example = R"("")"},
    {.name = "cause",
     .type = text,
     .required = true,
     .help = "Why",
     .example = R"("signal Killed")"},
};

constexpr FieldRow kSystemStatusFields[] = {
    kReady,
    kVersion,
    {.name = "generation",
     .type = text,
     .required = true,
     .help = "Which history the store tells: it is another one after a restore",
     .example = R"("3q2-7wNf0aE")"},
    kEachService,
    {.name = "control",
     .type = object,
     .required = true,
     .help = "The control plane",
     .example = "{}",
     .of = &kControlState},
    {.name = "certificates",
     .type = object_list,
     .required = true,
     .help = "Certificates whose last try failed, or that expire soon: at most 50",
     .example = "[]",
     .of = &kCertificateTrouble},
    {.name = "guessing",
     .type = object,
     .required = true,
     .help = "Tries to guess passwords",
     .example = "{}",
     .of = &kGuessing},
};

constexpr FieldRow kRestartedFields[] = {
    {.name = "service",
     .type = text,
     .required = true,
     .help = "The service that is ready again",
     .example = R"("mail")"},
    {.name = "daemon",
     .type = text,
     .required = true,
     .help = "The daemon that was restarted; empty: all daemons of the service",
     .example = R"("dovecot")"},
};

}  // namespace

const Shape kRestart{
    .name = "Restart", .help = "Which daemons to restart", .fields = kRestartFields};

const Shape kLive{.name = "Live", .help = "The control plane runs", .fields = kLiveFields};
const Shape kReadiness{
    .name = "Readiness", .help = "Whether the pod is ready", .fields = kReadinessFields};
const Shape kSystemStatus{.name = "SystemStatus",
                          .help = "State of the pod and its services",
                          .fields = kSystemStatusFields};
const Shape kStarted{
    .name = "Started", .help = "Whether the start is over", .fields = kStartedFields};
const Shape kHealthChange{.name = "HealthChange",
                          .help = "A change of health, and its cause",
                          .fields = kHealthChangeFields};

Json to_json(const HealthChange& change) {
  return {{"id", change.id},         {"at", to_rfc3339(change.at)}, {"service", change.service},
          {"host", change.host},     {"kind", change.kind},         {"subject", change.subject},
          {"before", change.before}, {"after", change.after},       {"cause", change.cause}};
}

const Shape kRestarted{
    .name = "Restarted", .help = "What was restarted", .fields = kRestartedFields};

}  // namespace podplay::wire
