// A level stands beside what its setting says. Names of components and levels are checked by
// control, not here.
#include "wire/log_levels.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kLevelFields[] = {
    {.name = "component",
     .type = text,
     .required = true,
     .help = "mail, dns, web, cert, user, api, auth, store or agent",
     .example = R"("mail")"},
    {.name = "setting",
     .type = text,
     .required = true,
     .help = "The setting of its usual level",
     .example = R"("PODPLAY_MAIL_LOG_LEVEL")"},
    {.name = "configured",
     .type = text,
     .required = true,
     .help = "What the setting says",
     .example = R"("INFO")"},
    {.name = "level",
     .type = text,
     .required = true,
     .help = "The level that counts now",
     .example = R"("DEBUG")"},
    {.name = "until",
     .type = text,
     .required = true,
     .help = "When the setting counts again; null: it counts now",
     .example = R"("2026-01-01T00:15:00Z")",
     .nullable = true},
};
constexpr Shape kLogLevel{
    .name = "LogLevel", .help = "The level of one component's logs", .fields = kLevelFields};

constexpr FieldRow kLevelsFields[] = {
    {.name = "levels",
     .type = object_list,
     .required = true,
     .help = "Of every component",
     .example = "[]",
     .of = &kLogLevel},
    {.name = "revision",
     .type = integer,
     .help = "Of the change that was asked for; nothing when they are only read",
     .example = "42"},
};

constexpr FieldRow kUpdateFields[] = {
    {.name = "component",
     .type = text,
     .required = true,
     .help = "mail, dns, web, cert, user, api, auth, store, agent, or all",
     .example = R"("mail")"},
    {.name = "level",
     .type = text,
     .help = "ERROR, WARN, INFO, DEBUG or TRACE; without it the setting counts again at once",
     .example = R"("DEBUG")"},
    {.name = "seconds",
     .type = integer,
     .help = "How long it holds, at most a day; default: 900. Then the setting counts again",
     .example = "900"},
};

}  // namespace

const Shape kLogLevels{
    .name = "LogLevels", .help = "The levels of all logs", .fields = kLevelsFields};
const Shape kLogLevelUpdate{
    .name = "LogLevelUpdate", .help = "Another level for a while", .fields = kUpdateFields};

}  // namespace podplay::wire
