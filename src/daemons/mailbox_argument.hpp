// How a mailbox is named to doveadm. With -u, * and ? in a name would stand for other mailboxes; in
// a file, a name is a name.
#pragma once

#include <string>

#include "base/result.hpp"

namespace podplay::daemons {

// A file with one address, which is removed at the end.
class MailboxArgument {
 public:
  // `address` is checked: an Error for what is no address of a mailbox.
  static Result<MailboxArgument> make(const std::string& address);
  MailboxArgument(MailboxArgument&& other) noexcept;
  MailboxArgument& operator=(MailboxArgument&&) = delete;
  ~MailboxArgument();

  // For "-F".
  const std::string& path() const { return path_; }

 private:
  explicit MailboxArgument(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace podplay::daemons
