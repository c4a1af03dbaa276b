// One journey. Mail is named by a random word in its subject, found by UID, and deleted by UID
// after it was read, with whatever else lies in the account's INBOX.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <sstream>

#include "base/encoding.hpp"
#include "control/watch/health/journey.hpp"
#include "net/dns.hpp"
#include "net/line_client.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr int kMostLines = 2000;
constexpr milliseconds kLookAgain{500};

std::unexpected<Error> broken(const std::string& words) {
  return fail(ErrorKind::unavailable, "journey", words);
}

Status say_smtp(net::LineClient& client, const std::string& line, char expected,
                const std::string& shown) {
  TRY(client.send_line(line));
  TRY(const auto reply, client.read_smtp_reply());
  if (reply.front() != expected) {
    return broken(fmt::format("{} is answered by '{}'", shown, reply.substr(0, 200)));
  }
  return {};
}

// RFC 5322 section 3.3.
std::string mail_date(WallTime now) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", floor<seconds>(now));
}

Status submit(const JourneyAccount& account, const JourneyPorts& ports, const std::string& word,
              WallTime now) {
  TRY(auto client, net::LineClient::connect(ports.address, ports.submission, ports.timeout));
  TRY(const auto greeting, client->read_smtp_reply());
  if (!greeting.starts_with("220")) {
    return broken(fmt::format("the port greets with '{}'", greeting.substr(0, 200)));
  }
  TRY(say_smtp(*client, "EHLO localhost.localdomain", '2', "EHLO"));
  TRY(say_smtp(*client, "STARTTLS", '2', "STARTTLS"));
  TRY(client->start_tls(""));
  TRY(say_smtp(*client, "EHLO localhost.localdomain", '2', "EHLO"));
  std::string login(1, '\0');
  login += account.address;
  login += '\0';
  login += account.password.reveal();
  TRY(say_smtp(*client, "AUTH PLAIN " + base64(login), '2', "the login"));
  TRY(say_smtp(*client, fmt::format("MAIL FROM:<{}>", account.address), '2', "MAIL"));
  TRY(say_smtp(*client, fmt::format("RCPT TO:<{}>", account.address), '2', "RCPT"));
  TRY(say_smtp(*client, "DATA", '3', "DATA"));
  TRY(
      client->send_raw(fmt::format("From: <{0}>\r\nTo: <{0}>\r\nSubject: podplay-check {1}\r\n"
                                   "Date: {2}\r\nMessage-ID: <{1}@{3}>\r\n"
                                   "Auto-Submitted: auto-generated\r\n\r\n"
                                   "The check account sends this to itself.\r\n",
                                   account.address, word, mail_date(now), account.domain)));
  TRY(say_smtp(*client, ".", '2', "the message"));
  static_cast<void>(client->send_line("QUIT"));
  return {};
}

// All lines of the answer to one command.
Result<std::vector<std::string>> say_imap(net::LineClient& client, const std::string& command,
                                          const std::string& shown) {
  TRY(client.send_line("c " + command));
  std::vector<std::string> lines;
  for (int i = 0; i < kMostLines; ++i) {
    TRY(auto line, client.read_line());
    if (line.starts_with("c OK")) {
      return lines;
    }
    if (line.starts_with("c ")) {
      return broken(fmt::format("{} is answered by '{}'", shown, line.substr(0, 200)));
    }
    lines.push_back(std::move(line));
  }
  return broken(shown + " is answered without end");
}

// "* SEARCH 4 7"
std::string found_uids(const std::vector<std::string>& lines) {
  std::string set;
  for (const std::string& line : lines) {
    if (!line.starts_with("* SEARCH")) {
      continue;
    }
    std::istringstream words(line.substr(8));
    for (std::string uid; words >> uid;) {
      set += (set.empty() ? "" : ",") + uid;
    }
  }
  return set;
}

