// Two things must not compile: a setting that the table does not have, and one of another type.
// CTest compiles this file once for each WRONG line and expects the compiler's error.
#include "model/settings.hpp"

namespace podplay {

std::int64_t read(const Settings& settings) {
#if WRONG == 1
  return static_cast<std::int64_t>(settings.text("PODPLAY_DOMIAN").size());
#elif WRONG == 2
  return settings.integer("PODPLAY_DOMAIN");
#elif WRONG == 3
  return static_cast<std::int64_t>(settings.text("PODPLAY_DATABASE_URL").size());
#else
  return settings.integer("PODPLAY_HOST_API_PORT");
#endif
}

}  // namespace podplay
