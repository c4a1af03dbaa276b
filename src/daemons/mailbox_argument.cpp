// The file is in /tmp, which belongs to this container alone.
#include "daemons/mailbox_argument.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "model/names.hpp"

namespace podplay::daemons {

Result<MailboxArgument> MailboxArgument::make(const std::string& address) {
  TRY(const auto email, EmailAddress::parse_own(address, "mailbox"));
  std::string path = "/tmp/mailbox-XXXXXX";
  const int fd = ::mkstemp(path.data());
  const std::string line = email.text() + "\n";
  const bool written =
      fd >= 0 && ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const int error = errno;
  if (fd >= 0) {
    ::close(fd);
  }
  MailboxArgument argument(fd >= 0 ? path : "");
  if (!written) {
    return fail(ErrorKind::io, "file",
                fmt::format("cannot write {}: {}", path, std::strerror(error)));
  }
  return argument;
}

MailboxArgument::MailboxArgument(MailboxArgument&& other) noexcept
    : path_(std::exchange(other.path_, "")) {}

MailboxArgument::~MailboxArgument() {
  if (!path_.empty()) {
    ::unlink(path_.c_str());
  }
}

}  // namespace podplay::daemons
