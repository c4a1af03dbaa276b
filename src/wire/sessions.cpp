// What a person needs to recognise a session; never its cookie.
#include "wire/sessions.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kSessionFields[] = {
    {.name = "id", .type = integer, .required = true, .help = "Its number", .example = "9"},
    {.name = "current",
     .type = boolean,
     .required = true,
     .help = "It is the one that this request came with",
     .example = "true"},
    {.name = "agent",
     .type = text,
     .required = true,
     .help = "What the browser calls itself (RFC 9110 section 10.1.5)",
     .example = R"("Mozilla/5.0 Firefox/140.0")"},
    {.name = "strength",
     .type = text,
     .required = true,
     .help = "single_factor, or multi_factor",
     .example = R"("multi_factor")"},
    {.name = "address",
     .type = text,
     .required = true,
     .help = "Where it was begun",
     .example = R"("192.0.2.7")"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When it was begun",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "last_used",
     .type = text,
     .required = true,
     .help = "The last request; of other sessions it may be some minutes behind",
     .example = R"("2026-01-01T01:00:00Z")"},
    {.name = "last_address",
     .type = text,
     .required = true,
     .help = "Where that came from",
     .example = R"("192.0.2.7")"},
    {.name = "idle_until",
     .type = text,
     .required = true,
     .help = "When it ends unless it is used",
     .example = R"("2026-01-01T02:00:00Z")"},
    {.name = "expires",
     .type = text,
     .required = true,
     .help = "When it ends in any case",
     .example = R"("2026-01-01T12:00:00Z")"},
};

constexpr FieldRow kRevokedFields[] = {
    {.name = "revoked",
     .type = integer,
     .required = true,
     .help = "How many sessions were ended",
     .example = "2"},
};

}  // namespace

const Shape kSession{.name = "Session", .help = "A login of a browser", .fields = kSessionFields};
const Shape kSessionsRevoked{
    .name = "SessionsRevoked", .help = "The end of sessions", .fields = kRevokedFields};

Json to_json(const SessionView& view) {
  const BrowserSession& session = view.session;
  return {{"id", session.id},
          {"current", view.current},
          {"agent", session.agent},
          {"strength", to_text(session.strength)},
          {"address", session.address},
          {"created", to_rfc3339(session.created)},
          {"last_used", to_rfc3339(session.last_used)},
          {"last_address", session.last_address},
          {"idle_until", to_rfc3339(view.idle_until)},
          {"expires", to_rfc3339(session.expires)}};
}

}  // namespace podplay::wire
