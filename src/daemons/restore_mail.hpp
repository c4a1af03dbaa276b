// Restores the mail of a deleted mailbox with Dovecot's own import.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"
#include "base/runner.hpp"
#include "daemons/deleted_folders.hpp"

namespace podplay::daemons {

// {mailbox, date} -> {"into": "Restored/2026-11-25", "messages": n}. In a mailbox without messages,
// everything comes back where it was ("into" is empty). In any other mailbox, it comes below the
// IMAP folder Restored/DATE, or "Restored/DATE 2" when that exists. Nothing is overwritten. The
// deleted folder is gone afterwards. Mail that exceeds the mailbox's quota is refused before
// anything is imported.
Result<nlohmann::json> restore_mail(Runner& runner, const DeletedFolders& folders,
                                    const DeletedFolder& folder, const nlohmann::json& arguments);

}  // namespace podplay::daemons
