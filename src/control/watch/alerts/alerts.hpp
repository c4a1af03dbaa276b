// Use-cases of alerts: look at them, keep them quiet for a time, try whether they arrive.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "control/context.hpp"
#include "model/alert.hpp"

namespace podplay::control {

struct AlertDetails {
  Alert alert;
  std::optional<AlertSilence> silence;
  std::vector<AlertNotice> notices;
};

// Newest first, below the id `before`; 0: from the newest. Without `state`, open and recovered
// ones.
Result<std::vector<AlertDetails>> list_alerts(Context& context, std::optional<AlertState> state,
                                              std::int64_t before, std::int64_t limit);

struct SilenceInput {
  // RFC 3339, or nothing: an hour from now.
  std::string until;
  std::string reason;
};
// Nothing is sent about this problem until then, also when it comes back. Audit event
// ALERT_SILENCED.
Result<AlertDetails> silence_alert(Context& context, const Actor& actor, const std::string& id,
                                   const SilenceInput& input);
// Audit event ALERT_UNSILENCED.
Result<AlertDetails> unsilence_alert(Context& context, const Actor& actor, const std::string& id);

struct AlertTry {
  std::string way;
  // "ops@example.com", or the webhook's server.
  std::string receiver;
  bool ok = false;
  // What the receiver answered, or why it did not take it.
  std::string answer;
};
// Sends a test message each way, at once. Audit event ALERTS_TESTED.
Result<std::vector<AlertTry>> test_alerts(Context& context, const Actor& actor);

}  // namespace podplay::control
