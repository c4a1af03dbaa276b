// Each event is heard once: an agent's log has an epoch and numbers, and news must follow what was
// heard before.
#include "control/limits/exchange.hpp"

#include <algorithm>

#include "control/limits/rules.hpp"
#include "guard/login_limiter.hpp"

namespace podplay::control {
namespace {

// seconds
constexpr int kLongestWait = 30;

}  // namespace

LoginPosition LoginExchange::take(const AgentName& agent, const wire::LoginNews& news) {
  const std::scoped_lock lock(mutex_);
  LoginPosition& heard = heard_[agent];
  const bool follows = news.after.epoch == heard.epoch && news.after.seq == heard.seq;
  const bool begins = news.after.epoch.empty() && news.page.position.epoch != heard.epoch;
  if (!follows && !begins) {
    return heard;
  }
  logins_.hear(news.page.events, to_text(agent));
  heard = news.page.position;
  return heard;
}

wire::LoginAnswer give_logins(Context& context, const AgentName& agent,
                              const wire::LoginQuestion& question) {
  context.logins.log().wait_after(question.seen,
                                  std::chrono::seconds(std::clamp(question.wait, 0, kLongestWait)));
  return {.page = context.logins.tell(question.seen, to_text(agent)),
          .rules = limit_rules(context.settings)};
}

}  // namespace podplay::control
