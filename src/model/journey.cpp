// Each purpose, mode, state and kind has one word.
#include "model/journey.hpp"

#include <algorithm>

#include "model/closed_set.hpp"

namespace podplay {
namespace {

constexpr Spelling<LinkPurpose> kPurposes[] = {
    {LinkPurpose::registration, "registration"}, {LinkPurpose::password_reset, "password_reset"},
    {LinkPurpose::invitation, "invitation"},     {LinkPurpose::recovery_new, "recovery_new"},
    {LinkPurpose::recovery_old, "recovery_old"}, {LinkPurpose::keep_account, "keep_account"},
};
constexpr Spelling<RegistrationMode> kModes[] = {
    {RegistrationMode::off, "off"},
    {RegistrationMode::open, "open"},
    {RegistrationMode::approval, "approval"},
};
constexpr Spelling<RegistrationState> kRegistrationStates[] = {
    {RegistrationState::unconfirmed, "unconfirmed"},
    {RegistrationState::waiting, "waiting"},
};
constexpr Spelling<ExportState> kExportStates[] = {
    {ExportState::waiting, "waiting"},
    {ExportState::running, "running"},
    {ExportState::ready, "ready"},
    {ExportState::failed, "failed"},
};
constexpr Spelling<LetterKind> kLetterKinds[] = {
    {LetterKind::registration, "registration"},
    {LetterKind::registration_taken, "registration_taken"},
    {LetterKind::registration_to_approve, "registration_to_approve"},
    {LetterKind::registration_approved, "registration_approved"},
    {LetterKind::registration_refused, "registration_refused"},
    {LetterKind::password_reset, "password_reset"},
    {LetterKind::password_changed, "password_changed"},
    {LetterKind::invitation, "invitation"},
    {LetterKind::recovery_new, "recovery_new"},
    {LetterKind::recovery_old, "recovery_old"},
    {LetterKind::recovery_changed, "recovery_changed"},
    {LetterKind::account_deleted, "account_deleted"},
    {LetterKind::account_kept, "account_kept"},
    {LetterKind::second_factor_reset, "second_factor_reset"},
    {LetterKind::passkey_added, "passkey_added"},
    {LetterKind::app_password_added, "app_password_added"},
    {LetterKind::outside_login_connected, "outside_login_connected"},
    {LetterKind::note, "note"},
};
constexpr std::string_view kLanguages[] = {"en", "de"};

}  // namespace

std::string_view to_text(LinkPurpose purpose) { return word_of(kPurposes, purpose); }
Result<LinkPurpose> parse_link_purpose(std::string_view text) {
  return value_of(kPurposes, text, "purpose");
}

std::string_view to_text(RegistrationMode mode) { return word_of(kModes, mode); }
Result<RegistrationMode> parse_registration_mode(std::string_view text, std::string_view field) {
  return value_of(kModes, text, field);
}

std::string_view to_text(RegistrationState state) { return word_of(kRegistrationStates, state); }
Result<RegistrationState> parse_registration_state(std::string_view text) {
  return value_of(kRegistrationStates, text, "state");
}

std::string_view to_text(ExportState state) { return word_of(kExportStates, state); }
Result<ExportState> parse_export_state(std::string_view text) {
  return value_of(kExportStates, text, "state");
}

std::string_view to_text(LetterKind kind) { return word_of(kLetterKinds, kind); }
Result<LetterKind> parse_letter_kind(std::string_view text) {
  return value_of(kLetterKinds, text, "kind");
}

bool is_language(std::string_view text) {
  return std::ranges::find(kLanguages, text) != std::end(kLanguages);
}

}  // namespace podplay