Status read_mail(Clock& clock, const JourneyAccount& account, const JourneyPorts& ports,
                 const std::string& word) {
  TRY(auto client, net::LineClient::connect(ports.address, ports.imaps, ports.timeout));
  TRY(client->start_tls(""));
  TRY(const auto greeting, client->read_line());
  if (!greeting.starts_with("* OK")) {
    return broken(fmt::format("the port greets with '{}'", greeting.substr(0, 200)));
  }
  TRY(say_imap(*client,
               fmt::format("LOGIN \"{}\" \"{}\"", account.address, account.password.reveal()),
               "the login"));
  TRY(say_imap(*client, "SELECT INBOX", "SELECT"));
  const SteadyTime deadline = clock.steady() + ports.delivery;
  std::string uid;
  for (;;) {
    TRY(const auto lines,
        say_imap(*client, fmt::format("UID SEARCH SUBJECT \"{}\"", word), "UID SEARCH"));
    uid = found_uids(lines);
    if (!uid.empty()) {
      break;
    }
    if (clock.steady() >= deadline) {
      return broken(fmt::format("the mail was accepted, but is not in the INBOX after {} s",
                                duration_cast<seconds>(ports.delivery).count()));
    }
    clock.sleep(kLookAgain);
    TRY(say_imap(*client, "NOOP", "NOOP"));
  }
  TRY(const auto fetched,
      say_imap(*client, fmt::format("UID FETCH {} BODY.PEEK[TEXT]", uid), "UID FETCH"));
  bool whole = false;
  for (const std::string& line : fetched) {
    whole = whole || line.find("The check account sends this") != line.npos;
  }
  // What is left of journeys that broke goes as well.
  TRY(const auto all, say_imap(*client, "UID SEARCH ALL", "UID SEARCH"));
  if (const std::string set = found_uids(all); !set.empty()) {
    TRY(say_imap(*client, fmt::format("UID STORE {} +FLAGS.SILENT (\\Deleted)", set), "UID STORE"));
    TRY(say_imap(*client, fmt::format("UID EXPUNGE {}", set), "UID EXPUNGE"));
  }
  static_cast<void>(say_imap(*client, "LOGOUT", "LOGOUT"));
  return whole ? Status{} : broken("the mail's text is not what was sent");
}

Status resolve(const JourneyAccount& account, const JourneyPorts& ports) {
  TRY(const auto answer,
      net::dns_query(ports.address, ports.dns, account.domain, "MX", false, ports.timeout));
  if (answer.rcode != 0 || answer.data.empty()) {
    return broken(fmt::format("MX of {} is answered with code {} and {} records", account.domain,
                              answer.rcode, answer.data.size()));
  }
  return {};
}

Status fetch(const JourneyAccount& account, const JourneyPorts& ports) {
  TRY(auto client, net::LineClient::connect(ports.address, ports.https, ports.timeout));
  TRY(client->start_tls(account.domain));
  TRY(
      client->send_raw(fmt::format("GET / HTTP/1.1\r\nHost: {}\r\nUser-Agent: podplay-check\r\n"
                                   "Connection: close\r\n\r\n",
                                   account.domain)));
  TRY(const auto line, client->read_line());
  // A site without a page is no fault.
  if (!line.starts_with("HTTP/1.1 ") || line.size() < 10 || line[9] == '5') {
    return broken(
        fmt::format("https://{}/ is answered by '{}'", account.domain, line.substr(0, 100)));
  }
  return {};
}

}  // namespace

ServiceCheck walk_journey(Clock& clock, const JourneyAccount& account, const JourneyPorts& ports) {
  ServiceCheck answer{.service = "control", .check = {.name = "journey"}};
  const SteadyTime began = clock.steady();
  const std::string word = random_token().substr(0, 20);
  const auto say = [&](const char* step, const Status& done) {
    if (!done) {
      answer.check.result = CheckResult::failed;
      answer.check.reason =
          fmt::format("the journey breaks at '{}': {}", step, describe(done.error()));
    }
    return done.has_value();
  };
  if (say("send over submission", submit(account, ports, word, clock.now())) &&
      say("read by IMAP", read_mail(clock, account, ports, word)) &&
      say("resolve the name", resolve(account, ports)) &&
      say("fetch a page", fetch(account, ports))) {
    answer.check.reason = "a mail was sent, read and deleted, the name resolved, a page fetched";
  }
  answer.check.facts = {{"took_ms", duration_cast<milliseconds>(clock.steady() - began).count()}};
  return answer;
}

}  // namespace podplay::control
