// An audit event in answers: who did what, to which object, in which request.
#include "wire/audit.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kAuditEventFields[] = {
    {.name = "id",
     .type = integer,
     .required = true,
     .help = "Number of the event; later events have higher ones",
     .example = "12"},
    {.name = "at",
     .type = text,
     .required = true,
     .help = "When it happened",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "event",
     .type = text,
     .required = true,
     .help = "x-audit-event of the route, or a part of it",
     .example = R"("USER_CREATED")"},
    {.name = "actor",
     .type = text,
     .required = true,
     .help = "Who did it: an e-mail address, or system",
     .example = R"("admin@example.com")"},
    {.name = "subject",
     .type = text,
     .required = true,
     .help = "What it was done to",
     .example = R"("test@example.com")"},
    {.name = "request_id",
     .type = text,
     .required = true,
     .help = "X-Request-Id of the request",
     .example = R"("k7Qx")"},
    {.name = "remote_address",
     .type = text,
     .required = true,
     .help = "The client's address",
     .example = R"("192.0.2.1")"},
    {.name = "door",
     .type = text,
     .required = true,
     .help = "Of a login that failed: http, imap, pop3, smtp or sieve; else empty",
     .example = R"("")"},
    {.name = "count",
     .type = integer,
     .required = true,
     .help = "How often it happened, the first time at `at`; 1 but for logins that failed",
     .example = "1"},
};

}  // namespace

const Shape kAuditEvent{.name = "AuditEvent", .help = "Who did what", .fields = kAuditEventFields};

}  // namespace podplay::wire
