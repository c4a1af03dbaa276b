// A control plane with a mail agent that keeps what it is given to send, as people's mailboxes
// would.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "base/encoding.hpp"
#include "control/audit.hpp"
#include "control/control_test.hpp"
#include "control/identity/login.hpp"
#include "control/jobs/run_job.hpp"
#include "control/journeys/confirm.hpp"
#include "control/journeys/letters.hpp"
#include "control/journeys/links.hpp"
#include "control/journeys/registration.hpp"
#include "control/journeys/registration_rules.hpp"
#include "store/contacts.hpp"

namespace podplay::test {

using Json = nlohmann::json;

// One mail, as it reached a mailbox.
struct SentMail {
  std::string to;
  std::string subject;
  std::string headers;
  std::string text;
  std::string html;
  // What stands behind #token=; empty: no link.
  std::string token;
};

// Answers commands like the mail agent. For other threads than the one that reads `mails`.
class MailAgent {
 public:
  explicit MailAgent(control::Context& context) : context_(context) {
    show();
    thread_ = std::thread([this] { serve(); });
  }
  ~MailAgent() {
    stop_ = true;
    thread_.join();
  }
  MailAgent(const MailAgent&) = delete;
  MailAgent& operator=(const MailAgent&) = delete;

  // A test moves the clock, and an agent that is not heard of is away.
  void show() {
    ServiceStatus status;
    status.agent = agent_;
    context_.hub.seen(status);
  }

  std::vector<SentMail> take_mails() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(mails_, {});
  }
  std::vector<AgentCommand> commands() {
    const std::scoped_lock lock(mutex_);
    return commands_;
  }
  // How the next commands of other verbs are answered.
  void answer(const std::string& verb, std::vector<Json> answers) {
    const std::scoped_lock lock(mutex_);
    answers_[verb] = std::move(answers);
  }
  std::atomic<bool> refuses{false};

 private:
  static std::string between(const std::string& text, const std::string& begin,
                             const std::string& end) {
    const std::size_t at = text.find(begin);
    if (at == text.npos) {
      return "";
    }
    const std::size_t from = at + begin.size();
    return text.substr(from, text.find(end, from) - from);
  }
  static std::string part(const std::string& message, const std::string& type) {
    const std::string body = between(
        message,
        "Content-Type: " + type + "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        "\r\n--");
    return from_base64(body).value_or("");
  }
  static SentMail parse(const Json& arguments) {
    const std::string message = arguments["message"];
    SentMail mail{.to = arguments["recipients"][0],
                  .subject = between(message, "\r\nSubject: ", "\r\nDate"),
                  .headers = message.substr(0, message.find("\r\n\r\n")),
                  .text = part(message, "text/plain"),
                  .html = part(message, "text/html"),
                  .token = {}};
    mail.token = between(mail.text, "#token=", "\r\n");
    return mail;
  }
  CommandResult result_of(const AgentCommand& command) {
    const std::scoped_lock lock(mutex_);
    commands_.push_back(command);
    const Json arguments = Json::parse(command.arguments, nullptr, false);
    if (command.verb == "send" && !refuses) {
      mails_.push_back(parse(arguments));
      return {.id = command.id, .ok = true, .result = R"({"accepted":1})"};
    }
    auto& waiting = answers_[command.verb];
    if (waiting.empty()) {
      return {.id = command.id,
              .ok = false,
              .result = R"({"code":"folder_unknown","message":"no","remedy":""})"};
    }
    const Json answer = waiting.front();
    waiting.erase(waiting.begin());
    return {.id = command.id, .ok = true, .result = answer.dump()};
  }
  void serve() {
    while (!stop_) {
      show();
      for (const AgentCommand& command : context_.hub.take_commands(agent_, "one")) {
        context_.hub.finish_command(agent_, result_of(command));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  control::Context& context_;
  const AgentName agent_{.service = ServiceName::mail};
  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<SentMail> mails_;
  std::vector<AgentCommand> commands_;
  std::map<std::string, std::vector<Json>> answers_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

class JourneyTest : public ControlTest {
 protected:
  static constexpr const char* kPassword = "a password of my own";

  // Runs every job of this kind that waits, once, whenever it is due.
  std::vector<Status> run_jobs(std::string_view kind) {
    agent.show();
    return test::run_waiting_jobs(context, kind);
  }
  // The mails that are sent when all letters are written.
  std::vector<SentMail> deliver() {
    for (const Status& done : run_jobs(control::kLetterJob)) {
      EXPECT_TRUE(done) << describe(done.error());
    }
    return agent.take_mails();
  }
  // The only mail that is sent.
  SentMail only_mail() {
    const auto mails = deliver();
    EXPECT_EQ(mails.size(), 1U);
    return mails.empty() ? SentMail{} : mails.front();
  }

  void open_registration(const std::string& mode = "open") {
    const auto set =
        control::set_registration_rule(context, admin, "example.test", {.mode = mode}, {});
    ASSERT_TRUE(set) << describe(set.error());
  }
  Result<Registration> ask(const std::string& email, const std::string& recovery,
                           const control::Actor& asking) {
    return control::register_account(context, asking,
                                     {.email = email,
                                      .password = Secret(kPassword),
                                      .recovery_address = recovery,
                                      .language = {}});
  }
  Result<control::Changed<control::Confirmation>> confirm(const std::string& token) {
    return control::confirm_link(context, stranger, Secret(token), {});
  }
  Result<control::LoginStep> log_in(const std::string& email, const std::string& password) {
    return control::login(context, email, Secret(password), {}, stranger);
  }
  // A user with a recovery address who chose kPassword.
  control::Actor make_person(const std::string& email, const std::string& recovery) {
    const auto made = control::create_user(context, admin, input(email, kPassword), {});
    EXPECT_TRUE(made) << describe(made.error());
    const auto done = context.store.write<bool>([&](store::Transaction& t) -> Result<bool> {
      store::put_contact(t, {.user_id = made->object.id,
                             .language = "en",
                             .recovery_address = recovery,
                             .updated = context.clock.now()});
      return true;
    });
    EXPECT_TRUE(done);
    return control::Actor::of(made->object, "request", "192.0.2.1");
  }
  // The newest first.
  std::vector<std::string> events(std::int64_t count) {
    std::vector<std::string> names;
    const auto rows = control::list_audit(context, 0, count);
    for (const auto& row : *rows) {
      names.push_back(row.event);
    }
    return names;
  }

  MailAgent agent{context};
  const control::Actor outsider = control::Actor::anonymous("request", "192.0.2.7");
};

}  // namespace podplay::test
