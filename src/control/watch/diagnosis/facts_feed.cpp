// Whether the mail service follows the directory's feed. An agent that works on a long list of rows
// is behind, too, but goes on: it is looked at twice.
#include <algorithm>

#include "control/watch/diagnosis/facts.hpp"
#include "store/feed.hpp"

namespace podplay::control {
namespace {

constexpr std::chrono::milliseconds kPause{1000};

std::uint64_t position_of_mail(const Context& context) {
  for (const ServiceStatus& status : context.hub.statuses()) {
    if (status.agent.service == ServiceName::mail) {
      return status.feed_seq;
    }
  }
  return 0;
}

}  // namespace

void add_feed_facts(Context& context, EvidenceJson& facts) {
  const auto newest = context.store.read<std::uint64_t>(
      [](store::Session& session) { return store::newest_sequence(session, ServiceName::mail); });
  if (!newest) {
    return;
  }
  const std::uint64_t first = position_of_mail(context);
  std::uint64_t second = first;
  if (first < *newest) {
    context.clock.sleep(kPause);
    second = position_of_mail(context);
  }
  facts["feed"] = {{"mail", *newest},
                   {"mail_agent", second},
                   {"stuck", second < *newest && second == first}};
}

}  // namespace podplay::control
