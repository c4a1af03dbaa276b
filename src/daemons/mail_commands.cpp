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
#include "daemons/mailbox_argument.hpp"
#include "daemons/probing.hpp"
#include "model/names.hpp"

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

// The addresses in a list, checked. They can stand in an SMTP command and in argv.
Result<std::vector<std::string>> address_list(const Json& arguments, const char* name) {
  std::vector<std::string> texts;
  for (const Json& text : arguments.value(name, Json::array())) {
    TRY(const auto address,
        EmailAddress::parse(text.is_string() ? text.get<std::string>() : json_text(text), name));
    texts.push_back(address.text());
  }
  return texts;
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

bool has_id(const fs::path& file, const std::string& id) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line) && line != "\r" && !line.empty()) {
    if (line.find(id) != std::string::npos) {
      return true;
    }
  }
  return false;
}

// A test message on its way to one mailbox.
class Arrival {
 public:
  Arrival(const std::string& mailbox, std::string id)
      : folder_(fmt::format("{}/{}/mail", kUsers, mailbox)), id_(std::move(id)) {}

  // Whether the message is in any folder of the mailbox; a Sieve script may have filed it. Only
  // folders that changed since the test began are read.
  bool has_come() {
    if (came_) {
      return true;
    }
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder_, error), end; !error && at != end;
         at.increment(error)) {
      const std::string name = at->path().filename().string();
      std::error_code unknown;
      if ((name == "new" || name == "cur") && at->is_directory(unknown)) {
        at.disable_recursion_pending();
        came_ = came_ || (at->last_write_time(unknown) > began_ && is_in(at->path()));
      }
    }
    return came_;
  }
  const std::string& folder() const { return folder_; }

 private:
  bool is_in(const fs::path& part) {
    std::error_code error;
    for (fs::directory_iterator at(part, error), end; !error && at != end; at.increment(error)) {
      std::string name = at->path().filename().string();
      // The flags behind the colon change.
      name = name.substr(0, name.find(':'));
      if (seen_.insert(part.parent_path() / name).second && at->last_write_time(error) > began_ &&
          has_id(at->path(), id_)) {
        return true;
      }
    }
    return false;
  }

  const std::string folder_;
  const std::string id_;
  // A clock of the disk may be a little behind.
  const fs::file_time_type began_ = fs::file_time_type::clock::now() - 60s;
  std::set<fs::path> seen_;
  bool came_ = false;
};

// Removes the message from every folder of the mailbox. Empty: it is gone.
std::string remove_message(Runner& runner, const std::string& mailbox, const std::string& id) {
  const auto user = MailboxArgument::make(mailbox);
  if (!user) {
    return describe(user.error());
  }
  const auto removed =
      run_or_fail(runner, {{"/usr/bin/doveadm", "expunge", "-F", user->path(), "mailbox", "*",
                            "savedsince", "1h", "header", "Message-ID", id}});
  return removed ? "" : describe(removed.error());
}

std::int64_t since(steady_clock::time_point began) {
  return duration_cast<milliseconds>(steady_clock::now() - began).count();
}

}  // namespace

Result<std::string> send_message(Runner& runner, const Json& arguments) {
  const std::string message = member(arguments, "message");
  TRY(const auto sender, EmailAddress::parse(member(arguments, "sender"), "sender"));
  Command command{{"/usr/sbin/sendmail", "-G", "-i", "-f", sender.text(), "--"}, message};
  TRY(const auto recipients, address_list(arguments, "recipients"));
  command.argv.insert(command.argv.end(), recipients.begin(), recipients.end());
  if (recipients.empty() || message.empty()) {
    return fail(ErrorKind::invalid, "bad_message",
                "a message needs a sender, a recipient and a text");
  }
  TRY(run_or_fail(runner, command));
  return json_text(Json{{"accepted", recipients.size()}});
}

Result<std::string> test_delivery(Runner& runner, const Json& arguments) {
  TRY(const auto recipient, EmailAddress::parse(member(arguments, "recipient"), "recipient"));
  TRY(const auto mailboxes, address_list(arguments, "mailboxes"));
  const std::string id = fmt::format("podplay-test-{}@localhost", random_token(18));
  const std::string message = fmt::format(
      "Message-ID: <{}>\r\nFrom: PodPlay <postmaster@localhost>\r\nTo: <{}>\r\nSubject: PodPlay "
      "delivery test\r\n"
      "Auto-Submitted: auto-generated\r\n\r\nThis message is removed as soon as it has arrived.",
      id, recipient.text());
  std::vector<Arrival> arrivals;
  for (const std::string& mailbox : mailboxes) {
    arrivals.emplace_back(mailbox, id);
  }
  const auto began = steady_clock::now();
  std::string reply;
  TRY(submit(recipient.text(), message, reply));
  const std::int64_t accepted_ms = since(began);
  Json stages = Json::array({{{"name", "accepted"}, {"ms", accepted_ms}, {"words", reply}}});
  std::string missing;
  for (Arrival& arrival : arrivals) {
    bool delivered = false;
    while (!(delivered = arrival.has_come()) && steady_clock::now() < began + kDeliveryDeadline) {
      std::this_thread::sleep_for(milliseconds{5});
    }
    if (delivered) {
      stages.push_back({{"name", "delivered"}, {"ms", since(began)}, {"words", arrival.folder()}});
    } else {
      missing += (missing.empty() ? "" : ", ") + arrival.folder();
    }
  }
  const std::int64_t delivered_ms = since(began);
  std::string words;
  for (const std::string& mailbox : mailboxes) {
    words += remove_message(runner, mailbox, id);
  }
  stages.push_back({{"name", "removed"}, {"ms", since(began)}, {"words", words}});
  if (!missing.empty() || mailboxes.empty()) {
    return fail(
        ErrorKind::timeout, "not_delivered",
        fmt::format(
            "Postfix accepted the message after {} ms ({}), but it is not in {} after {} ms",
            accepted_ms, reply, missing.empty() ? "any mailbox" : missing, delivered_ms),
        "look at the queue and at the logs of postfix and dovecot");
  }
  return json_text(Json{{"message_id", id},
                        {"accepted_ms", accepted_ms},
                        {"delivered_ms", delivered_ms},
                        {"stages", std::move(stages)}});
}

}  // namespace podplay::daemons
