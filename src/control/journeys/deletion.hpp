// A person deletes the own account: it is disabled at once, and erased with all its mail when the
// grace period is over. Until then an administrator, or the link in the mail to the recovery
// address, brings it back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "control/change.hpp"
#include "control/context.hpp"
#include "control/jobs/run.hpp"
#include "model/journey.hpp"
#include "model/user.hpp"

namespace podplay::control {

inline constexpr std::string_view kErasureJob = "account_erasure";

// Needs a recent login or the current password. Fails with "last_admin" for the only administrator.
Result<Changed<Deletion>> delete_own_account(Context& context, const Actor& actor,
                                             const std::optional<Secret>& current_password,
                                             const WriteOptions& options);
// In order of user id; `domain` as in list_registrations().
Result<std::vector<Deletion>> list_deletions(Context& context, const Actor& actor,
                                             const std::string& domain, std::int64_t after,
                                             std::int64_t limit);
// `key` is the user's id or address.
Result<Changed<User>> restore_account(Context& context, const Actor& actor, const std::string& key,
                                      const WriteOptions& options);
// Inside a change, for a link that was used. Returns the address.
Result<std::string> keep_account(Change& change, const Actor& actor, const Link& link);

// The job. Its subject is the user's id and when the deletion was asked for.
Status erase_account(Context& context, JobRun& run);

}  // namespace podplay::control
