// Who is locked out and why, and whether somebody guesses passwords, by the counts of all doors.
#include <fmt/format.h>

#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/failing.hpp"

namespace podplay::control {
namespace {

std::optional<Shown> account_locked(const Evidence& evidence) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : evidence.fact("locked")) {
    names.push_back(text_of(one, "account"));
    // The tries are counted again from the lock on.
    shown.shown.push_back(fmt::format("{} is locked until {}; locks within a day: {}", names.back(),
                                      text_of(one, "until"), number_of(one, "locks", 1)));
    for (const EvidenceJson& last : list_of(one, "last")) {
      shown.shown.push_back(fmt::format("{} {} by {} from {} ({} times)", text_of(last, "at"),
                                        text_of(last, "kind"), text_of(last, "door"),
                                        text_of(last, "address"), number_of(last, "count", 1)));
    }
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

std::optional<Shown> address_locked(const Evidence& evidence) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : evidence.fact("locked_addresses")) {
    names.push_back(text_of(one, "address"));
    shown.shown.push_back(
        fmt::format("{} is locked until {}", names.back(), text_of(one, "until")));
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

// Of the last hour. People who mistype make a few.
std::optional<Shown> guessing(const Evidence& evidence) {
  constexpr std::int64_t kBulk = 100;
  const EvidenceJson& figures = evidence.fact("guessing");
  const std::int64_t tries = number_of(figures, "failed") + number_of(figures, "refused");
  if (tries < kBulk) {
    return std::nullopt;
  }
  return Shown{
      .shown = {fmt::format("{} wrong passwords and {} refused tries within an hour",
                            number_of(figures, "failed"), number_of(figures, "refused")),
                fmt::format("at {} accounts, from {} addresses", number_of(figures, "accounts"),
                            number_of(figures, "addresses")),
                fmt::format("{} accounts and {} addresses are locked now",
                            number_of(figures, "locked_accounts"),
                            number_of(figures, "locked_addresses"))}};
}

constexpr Cause kLoginRows[] = {
    {.id = "password-guessing",
     .service = "api",
     .title = "somebody guesses passwords",
     .remedy = "nothing has to be done: accounts are locked in time; block the addresses in the "
               "host's firewall if it goes on",
     .runbook = "docs/runbooks/logins.md#password-guessing",
     .rank = 70,
     .severity = CauseSeverity::warning,
     .pod = guessing},
    {.id = "account-locked",
     .service = "api",
     .title = "{} cannot log in: too many wrong passwords",
     .remedy = "if its owner asks: run `podplay users unlock {}`; a forgotten mail program with an "
               "old password is the usual reason",
     .runbook = "docs/runbooks/logins.md#account-locked",
     .rank = 71,
     .severity = CauseSeverity::warning,
     .pod = account_locked},
    {.id = "address-locked",
     .service = "api",
     .title = "nobody can log in from {}: too many wrong passwords came from there",
     .remedy = "wait until the time below; if many people share the address, name it in "
               "PODPLAY_LOGIN_SHARED_ADDRESSES",
     .runbook = "docs/runbooks/logins.md#address-locked",
     .rank = 72,
     .severity = CauseSeverity::warning,
     .pod = address_locked},
};

}  // namespace

const std::span<const Cause> kLoginCauses = kLoginRows;

}  // namespace podplay::control
