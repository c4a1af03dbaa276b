// The server's certificate is not verified here: the passwords are those of accounts that a test
// has made, and the API's own connection says whether the certificates are right.
#include "cli/mailbox_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/encoding.hpp"
#include "net/line_client.hpp"

namespace podplay::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeout = 10'000ms;
constexpr auto kMailboxPause = 50ms;
constexpr std::string_view kMark = "#token=";

// RFC 9051 section 4.3.
std::string imap_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result + "\"";
}

// One connection that is logged in.
class Imap {
 public:
  static Result<std::unique_ptr<Imap>> open(const ImapServer& server, const std::string& email,
                                            const Secret& password) {
    TRY(auto client, net::LineClient::connect(server.address, server.port, kTimeout));
    TRY(client->start_tls(""));
    TRY(client->read_line());
    auto imap = std::unique_ptr<Imap>(new Imap(std::move(client)));
    TRY(imap->ask("LOGIN " + imap_string(email) + " " + imap_string(password.reveal()), "LOGIN"));
    return imap;
  }
  ~Imap() { static_cast<void>(client_->send_line("z LOGOUT")); }
  Imap(const Imap&) = delete;
  Imap& operator=(const Imap&) = delete;

  // All lines before the tagged one. `shown` stands for the command in errors.
  Result<std::vector<std::string>> ask(const std::string& command, std::string_view shown) {
    const std::string tag = fmt::format("podplay{}", ++commands_);
    TRY(client_->send_line(tag + " " + command));
    std::vector<std::string> lines;
    for (;;) {
      TRY(auto line, client_->read_line());
      if (line.starts_with(tag + " OK")) {
        return lines;
      }
      if (line.starts_with(tag + " ")) {
        return fail(ErrorKind::refused, "imap",
                    fmt::format("IMAP answers {} with: {}", shown, line.substr(tag.size() + 1)));
      }
      lines.push_back(std::move(line));
    }
  }

 private:
  explicit Imap(std::unique_ptr<net::LineClient> client) : client_(std::move(client)) {}

  std::unique_ptr<net::LineClient> client_;
  int commands_ = 0;
};

std::string header_of(const std::string& head, std::string_view name) {
  const std::string start = fmt::format("\n{}: ", name);
  const std::size_t at = ("\n" + head).find(start);
  if (at == std::string::npos) {
    return "";
  }
  const std::size_t begin = at + start.size() - 1;
  std::size_t end = head.find('\n', begin);
  // Lines that begin with a blank go on (RFC 5322 section 2.2.3).
  while (end != head.npos && end + 1 < head.size() && head[end + 1] == ' ') {
    end = head.find('\n', end + 1);
  }
  return head.substr(begin, end == head.npos ? end : end - begin);
}

// "=?UTF-8?B?...?=" words and plain text (RFC 2047), as our mails have them.
std::string decode_words(const std::string& text) {
  constexpr std::string_view kBegin = "=?UTF-8?B?";
  std::string result;
  std::size_t at = 0;
  for (std::size_t word = text.find(kBegin); word != text.npos; word = text.find(kBegin, at)) {
    const std::size_t begin = word + kBegin.size();
    const std::size_t end = text.find("?=", begin);
    if (end == text.npos) {
      break;
    }
    if (at == 0) {
      result += text.substr(0, word);
    }
    result += from_base64(text.substr(begin, end - begin)).value_or("");
    at = end + 2;
  }
  return result + text.substr(at);
}

// The decoded body of the part of this type; empty when there is none.
std::string part_of(const std::string& message, std::string_view type) {
  const std::size_t part = message.find(fmt::format("Content-Type: {}", type));
  if (part == message.npos) {
    return "";
  }
  const std::size_t begin = message.find("\n\n", part);
  if (begin == message.npos) {
    return "";
  }
  const std::size_t end = message.find("\n--", begin);
  std::string text =
      from_base64(message.substr(begin, end == message.npos ? end : end - begin)).value_or("");
  std::erase(text, '\r');
  return text;
}

std::string token_in(const std::string& text) {
  const std::size_t mark = text.find(kMark);
  if (mark == text.npos) {
    return "";
  }
  const std::size_t begin = mark + kMark.size();
  const std::size_t end = text.find_first_of(" \r\n\"<", begin);
  return text.substr(begin, end == text.npos ? end : end - begin);
}

}  // namespace

ReadMail parse_mail(const std::string& message) {
  const std::string head = message.substr(0, message.find("\n\n"));
  ReadMail mail{.subject = decode_words(header_of(head, "Subject")),
                .from = header_of(head, "From"),
                .text = part_of(message, "text/plain"),
                .html = part_of(message, "text/html"),
                .token = {}};
  mail.token = token_in(mail.text);
  return mail;
}

Status try_imap_login(const ImapServer& server, const std::string& email, const Secret& password) {
  TRY(Imap::open(server, email, password));
  return {};
}

Result<std::vector<ReadMail>> read_inbox(const ImapServer& server, const std::string& email,
                                         const Secret& password) {
  TRY(const auto imap, Imap::open(server, email, password));
  TRY(const auto selected, imap->ask("EXAMINE INBOX", "EXAMINE"));
  std::vector<ReadMail> mails;
  const bool empty = std::ranges::find(selected, "* 0 EXISTS") != selected.end();
  if (empty) {
    return mails;
  }
  TRY(const auto lines, imap->ask("FETCH 1:* BODY.PEEK[]", "FETCH"));
  std::string message;
  bool inside = false;
  for (const std::string& line : lines) {
    if (line.starts_with("* ") && line.find(" FETCH (") != line.npos) {
      inside = true;
      message.clear();
    } else if (inside && line == ")") {
      mails.push_back(parse_mail(message));
      inside = false;
    } else if (inside) {
      message += line + "\n";
    }
  }
  return mails;
}

Result<ReadMail> wait_for_mail(Clock& clock, const ImapServer& server, const std::string& email,
                               const Secret& password, std::size_t number,
                               std::chrono::milliseconds longest) {
  const SteadyTime until = clock.steady() + longest;
  for (;;) {
    TRY(auto mails, read_inbox(server, email, password));
    if (mails.size() >= number) {
      return std::move(mails[number - 1]);
    }
    if (clock.steady() > until) {
      return fail(ErrorKind::timeout, "mail_missing",
                  fmt::format("{} has {} mails after {} ms, and {} were expected", email,
                              mails.size(), longest.count(), number),
                  "podplay jobs list --kind letter; podplay mail queue list; podplay logs mail");
    }
    clock.sleep(kMailboxPause);
  }
}

}  // namespace podplay::cli
