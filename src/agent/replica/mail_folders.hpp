// The mail folders on disk: where those of mailboxes are, and where those of deleted mailboxes go.
#pragma once

#include <string>

#include "base/files.hpp"
#include "base/log.hpp"

namespace podplay::agent {

class MailFolders {
 public:
  // `users`: folders by e-mail address. `deleted`: where those of deleted mailboxes go.
  MailFolders(std::string users, std::string deleted, Files& files, Logger log);

  // Moves the folder of this address to where deleted ones are kept (daemons/deleted_folders.hpp);
  // fine when there is none.
  Status put_aside(const std::string& email, const std::string& revision);

 private:
  // Constant after construction.
  const std::string users_;
  const std::string deleted_;
  Files& files_;
  const Logger log_;
};

}  // namespace podplay::agent
