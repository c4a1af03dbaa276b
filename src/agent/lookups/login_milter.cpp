// A packet is its length in four octets, a command, and data. Postfix is told in the first answer
// which commands it need not send.
#include "agent/lookups/login_milter.hpp"

#include <cstdint>

#include "base/ascii.hpp"

namespace podplay::agent {
namespace {

constexpr std::size_t kLengthSize = 4;
// Postfix sends no message, so a packet is a command of SMTP and some macros.
constexpr std::size_t kLongestPacket = 65'536;

constexpr std::uint32_t kVersion = 6;
// SMFIP_NOCONNECT, NOHELO, NORCPT, NOBODY, NOHDRS, NOEOH, NOUNKNOWN.
constexpr std::uint32_t kNotSent = 0x01 | 0x02 | 0x08 | 0x10 | 0x20 | 0x40 | 0x100;

constexpr std::string_view kContinue = "c";
constexpr std::string_view kTryAgainLater = "t";
// 421 makes Postfix close the connection (RFC 5321 section 3.8).
constexpr std::string_view kEnded = "y421 4.7.0 your login has ended, log in again";

std::string number(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift & 0xffU);
  }
  return text;
}

std::uint32_t read_number(std::string_view text) {
  std::uint32_t value = 0;
  for (const char octet : text.substr(0, kLengthSize)) {
    value = value << 8U | static_cast<unsigned char>(octet);
  }
  return value;
}

void send(std::string& out, std::string_view packet) {
  out += number(static_cast<std::uint32_t>(packet.size()));
  out += packet;
}

}  // namespace

bool LoginMilter::take(std::string& in, std::string& out) {
  while (in.size() >= kLengthSize) {
    const std::size_t size = read_number(in);
    if (size == 0 || size > kLongestPacket) {
      return false;
    }
    if (in.size() < kLengthSize + size) {
      return true;
    }
    const std::string packet = in.substr(kLengthSize, size);
    in.erase(0, kLengthSize + size);
    // SMFIC_QUIT
    if (packet.front() == 'Q') {
      return false;
    }
    answer(packet.front(), std::string_view(packet).substr(1), out);
  }
  return true;
}

void LoginMilter::answer(char command, std::string_view data, std::string& out) {
  switch (command) {
    // SMFIC_OPTNEG: the version, what we would change (nothing), and what need not be sent.
    case 'O': send(out, "O" + number(kVersion) + number(0) + number(kNotSent)); break;
    // SMFIC_MACRO, SMFIC_ABORT: no answer.
    case 'D': read_macros(data); break;
    case 'A': break;
    // SMFIC_MAIL, SMFIC_DATA, SMFIC_BODYEOB.
    case 'M':
    case 'T':
    case 'E': send(out, verdict()); break;
    default: send(out, kContinue); break;
  }
}

// The command that the macros belong to, then names and values, each with a NUL at its end.
void LoginMilter::read_macros(std::string_view data) {
  data.remove_prefix(std::min<std::size_t>(1, data.size()));
  const auto next = [&data] {
    const std::size_t end = std::min(data.find('\0'), data.size());
    const std::string_view text = data.substr(0, end);
    data.remove_prefix(std::min(end + 1, data.size()));
    return text;
  };
  while (!data.empty()) {
    const std::string_view name = next();
    const std::string_view value = next();
    if (name == "{auth_authen}") {
      mailbox_ = lower(value);
    }
  }
}

std::string LoginMilter::verdict() const {
  if (mailbox_.empty()) {
    return std::string(kContinue);
  }
  const auto holds = holds_(mailbox_, began_);
  if (!holds) {
    return std::string(kTryAgainLater);
  }
  // A reply code has a NUL at its end.
  return *holds ? std::string(kContinue) : std::string(kEnded) + '\0';
}

}  // namespace podplay::agent
