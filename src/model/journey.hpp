// The journeys: what a person does by a link in a mail, from registration to deletion, and what is
// kept on the way (docs/accounts.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/service.hpp"

namespace podplay {

// What a link in a mail is for.
enum class LinkPurpose {
  // Confirms the address that a person registered with.
  registration,
  // Sets a new password.
  password_reset,
  // Sets the first password of an account that an administrator made.
  invitation,
  // Confirms a new recovery address; the link was sent there.
  recovery_new,
  // Agrees to a new recovery address; the link was sent to the old one.
  recovery_old,
  // Calls the deletion of an account off.
  keep_account,
};
std::string_view to_text(LinkPurpose purpose);
Result<LinkPurpose> parse_link_purpose(std::string_view text);

// A link. Its token is in the mail only.
struct Link {
  // The SHA-256 of the token in hex.
  std::string hash;
  LinkPurpose purpose = LinkPurpose::registration;
  // 0: of no user.
  std::int64_t user_id = 0;
  // 0: of no registration.
  std::int64_t registration = 0;
  // The address outside that it is about; empty when it is about none.
  std::string address;
  WallTime created{};
  WallTime expires{};
  // 1970: not yet.
  WallTime used{};
  // Where the request for it came from.
  std::string remote_address;
};

// How a domain takes registrations.
enum class RegistrationMode { off, open, approval };
std::string_view to_text(RegistrationMode mode);
Result<RegistrationMode> parse_registration_mode(std::string_view text,
                                                 std::string_view field = "mode");

struct RegistrationRule {
  std::string domain;
  RegistrationMode mode = RegistrationMode::off;
  // Domains of the addresses that persons may register with; empty: any.
  std::vector<std::string> allowed_domains{};
  // Registrations that may be pending at once; 0: any number.
  std::int64_t most_pending = 0;
  // Of the last change; 0: the domain follows the settings.
  Revision revision = 0;

  bool operator==(const RegistrationRule&) const = default;
};

enum class RegistrationState {
  // The link was not used yet.
  unconfirmed,
  // An administrator has to approve it.
  waiting,
};
std::string_view to_text(RegistrationState state);
Result<RegistrationState> parse_registration_state(std::string_view text);

// Somebody wants an account.
struct Registration {
  std::int64_t id = 0;
  // The address that the mailbox will have.
  std::string email;
  std::string domain;
  std::string password_hash;
  // The address outside that the link was sent to.
  std::string recovery_address;
  std::string language;
  RegistrationState state = RegistrationState::unconfirmed;
  WallTime created{};
  WallTime expires{};
  std::string remote_address;
};

// How a person is reached besides the mailbox.
struct Contact {
  std::int64_t user_id = 0;
  // "en" or "de"; empty: that of the settings.
  std::string language;
  // Empty: none.
  std::string recovery_address;
  WallTime updated{};
};

// A new recovery address that has not been confirmed on all sides yet.
struct RecoveryChange {
  std::int64_t user_id = 0;
  // Empty: the old one is to be removed.
  std::string address;
  bool old_confirmed = false;
  bool new_confirmed = false;
  WallTime expires{};
};

// An account that its person deleted.
struct Deletion {
  std::int64_t user_id = 0;
  std::string email;
  std::string domain;
  WallTime requested{};
  // When it is erased.
  WallTime due{};
  std::string remote_address;
  // With which the mailbox was removed; 0: not yet.
  Revision revision = 0;
};

enum class ExportState { waiting, running, ready, failed };
std::string_view to_text(ExportState state);
Result<ExportState> parse_export_state(std::string_view text);

// A copy of all that is kept about a person.
struct Export {
  std::int64_t user_id = 0;
  // Names the file.
  std::int64_t id = 0;
  ExportState state = ExportState::waiting;
  // Why it failed, or what is done now.
  std::string words;
  // Bytes of the mailbox.
  std::int64_t done = 0;
  std::int64_t total = 0;
  // Of the file.
  std::int64_t bytes = 0;
  WallTime created{};
  WallTime finished{};
  // When the file is removed.
  WallTime expires{};
};

// A mail of the pod to a person. One row of control/journeys/letter_kinds for each.
enum class LetterKind {
  registration,
  registration_taken,
  registration_to_approve,
  registration_approved,
  registration_refused,
  password_reset,
  password_changed,
  invitation,
  recovery_new,
  recovery_old,
  recovery_changed,
  account_deleted,
  account_kept,
  second_factor_reset,
  passkey_added,
  app_password_added,
  outside_login_connected,
  note,
};
std::string_view to_text(LetterKind kind);
Result<LetterKind> parse_letter_kind(std::string_view text);

struct Letter {
  std::int64_t id = 0;
  LetterKind kind = LetterKind::note;
  // 0: to no user.
  std::int64_t user_id = 0;
  // 0: about no registration.
  std::int64_t registration = 0;
  // Empty: the kind says to whom.
  std::string recipient;
  // Empty: that of the person, or of the settings.
  std::string language;
  // Names and values for the template, a JSON object of texts.
  std::string facts;
  WallTime created{};
};

// The languages of mails and pages.
bool is_language(std::string_view text);

}  // namespace podplay
