// Each state of an account has one word, in SQL, JSON and logs.
#include "model/acme_account.hpp"

#include "model/closed_set.hpp"

namespace podplay {
namespace {

constexpr Spelling<AcmeAccountState> kAccountStateWords[] = {
    {AcmeAccountState::wanted, "wanted"},
    {AcmeAccountState::valid, "valid"},
    {AcmeAccountState::deactivated, "deactivated"},
};

}  // namespace

std::string_view to_text(AcmeAccountState state) { return word_of(kAccountStateWords, state); }
Result<AcmeAccountState> parse_acme_account_state(std::string_view text) {
  return value_of(kAccountStateWords, text, "state");
}

}  // namespace podplay
