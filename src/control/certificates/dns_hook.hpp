// The administrator's own program that sets TXT records in zones of other name servers
// (PODPLAY_DNS_HOOK), for dns-01 challenges of names whose zones are not ours. It is called as
// other ACME clients call theirs (lego's "exec" provider), so that programs can be shared:
//
//   PROGRAM present _acme-challenge.example.org. VALUE
//   PROGRAM cleanup _acme-challenge.example.org. VALUE
//
// It ends with 0 when the zone's name servers show the record, or no longer do. Being called twice
// for the same record must do no harm.
#pragma once

#include <string>

#include "control/context.hpp"

namespace podplay::control {

// Whether there is one.
bool has_dns_hook(const Context& context);
// An error when the program is not there.
Status check_dns_hook(const Context& context);

// `record`: the TXT record's absolute name, without trailing dot. The error holds what the program
// printed last. Takes as long as the program, 2 minutes at most.
Status present_by_hook(const Context& context, const std::string& record, const std::string& value);
Status clean_up_by_hook(const Context& context, const std::string& record,
                        const std::string& value);

}  // namespace podplay::control
