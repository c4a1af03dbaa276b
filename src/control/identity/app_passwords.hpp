// Passwords of mail programs and devices: random, one each, for chosen protocols, shown once, and
// revocable. They travel as rows of mail's feed, so Dovecot takes and refuses them at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/change.hpp"
#include "model/credential.hpp"
#include "wire/limits.hpp"

namespace podplay::control {

struct AppPasswordInput {
  std::string name;
  // "imap", "pop3", "smtp", "sieve"; nothing: all of them.
  std::optional<std::vector<std::string>> protocols{};
  std::optional<Secret> current_password{};
};
struct AppPasswordAdded {
  AppPassword password;
  // Shown once. Only its hash is stored.
  Secret text;
};

// The actor's own. Needs a recent login. Who must have a second factor and has none gets none.
Result<Changed<AppPasswordAdded>> create_app_password(Context& context, const Actor& actor,
                                                      const AppPasswordInput& input,
                                                      const WriteOptions& options);
// Those of a user, by id. `key` is an id or an address; empty: the actor's own.
Result<std::vector<AppPassword>> list_app_passwords(Context& context, const Actor& actor,
                                                    const std::string& key);
// The own one, or that of a user whom the actor administers; fails with "app_password_unknown" for
// others. It opens nothing any more, and the mailbox's open sessions end.
Result<Changed<AppPassword>> revoke_app_password(Context& context, const Actor& actor,
                                                 std::int64_t id, const WriteOptions& options);

// What a mail agent told about uses: where each was used last.
Status note_app_password_uses(Context& context, const std::vector<AppPasswordUse>& uses);

FeedRow app_password_row(const AppPassword& password, const User& user);

}  // namespace podplay::control
