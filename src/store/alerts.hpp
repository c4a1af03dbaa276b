// Alerts, what was sent about them, and silences, in the store (model/alert.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/alert.hpp"
#include "store/store.hpp"

namespace podplay::store {

// Those that have not recovered, oldest first.
std::vector<Alert> list_standing_alerts(Session& session);
// Newest first, below the id `before`; 0: from the newest. Pending ones only when asked for.
std::vector<Alert> list_alerts(Session& session, std::optional<AlertState> state,
                               std::int64_t before, std::int64_t limit);
std::optional<Alert> find_alert(Session& session, std::int64_t id);
// Fails (by an exception of the store) when a standing alert has the same key.
void insert_alert(Transaction& transaction, const Alert& alert);
void update_alert(Transaction& transaction, const Alert& alert);
void delete_alert(Transaction& transaction, std::int64_t id);
// Deletes at most `limit` that recovered before `time`. Returns how many were deleted.
std::int64_t delete_recovered_alerts(Transaction& transaction, WallTime time, std::int64_t limit);

void insert_alert_notice(Transaction& transaction, const AlertNotice& notice);
std::optional<AlertNotice> find_alert_notice(Session& session, std::int64_t id);
// Of one alert, oldest first.
std::vector<AlertNotice> list_alert_notices(Session& session, std::int64_t alert);
void end_alert_notice(Transaction& transaction, std::int64_t id, WallTime sent,
                      const std::string& words);

// Makes a silence, or replaces that of the same key.
void put_alert_silence(Transaction& transaction, const AlertSilence& silence);
bool delete_alert_silence(Transaction& transaction, const std::string& key);
// Those that have not ended.
std::vector<AlertSilence> list_alert_silences(Session& session, WallTime now);
void delete_ended_alert_silences(Transaction& transaction, WallTime now);

}  // namespace podplay::store
