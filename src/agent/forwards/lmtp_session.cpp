// One command, one reply; nothing is pipelined. After a message there is one reply for each of its
// recipients (RFC 2033 section 4.2).
#include "agent/forwards/lmtp_session.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/ascii.hpp"

namespace podplay::agent {
namespace {

// Postfix closes an idle connection long before.
constexpr timeval kSilence{.tv_sec = 300, .tv_usec = 0};
constexpr std::size_t kMostRead = 64U << 10U;
// More than any message that Postfix is set to take.
constexpr std::size_t kMostMessage = std::size_t{1} << 30U;

// The address in "MAIL FROM:<a@b.test> SIZE=1" or "RCPT TO:<c@d.test>".
std::optional<std::string> path_of(std::string_view line) {
  const std::size_t open = line.find('<');
  const std::size_t close = line.find('>');
  if (open == line.npos || close == line.npos || close < open) {
    return std::nullopt;
  }
  return std::string(line.substr(open + 1, close - open - 1));
}

}  // namespace

LmtpSession::LmtpSession(int fd) : fd_(fd) {
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kSilence, sizeof kSilence);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kSilence, sizeof kSilence);
}

void LmtpSession::run(const Deliver& deliver) {
  if (!reply("220 podplay LMTP")) {
    return;
  }
  while (const auto line = read_line()) {
    if (!answer(*line, deliver)) {
      return;
    }
  }
}

bool LmtpSession::answer(const std::string& line, const Deliver& deliver) {
  const std::string verb = lower(line.substr(0, line.find(' ')));
  if (verb == "lhlo") {
    return reply("250-podplay\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES");
  }
  if (verb == "mail" || verb == "rcpt") {
    auto address = path_of(line);
    if (!address) {
      return reply("501 5.5.4 an address in < > is missing");
    }
    if (verb == "mail") {
      reset();
      has_sender_ = true;
      sender_ = std::move(*address);
    } else if (has_sender_) {
      recipients_.push_back(std::move(*address));
    }
    return reply(has_sender_ ? "250 2.1.0 OK" : "503 5.5.1 MAIL comes first");
  }
  if (verb == "data") {
    return recipients_.empty() ? reply("503 5.5.1 RCPT comes first") : take_message(deliver);
  }
  if (verb == "rset" || verb == "noop") {
    if (verb == "rset") {
      reset();
    }
    return reply("250 2.0.0 OK");
  }
  if (verb == "quit") {
    static_cast<void>(reply("221 2.0.0 Bye"));
    return false;
  }
  return reply("500 5.5.1 this command is not known");
}

bool LmtpSession::take_message(const Deliver& deliver) {
  if (!reply("354 the message, then a line with one dot")) {
    return false;
  }
  std::string message;
  for (;;) {
    const auto line = read_line();
    if (!line || message.size() > kMostMessage) {
      return false;
    }
    if (*line == ".") {
      break;
    }
    // RFC 5321 section 4.5.2.
    message += line->starts_with('.') ? std::string_view(*line).substr(1) : *line;
    message += '\n';
  }
  for (const std::string& recipient : recipients_) {
    if (!reply(deliver(sender_, recipient, message))) {
      return false;
    }
  }
  reset();
  return true;
}

bool LmtpSession::reply(std::string_view text) {
  const std::string line = fmt::format("{}\r\n", text);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Only CRLF ends a line, so that a lone CR or LF inside of one stays what it is.
std::optional<std::string> LmtpSession::read_line() {
  std::size_t looked = at_;
  for (;;) {
    const std::size_t end = buffer_.find("\r\n", looked);
    if (end != buffer_.npos) {
      std::string line = buffer_.substr(at_, end - at_);
      at_ = end + 2;
      return line;
    }
    buffer_.erase(0, at_);
    at_ = 0;
    // The CR of the line's end may be the last octet so far.
    looked = buffer_.empty() ? 0 : buffer_.size() - 1;
    if (buffer_.size() > kMostMessage) {
      return std::nullopt;
    }
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kMostRead);
    const ssize_t got = ::recv(fd_, buffer_.data() + before, kMostRead, 0);
    buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got <= 0) {
      return std::nullopt;
    }
  }
}

void LmtpSession::reset() {
  has_sender_ = false;
  sender_.clear();
  recipients_.clear();
}

}  // namespace podplay::agent
