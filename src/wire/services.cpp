// What a service can be asked to do.
#include "wire/services.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kRestartFields[] = {
    {.name = "service",
     .type = text,
     .required = true,
     .help = "apache, bind or mail",
     .example = R"("mail")"},
    {.name = "daemon",
     .type = text,
     .help = "One daemon of the service; all when missing",
     .example = R"("dovecot")"},
};

}  // namespace

const Shape kRestart{
    .name = "Restart", .help = "Which daemons to restart", .fields = kRestartFields};

}  // namespace podplay::wire
