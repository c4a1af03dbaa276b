// Headers by RFC 5322 and RFC 2047, the body by MIME (RFC 2045) in base64: every character of the
// text survives the way, and no line is longer than RFC 5322 section 2.1.1 allows.
#include "control/mail/message.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/encoding.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// RFC 2045 section 6.8.
constexpr std::size_t kLineOfBase64 = 76;
// Bytes of one encoded word: with base64 and its frame it stays below the 75 octets of RFC 2047
// section 2.
constexpr std::size_t kEncodedWordBytes = 42;
// Shorter subjects fit on the header's line.
constexpr std::size_t kPlainSubject = 60;

// RFC 5322 section 3.3.
std::string header_date(WallTime time) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(time - day)};
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", kDays[weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

bool is_printable_ascii(char c) { return c >= 0x20 && c < 0x7f; }

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// RFC 2047 encoded words; plain when it is short ASCII.
std::string encode_subject(const std::string& subject) {
  if (subject.size() < kPlainSubject && std::ranges::all_of(subject, is_printable_ascii)) {
    return subject;
  }
  std::string text;
  for (std::size_t at = 0; at < subject.size();) {
    std::size_t end = std::min(at + kEncodedWordBytes, subject.size());
    // A word ends between characters (RFC 2047 section 5).
    while (end < subject.size() && continues_character(subject[end])) {
      --end;
    }
    if (!text.empty()) {
      text += "\r\n ";
    }
    text += "=?UTF-8?B?" + base64(subject.substr(at, end - at)) + "?=";
    at = end;
  }
  return text;
}

// Lines of text end with CRLF before they are encoded (RFC 2045 section 6.8), whatever ended them.
std::string with_crlf(const std::string& text) {
  std::string lines;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool pair = text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
    at += pair ? 1 : 0;
    if (text[at] == '\r' || text[at] == '\n') {
      lines += "\r\n";
    } else {
      lines += text[at];
    }
  }
  return lines;
}

std::string wrap_base64(const std::string& text) {
  const std::string encoded = base64(text);
  std::string lines;
  for (std::size_t at = 0; at < encoded.size(); at += kLineOfBase64) {
    lines += encoded.substr(at, kLineOfBase64) + "\r\n";
  }
  return lines;
}

std::string part(std::string_view type, const std::string& text) {
  return fmt::format(
      "Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}", type,
      wrap_base64(with_crlf(text)));
}

// The better form comes last (RFC 2046 section 5.1.4). No line of base64 begins like the boundary.
std::string body_of(const Message& message) {
  if (message.html.empty()) {
    return part("text/plain", message.text);
  }
  const std::string boundary = "=_" + sha256_hex(message.id).substr(0, 24);
  return fmt::format(
      "Content-Type: multipart/alternative; boundary=\"{0}\"\r\n\r\n--{0}\r\n{1}--{0}\r\n{2}--{0}"
      "--\r\n",
      boundary, part("text/plain", message.text), part("text/html", message.html));
}

}  // namespace

std::string to_rfc5322(const Message& message) {
  std::string more;
  if (!message.reply_to.empty()) {
    more += fmt::format("Reply-To: {}\r\n", message.reply_to);
  }
  if (message.automatic) {
    more += "Auto-Submitted: auto-generated\r\n";
  }
  return fmt::format(
      "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}>\r\n{}MIME-Version: "
      "1.0\r\n{}",
      message.from, fmt::join(message.to, ",\r\n "), encode_subject(message.subject),
      header_date(message.date), message.id, more, body_of(message));
}

}  // namespace podplay::control
