// Numbers of the store for Prometheus. Each is read by an index and counted up to a limit, so that
// they cost the same with many users.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "model/alert.hpp"
#include "model/job.hpp"
#include "store/store.hpp"

namespace podplay::store {

// No count goes beyond this.
inline constexpr std::int64_t kMostCounted = 100'000;

struct StoreFigures {
  std::uint64_t bytes = 0;
  // By state; without those that are done.
  std::map<JobState, std::int64_t> jobs;
  // Of browsers.
  std::int64_t sessions = 0;
  std::map<AlertSeverity, std::int64_t> open_alerts;
  // The newest sequence of each service's feed.
  std::map<ServiceName, std::uint64_t> sequences;
  // When the first of the certificates expires; 1970: there is none.
  WallTime first_expiry{};
};
StoreFigures read_store_figures(Session& session, WallTime now);

}  // namespace podplay::store
