// Changes in answers: the outcome at each service, or what a dry run would change. Rows of the feed
// are shown without secrets.
#include "wire/revisions.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

// These fields are the same in several answers.
constexpr FieldRow kRevisionService{.name = "service",
                                    .type = text,
                                    .required = true,
                                    .help = "apache, bind or mail",
                                    .example = R"("mail")"};

constexpr FieldRow kRevisionHost{.name = "host",
                                 .type = text,
                                 .required = true,
                                 .help = "The machine's PODPLAY_HOST_ID",
                                 .example = R"("main")"};

constexpr FieldRow kServiceOutcomeFields[] = {
    kRevisionService,
    kRevisionHost,
    {.name = "state",
     .type = text,
     .required = true,
     .help = "pending, applied or refused",
     .example = R"("applied")"},
    {.name = "stage",
     .type = text,
     .required = true,
     .help = "Where it was refused (docs/pipe.md)",
     .example = R"("check")"},
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
};
constexpr Shape kServiceOutcome{.name = "ServiceOutcome",
                                .help = "Outcome of a change at a service",
                                .fields = kServiceOutcomeFields};

constexpr FieldRow kRevisionState{
    .name = "state",
    .type = text,
    .required = true,
    .help = "refused when one service refused, applied when all applied, else pending",
    .example = R"("applied")"};
constexpr FieldRow kRevisionServices{.name = "services",
                                     .type = object_list,
                                     .required = true,
                                     .help = "The services that the change concerns",
                                     .example = "[]",
                                     .of = &kServiceOutcome};

constexpr FieldRow kAppliedFields[] = {
    kRevisionState,
    kRevisionServices,
};

constexpr FieldRow kRevisionFields[] = {
    {.name = "revision", .type = integer, .required = true, .help = "Its number", .example = "42"},
    {.name = "at",
     .type = text,
     .required = true,
     .help = "When it was committed",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "actor",
     .type = text,
     .required = true,
     .help = "Who did it: an e-mail address, or system",
     .example = R"("admin@example.com")"},
    {.name = "request_id",
     .type = text,
     .required = true,
     .help = "X-Request-Id of the request",
     .example = R"("k7Qx")"},
    {.name = "summary",
     .type = text,
     .required = true,
     .help = "What was changed",
     .example = R"("create user test@example.com")"},
    kRevisionState,
    kRevisionServices,
};

constexpr FieldRow kVerdictFields[] = {
    kRevisionService,
    kRevisionHost,
    {.name = "ok",
     .type = boolean,
     .required = true,
     .help = "true: the service accepts the candidate",
     .example = "true"},
    {.name = "asked",
     .type = boolean,
     .required = true,
     .help = "false: no checker was asked, for the reason in words",
     .example = "true"},
    {.name = "diff",
     .type = text,
     .required = true,
     .help = "Unified diff of all files that would change",
     .example = R"("")"},
    {.name = "words",
     .type = text,
     .required = true,
     .help = "The checker's own words, or why it could not be asked",
     .example = R"("")"},
};
constexpr Shape kVerdict{.name = "Verdict",
                         .help = "What the checkers of a service say about a candidate",
                         .fields = kVerdictFields};

constexpr FieldRow kRowFields[] = {
    {.name = "service",
     .type = text,
     .required = true,
     .help = "The service that gets it: apache, bind or mail",
     .example = R"("mail")"},
    {.name = "kind",
     .type = text,
     .required = true,
     .help = "What the row is about, such as mailbox or zone",
     .example = R"("mailbox")"},
    {.name = "key",
     .type = text,
     .required = true,
     .help = "Its name",
     .example = R"("test@example.com")"},
    {.name = "seq",
     .type = integer,
     .required = true,
     .help = "Sequence of the row in the feed",
     .example = "12"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the change",
     .example = "42"},
    {.name = "deleted",
     .type = boolean,
     .required = true,
     .help = "true: the row goes away, and has no content",
     .example = "false"},
    {.name = "content",
     .type = object,
     .help = "Content of the row, without secrets; depends on its kind",
     .example = "{}"},
};
constexpr Shape kRow{.name = "Row", .help = "A row of the feed", .fields = kRowFields};

constexpr FieldRow kDryRunFields[] = {
    {.name = "dry_run",
     .type = boolean,
     .required = true,
     .help = "Always true",
     .example = "true"},
    {.name = "object",
     .type = object,
     .required = true,
     .help = "The object as it would be",
     .example = "{}"},
    {.name = "services",
     .type = object_list,
     .required = true,
     .help = "What the services' checkers say of their files",
     .example = "[]",
     .of = &kVerdict},
    {.name = "rows",
     .type = object_list,
     .required = true,
     .help = "The rows of the feed that would change",
     .example = "[]",
     .of = &kRow},
};

}  // namespace

const Shape kRevision{
    .name = "Revision", .help = "A change and its outcome", .fields = kRevisionFields};
const Shape kApplied{
    .name = "Applied", .help = "Outcome of a change at the services", .fields = kAppliedFields};
const Shape kDryRun{
    .name = "DryRun", .help = "What would change; nothing was changed", .fields = kDryRunFields};

}  // namespace podplay::wire
