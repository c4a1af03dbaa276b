// Mail is moved, never erased here: one rename on one volume, so that a crash leaves the folder in
// one place or the other.
#include "agent/replica/mail_folders.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "daemons/deleted_folders.hpp"

namespace podplay::agent {

MailFolders::MailFolders(std::string users, std::string deleted, Files& files, Logger log)
    : users_(std::move(users)), deleted_(std::move(deleted)), files_(files), log_(std::move(log)) {}

Status MailFolders::put_aside(const std::string& email, const std::string& revision) {
  const std::string from = fmt::format("{}/{}", users_, email);
  const std::string to = daemons::deleted_path(deleted_, email, revision);
  if (email.find('/') != email.npos || !files_.exists(from)) {
    return {};
  }
  TRY(files_.make_dirs(deleted_, 0750));
  TRY(files_.make_dirs(std::filesystem::path(to).parent_path().string(), 0755));
  TRY(files_.rename(from, to));
  log_.info("mail of a deleted mailbox put aside", {{"mailbox", email}, {"folder", to}});
  return {};
}

}  // namespace podplay::agent
