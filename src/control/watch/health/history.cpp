// A list and an insert; what is worth a row is HealthWatch's to say.
#include "control/watch/health/history.hpp"

#include <fmt/format.h>

namespace podplay::control {

Result<std::vector<HealthChange>> list_health_history(Context& context,
                                                      const store::HealthChangeFilter& filter,
                                                      std::int64_t before, std::int64_t limit) {
  if (!filter.service.empty() && filter.service != "control" && !parse_service(filter.service)) {
    return fail_faults(
        {{.field = "service",
          .code = "service_unknown",
          .message = fmt::format("there is no service '{}'", filter.service.substr(0, 40)),
          .remedy = "use one of: apache, bind, mail, control"}});
  }
  return context.store.read<std::vector<HealthChange>>([&](store::Session& session) {
    return store::list_health_changes(session, filter, before, limit);
  });
}

Status add_health_changes(Context& context, const std::vector<HealthChange>& changes) {
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    for (const HealthChange& change : changes) {
      store::insert_health_change(transaction, change);
    }
    return true;
  }));
  return {};
}

}  // namespace podplay::control
