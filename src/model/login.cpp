// Each strength and each factor has one word.
#include "model/login.hpp"

#include "model/closed_set.hpp"

namespace podplay {
namespace {

constexpr Spelling<Strength> kStrengthWords[] = {
    {Strength::single_factor, "single_factor"},
    {Strength::multi_factor, "multi_factor"},
};
constexpr Spelling<Factor> kFactorWords[] = {
    {Factor::totp, "totp"},
    {Factor::passkey, "passkey"},
    {Factor::recovery_code, "recovery_code"},
};
constexpr Spelling<LoginFacts::Kind> kKindWords[] = {
    {LoginFacts::Kind::none, "none"},
    {LoginFacts::Kind::session, "session"},
    {LoginFacts::Kind::token, "token"},
};

}  // namespace

std::string_view to_text(Strength strength) { return word_of(kStrengthWords, strength); }
Result<Strength> parse_strength(std::string_view text, std::string_view field) {
  return value_of(kStrengthWords, text, field);
}

std::string_view to_text(Factor factor) { return word_of(kFactorWords, factor); }
Result<Factor> parse_factor(std::string_view text, std::string_view field) {
  return value_of(kFactorWords, text, field);
}

std::string_view to_text(LoginFacts::Kind kind) { return word_of(kKindWords, kind); }

}  // namespace podplay
