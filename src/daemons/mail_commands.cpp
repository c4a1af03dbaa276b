// An address is checked before it reaches an argument list or an SMTP command. A test message is
// followed from SMTP to the mailbox, and removed again.
#include "daemons/mail_commands.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "daemons/probing.hpp"

namespace podplay::daemons {
namespace {

using namespace std::chrono;
using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr milliseconds kDeliveryDeadline{20000};
constexpr const char* kUsers = "/data/user-data/users";

std::string member(const Json& arguments, const char* name) {
  const auto found = arguments.find(name);
  return found != arguments.end() && found->is_string() ? found->get<std::string>() : "";
}

// An address that can stand in an SMTP command and in argv.
bool is_plain(const std::string& address) {
  return !address.empty() && address.front() != '-' &&
         address.find_first_of("\r\n<> \t/\"") == std::string::npos;
}

Status expect(net::LineClient& client, const std::string& line, char code, std::string& reply) {
  if (!line.empty()) {
    TRY(client.send_line(line));
  }
  TRY(auto read, client.read_smtp_reply());
  reply = read;
  if (reply.empty() || reply.front() != code) {
    return fail(ErrorKind::refused, "smtp",
                fmt::format("{} is answered by {}", line.empty() ? "connecting" : line, reply));
  }
  return {};
}

// Speaks SMTP from the connection to the acceptance of the message. With the null sender, no
// failure notice is sent (RFC 5321 section 4.5.5).
Status submit(const std::string& recipient, const std::string& message, std::string& reply) {
  TRY(auto client, net::LineClient::connect(kLocal, 25, seconds{10}));
  Status done = expect(*client, "", '2', reply);
  for (const auto& [line, code] : {std::pair<std::string, char>{"EHLO localhost.localdomain", '2'},
                                   {"MAIL FROM:<>", '2'},
                                   {fmt::format("RCPT TO:<{}>", recipient), '2'},
                                   {"DATA", '3'},
                                   {message + "\r\n.", '2'}}) {
    if (done) {
      done = expect(*client, line, code, reply);
    }
  }
  // The message is accepted already, so nothing depends on this.
  static_cast<void>(client->send_line("QUIT"));
  return done;
}

// Whether a file below new/ or cur/ of the mailbox has the Message-ID. `seen` holds files that were
// looked at before.
bool is_delivered(const std::string& mailbox, const std::string& id, std::set<std::string>& seen) {
  for (const char* part : {"/new", "/cur"}) {
    std::error_code error;
    for (fs::directory_iterator at(mailbox + part, error), end; !error && at != end;
         at.increment(error)) {
      if (!seen.insert(at->path().filename().string().substr(
                           0, at->path().filename().string().find(':')))
               .second) {
        continue;
      }
      if (at->last_write_time(error) < fs::file_time_type::clock::now() - 60s) {
        continue;
      }
      std::ifstream in(at->path());
      std::string line;
      while (std::getline(in, line) && line != "\r" && !line.empty()) {
        if (line.find(id) != std::string::npos) {
          return true;
        }
      }
    }
  }
  return false;
}

std::int64_t since(steady_clock::time_point began) {
  return duration_cast<milliseconds>(steady_clock::now() - began).count();
}

}  // namespace

Result<std::string> list_queue(Runner& runner) {
  TRY(const auto outcome, run_or_fail(runner, {{"/usr/sbin/postqueue", "-j"}}));
  Json messages = Json::array();
  // The runner keeps only the end of a long answer.
  bool truncated = false;
  std::string_view rest = outcome.out;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    Json message = Json::parse(rest.substr(0, end), nullptr, false);
    if (message.is_object()) {
      messages.push_back(std::move(message));
    } else {
      truncated = true;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return json_text(Json{{"messages", std::move(messages)}, {"truncated", truncated}});
}

Result<std::string> send_message(Runner& runner, const Json& arguments) {
  const std::string sender = member(arguments, "sender");
  const std::string message = member(arguments, "message");
  Command command{{"/usr/sbin/sendmail", "-G", "-i", "-f", sender, "--"}, message};
  int count = 0;
  for (const Json& recipient : arguments.value("recipients", Json::array())) {
    if (!recipient.is_string() || !is_plain(recipient.get<std::string>())) {
      return fail(ErrorKind::invalid, "bad_recipient",
                  fmt::format("{} is not a valid recipient", json_text(recipient)),
                  "write it as an e-mail address");
    }
    command.argv.push_back(recipient.get<std::string>());
    ++count;
  }
  if (!is_plain(sender) || count == 0 || message.empty()) {
    return fail(ErrorKind::invalid, "bad_message",
                "a message needs a sender, a recipient and a text");
  }
  TRY(run_or_fail(runner, command));
  return json_text(Json{{"accepted", count}});
}

Result<std::string> test_delivery(Runner& runner, const Json& arguments) {
  const std::string recipient = member(arguments, "recipient");
  if (!is_plain(recipient)) {
    return fail(ErrorKind::invalid, "bad_recipient",
                fmt::format("'{}' is not a valid recipient", recipient),
                "write it as an e-mail address");
  }
  const std::string mailbox = fmt::format("{}/{}/mail", kUsers, recipient);
  const std::string id = fmt::format("podplay-test-{}@localhost", random_token(18));
  const std::string message = fmt::format(
      "Message-ID: <{}>\r\nFrom: PodPlay <postmaster@localhost>\r\nTo: <{}>\r\nSubject: PodPlay "
      "delivery test\r\n"
      "Auto-Submitted: auto-generated\r\n\r\nThis message is removed as soon as it has arrived.",
      id, recipient);
  const auto began = steady_clock::now();
  std::string reply;
  TRY(submit(recipient, message, reply));
  const std::int64_t accepted_ms = since(began);
  std::set<std::string> seen;
  bool delivered = false;
  while (!(delivered = is_delivered(mailbox, id, seen)) &&
         steady_clock::now() < began + kDeliveryDeadline) {
    std::this_thread::sleep_for(milliseconds{5});
  }
  if (!delivered) {
    return fail(
        ErrorKind::timeout, "not_delivered",
        fmt::format(
            "Postfix accepted the message after {} ms ({}), but it is not in {} after {} ms",
            accepted_ms, reply, mailbox, since(began)),
        "look at the queue and at the logs of postfix and dovecot");
  }
  const std::int64_t delivered_ms = since(began);
  const auto removed = run_or_fail(runner, {{"/usr/bin/doveadm", "expunge", "-u", recipient,
                                             "mailbox", "INBOX", "header", "Message-ID", id}});
  Json stages = Json::array({{{"name", "accepted"}, {"ms", accepted_ms}, {"words", reply}},
                             {{"name", "delivered"}, {"ms", delivered_ms}, {"words", mailbox}}});
  stages.push_back({{"name", "removed"},
                    {"ms", since(began)},
                    {"words", removed ? "" : removed.error().message}});
  return json_text(Json{{"message_id", id},
                        {"accepted_ms", accepted_ms},
                        {"delivered_ms", delivered_ms},
                        {"stages", std::move(stages)}});
}

}  // namespace podplay::daemons
