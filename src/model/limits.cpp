// The words for the kinds of events, as the link sends them.
#include "model/limits.hpp"

#include "model/closed_set.hpp"

namespace podplay {
namespace {

constexpr Spelling<LoginEventKind> kLoginEventKinds[] = {
    {LoginEventKind::failed, "failed"},     {LoginEventKind::succeeded, "succeeded"},
    {LoginEventKind::refused, "refused"},   {LoginEventKind::locked, "locked"},
    {LoginEventKind::unlocked, "unlocked"},
};

}  // namespace

std::string_view to_text(LoginEventKind kind) { return word_of(kLoginEventKinds, kind); }

Result<LoginEventKind> parse_login_event_kind(std::string_view text) {
  return value_of(kLoginEventKinds, text, "kind");
}

}  // namespace podplay
