// A copy of all that is kept about a person, for that person: the account, the events of the audit
// about it, and the mailbox, as one tar archive. A job writes it; then it can be downloaded for
// some days. Each account has one at most.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/secret.hpp"
#include "control/context.hpp"
#include "control/jobs/run.hpp"
#include "model/journey.hpp"

namespace podplay::control {

inline constexpr std::string_view kExportJob = "account_export";

// Begins a new copy, which replaces the one before; one that is being made goes on. Needs a recent
// login or the current password.
Result<Export> start_export(Context& context, const Actor& actor,
                            const std::optional<Secret>& current_password);
// Nothing: none was asked for, or it has expired.
Result<std::optional<Export>> get_export(Context& context, const Actor& actor);

struct ExportFile {
  std::string path;
  // "alice@example.com-2026-11-26.tar"
  std::string name;
  std::int64_t bytes = 0;
};
// Fails with "export_missing" while there is none that is ready.
Result<ExportFile> find_export_file(Context& context, const Actor& actor);

// "alice@example.com-2026-11-26.tar"
std::string export_name(const std::string& email, const Export& copy);

// Removes the file and the row; nothing to do when there are none.
Status remove_export(Context& context, std::int64_t user_id);
// Removes files that no row names: their users are gone.
Status remove_lost_exports(Context& context);

// The job. Its subject is the user's address.
Status write_export(Context& context, JobRun& run);

}  // namespace podplay::control
