// Messages about alerts: a mail through the pod's own Postfix, and a signed POST to a webhook. Each
// is a row and a job of its own, so one way that is broken does not hold up the other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/context.hpp"
#include "control/jobs/run.hpp"
#include "model/alert.hpp"

namespace podplay::control {

inline constexpr std::string_view kAlertNoticeJob = "alert_notice";

// A notice and its job for each way. Call context.jobs.wake() after the commit.
void add_alert_notices(Context& context, store::Transaction& transaction, const Alert& alert,
                       const std::string& event);

// The job. Its subject is the notice's id. A newer notice of the same alert and way takes the place
// of one that was not sent.
Status send_alert_notice(Context& context, JobRun& run);

// What a receiver gets.
struct AlertMessage {
  std::string subject;
  std::string text;
};
AlertMessage alert_message(const Settings& settings, const Alert& alert, std::string_view event);
// The webhook's receiver is a third party, so it sees "[hidden]" in the place of mail addresses,
// unless PODPLAY_ALERT_WEBHOOK_ADDRESSES is "shown".
std::string alert_json(const Settings& settings, const Alert& alert, const AlertNotice& notice);
// Hex of HMAC-SHA256 over "TIMESTAMP.BODY"; the header is X-PodPlay-Signature: v1=HEX.
std::string sign_alert(const Secret& secret, std::string_view timestamp, std::string_view body);

// Sends it once; what the receiver answered, or why it did not take it.
Result<std::string> deliver_alert(Context& context, const Alert& alert, const AlertNotice& notice,
                                  const std::string& request_id);
// "ops@example.com", or the webhook's server without its path.
std::string alert_receiver(const Settings& settings, std::string_view way);

}  // namespace podplay::control
