// Who is locked out, and whether somebody guesses passwords, by the counts that all doors share.
#include <set>

#include "control/watch/diagnosis/facts.hpp"
#include "guard/login_limiter.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kMostLocked = 20;
constexpr std::size_t kMostAsked = 200;
constexpr std::size_t kMostTries = 5;

}  // namespace

void add_login_facts(Context& context, EvidenceJson& facts) {
  const guard::GuessingFigures figures = context.logins.figures();
  facts["guessing"] = {{"failed", figures.failed},
                       {"refused", figures.refused},
                       {"accounts", figures.accounts},
                       {"addresses", figures.addresses},
                       {"locked_accounts", figures.locked_accounts},
                       {"locked_addresses", figures.locked_addresses}};
  EvidenceJson locked = EvidenceJson::array();
  EvidenceJson addresses = EvidenceJson::array();
  if (figures.locked_accounts == 0 && figures.locked_addresses == 0) {
    return;
  }
  std::set<std::string> accounts;
  std::set<std::string> seen;
  for (const LoginEvent& event : context.logins.memories()) {
    if (event.kind != LoginEventKind::locked) {
      continue;
    }
    if (!event.account.empty()) {
      accounts.insert(event.account);
    } else if (addresses.size() < kMostLocked && seen.insert(event.address).second) {
      // An administrator may have ended the lock since.
      if (const auto until = context.logins.address_lock(event.address)) {
        addresses.push_back({{"address", event.address}, {"until", to_rfc3339(*until)}});
      }
    }
  }
  std::size_t asked = 0;
  for (const std::string& account : accounts) {
    if (locked.size() >= kMostLocked || ++asked > kMostAsked) {
      break;
    }
    // Guessers lock names that nobody has, with any text in them.
    const auto user = context.store.read<bool>(
        [&](store::Session& session) { return store::find_user(session, account).has_value(); });
    const guard::AccountState state = context.logins.look(account);
    if (!state.locked || !user || !*user) {
      continue;
    }
    EvidenceJson tries = EvidenceJson::array();
    for (const LoginEvent& event : state.last) {
      if (tries.size() < kMostTries) {
        tries.push_back({{"at", to_rfc3339(event.at)},
                         {"kind", to_text(event.kind)},
                         {"door", event.door},
                         {"address", event.address},
                         {"count", event.count}});
      }
    }
    locked.push_back({{"account", account},
                      {"until", to_rfc3339(state.until)},
                      {"tries", state.tries},
                      {"locks", state.locks},
                      {"last", std::move(tries)}});
  }
  facts["locked"] = std::move(locked);
  facts["locked_addresses"] = std::move(addresses);
}

}  // namespace podplay::control
