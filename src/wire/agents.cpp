// The fields of the agents' requests. wire/link.hpp turns a checked request into the model's types.
#include "wire/agents.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kEnrolFields[] = {
    {.name = "service",
     .type = text,
     .required = true,
     .help = "apache, bind or mail",
     .example = R"("mail")"},
    {.name = "host",
     .type = text,
     .help = "The machine's PODPLAY_HOST_ID; the control plane's own when missing",
     .example = R"("main")"},
    {.name = "secret",
     .type = text,
     .required = true,
     .help = "The service's enrolment secret",
     .example = R"("...")"},
    {.name = "request",
     .type = text,
     .required = true,
     .help = "PKCS#10 signing request, PEM (RFC 2986)",
     .example = R"("-----BEGIN CERTIFICATE REQUEST-----")"},
};
constexpr FieldRow kRenewFields[] = {
    {.name = "request",
     .type = text,
     .required = true,
     .help = "PKCS#10 signing request, PEM (RFC 2986)",
     .example = R"("-----BEGIN CERTIFICATE REQUEST-----")"},
};
constexpr FieldRow kWorkFields[] = {
    {.name = "status",
     .type = object,
     .required = true,
     .help = "How the service is: daemons, probes, stage",
     .example = "{}"},
    {.name = "snapshot_hash",
     .type = text,
     .required = true,
     .help = "Hash of the snapshot seen last, applied or refused; empty: none",
     .example = R"("")"},
    {.name = "position",
     .type = object,
     .required = true,
     .help = "How far the replica has followed the feed: generation, epoch, seq, marks",
     .example = "{}"},
    {.name = "wait",
     .type = integer,
     .required = true,
     .help = "Seconds to wait for work, at most 30",
     .example = "25"},
};
constexpr FieldRow kCommandsFields[] = {
    {.name = "instance",
     .type = text,
     .required = true,
     .help = "Random at the agent's start",
     .example = R"("k7Qx")"},
    {.name = "wait",
     .type = integer,
     .required = true,
     .help = "Seconds to wait for a command, at most 30",
     .example = "25"},
};
constexpr FieldRow kReportFields[] = {
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Everything up to this revision is settled",
     .example = "42"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "applied or refused",
     .example = R"("applied")"},
    {.name = "stage",
     .type = text,
     .required = true,
     .help = "The stage that it ended in",
     .example = R"("report")"},
    {.name = "daemon",
     .type = text,
     .required = true,
     .help = "The daemon that refused it",
     .example = R"("postfix")"},
    {.name = "message",
     .type = text,
     .required = true,
     .help = "The daemon's own words",
     .example = R"("")"},
    {.name = "running",
     .type = integer,
     .required = true,
     .help = "The release in use",
     .example = "42"},
    {.name = "set_aside",
     .type = object_list,
     .required = true,
     .help = "Rows that a daemon did not take",
     .example = "[]"},
    {.name = "recovered",
     .type = object_list,
     .required = true,
     .help = "Rows that are no longer set aside",
     .example = "[]"},
};
constexpr FieldRow kCommandResultFields[] = {
    {.name = "id",
     .type = text,
     .required = true,
     .help = "The command's id",
     .example = R"("c1")"},
    {.name = "ok",
     .type = boolean,
     .required = true,
     .help = "True when it worked",
     .example = "true"},
    {.name = "result", .type = text, .required = true, .help = "JSON", .example = R"("{}")"},
};

}  // namespace

const Shape kEnrol{.name = "Enrol",
                   .help = "An agent's request for its first certificate",
                   .fields = kEnrolFields};
const Shape kRenew{
    .name = "Renew", .help = "An agent's request for its next certificate", .fields = kRenewFields};
const Shape kWork{.name = "Work", .help = "An agent's question for work", .fields = kWorkFields};
const Shape kCommands{
    .name = "Commands", .help = "An agent's question for commands", .fields = kCommandsFields};
const Shape kReport{
    .name = "Report", .help = "The outcome of a revision at a service", .fields = kReportFields};
const Shape kCommandResult{
    .name = "CommandResult", .help = "The result of a command", .fields = kCommandResultFields};

}  // namespace podplay::wire
