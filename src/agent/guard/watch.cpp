// Events of some tenths of a second are told together. The control plane says up to where it has
// heard this agent, which is the front of the log when the control plane was started again.
#include "agent/guard/watch.hpp"

#include "agent/guard/memory_file.hpp"
#include "base/encoding.hpp"
#include "guard/network.hpp"

namespace podplay::agent {

using namespace std::chrono;

namespace {

// Dovecot keeps one connection; a connection of somebody else ends soon.
constexpr int kPolicyThreads = 8;
constexpr std::size_t kLargestQuestion = 8U << 10U;
constexpr milliseconds kTogether{200};
constexpr milliseconds kTellTurn{1000};
constexpr milliseconds kAwayPause{500};
// Without news, the control plane is asked this often whether it has heard everything.
constexpr seconds kAskAgain{5};
constexpr seconds kKeepEvery{60};
// Where app passwords were used last is told this often: each telling is a write of the store.
constexpr seconds kTellUsesEvery{60};

}  // namespace

Watch::Watch(Parts parts, WatchOptions options, int poll_wait, Logger log)
    : parts_(parts),
      options_(std::move(options)),
      poll_wait_(poll_wait),
      log_(std::move(log)),
      logins_(parts.clock),
      outbound_(parts.clock),
      policy_(logins_, uses_, parts.clock, log_),
      telling_(parts.identity, parts.board, silent_logger()),
      hearing_(parts.identity, parts.board, silent_logger()) {}

Status Watch::open() {
  remember();
  Secret nonce(parts_.files.read(options_.nonce).value_or(""));
  if (nonce.empty()) {
    log_.warn("no secret of marks; passwords are told apart by one of this start",
              {{"file", options_.nonce}});
    nonce = Secret(random_token());
  }
  net::HttpServerOptions server{.address = "127.0.0.1",
                                .port = options_.port,
                                .threads = kPolicyThreads,
                                .max_body = kLargestQuestion,
                                .read_timeout = seconds{2},
                                .keep_alive = seconds{30}};
  TRY(auto started,
      net::HttpServer::start(
          std::move(server),
          [this](const net::HttpRequest& request) { return policy_.answer(request); }, log_));
  server_ = std::move(started);
  kept_ = parts_.clock.steady();
  return parts_.files.write_atomic(options_.settings,
                                   policy_.dovecot_settings(server_->port(), nonce), 0600);
}

void Watch::use_rules(const LimitRules& rules) {
  {
    const std::scoped_lock lock(mutex_);
    rules_ = rules;
  }
  logins_.use_rules(rules, guard::forwarding_addresses());
  outbound_.use_rules(rules);
}

void Watch::tell() {
  while (!parts_.stop.requested()) {
    logins_.log().wait_after(told_, kTellTurn);
    if (parts_.clock.steady() - kept_ > kKeepEvery) {
      kept_ = parts_.clock.steady();
      keep();
    }
    if (!parts_.board.figures.linked || !post_news()) {
      parts_.stop.pause(kAwayPause);
    } else {
      parts_.stop.pause(kTogether);
    }
  }
}

bool Watch::post_news() {
  wire::LoginNews news{.after = told_, .page = logins_.tell(told_, "")};
  const bool ask = parts_.clock.steady() - posted_ > kAskAgain;
  if (news.page.events.empty() && !ask) {
    return true;
  }
  if (parts_.clock.steady() - uses_told_ > kTellUsesEvery) {
    uses_told_ = parts_.clock.steady();
    news.uses = uses_.take();
  }
  const auto heard = telling_.tell_logins(news);
  if (!heard) {
    for (AppPasswordUse& use : news.uses) {
      uses_.note(std::move(use));
    }
    return false;
  }
  posted_ = parts_.clock.steady();
  told_ = *heard;
  return true;
}

void Watch::hear() {
  std::uint64_t seen = 0;
  while (!parts_.stop.requested()) {
    if (!parts_.board.figures.linked) {
      seen = parts_.board.wait_for_change(seen, kAwayPause);
      continue;
    }
    const auto answer = hearing_.hear_logins({.seen = heard_, .wait = poll_wait_});
    if (!answer) {
      parts_.stop.pause(kAwayPause);
      continue;
    }
    use_rules(answer->rules);
    logins_.hear(answer->page.events, "");
    heard_ = answer->page.position;
  }
}

void Watch::close() {
  keep();
  if (server_) {
    server_->stop();
  }
}

void Watch::remember() {
  if (!parts_.files.exists(options_.memory)) {
    return use_rules({});
  }
  auto memory = read_limit_memory(parts_.files, options_.memory);
  if (!memory) {
    log_.warn("what was known about logins is lost", {{"why", describe(memory.error())}});
    return use_rules({});
  }
  use_rules(memory->rules);
  logins_.hear(memory->events, "");
  outbound_.restore(memory->sent);
}

void Watch::keep() {
  LimitMemory memory{.events = logins_.memories(), .sent = outbound_.sent()};
  {
    const std::scoped_lock lock(mutex_);
    memory.rules = rules_;
  }
  if (const Status kept = write_limit_memory(parts_.files, options_.memory, memory); !kept) {
    log_.warn("what is known about logins cannot be kept", {{"why", describe(kept.error())}});
  }
}

}  // namespace podplay::agent
