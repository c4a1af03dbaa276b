// Exposure is tried against servers of the test's own; and the journey names the step that breaks.
#include "control/watch/health/exposure.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "control/control_test.hpp"
#include "control/identity/passwords.hpp"
#include "control/watch/health/journey.hpp"
#include "net/name_server.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Greets, and answers each line by its first word; other words get 250.
class ScriptedSmtp {
 public:
  explicit ScriptedSmtp(std::map<std::string, std::string> replies) : replies_(std::move(replies)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(fd_, 8);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedSmtp() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  ScriptedSmtp(const ScriptedSmtp&) = delete;
  ScriptedSmtp& operator=(const ScriptedSmtp&) = delete;
  int port() const { return port_; }

 private:
  static void say(int client, const std::string& text) {
    static_cast<void>(::send(client, text.data(), text.size(), MSG_NOSIGNAL));
  }
  void run() {
    for (int client = 0; (client = ::accept(fd_, nullptr, nullptr)) >= 0; ::close(client)) {
      say(client, "220 test\r\n");
      std::string line;
      for (char one = 0; ::recv(client, &one, 1, 0) == 1;) {
        if (one != '\n') {
          line += one;
          continue;
        }
        const auto found = replies_.find(line.substr(0, 4));
        say(client, (found == replies_.end() ? "250 fine" : found->second) + "\r\n");
        line.clear();
      }
    }
  }
  const std::map<std::string, std::string> replies_;
  int fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
  std::thread thread_;
};

class ExposureTest : public test::ControlTest {
 protected:
  HealthCheck check(const std::vector<ServiceCheck>& all, const std::string& name) {
    for (const ServiceCheck& one : all) {
      if (one.check.name == "exposure-" + name) {
        return one.check;
      }
    }
    ADD_FAILURE() << "there is no check " << name;
    return {};
  }
  ExposureOptions against(int smtp, int dns) {
    return {.address = "127.0.0.1",
            .smtp_port = smtp,
            .submission_port = 1,
            .dns_port = dns,
            .tls_ports = {},
            .timeout = 500ms};
  }
};

TEST_F(ExposureTest, AnOpenRelayIsFound) {
  ScriptedSmtp open({});
  test::NameServer names;
  const auto all = try_exposure(context, against(open.port(), names.port()));
  EXPECT_EQ(check(all, "relay").result, CheckResult::failed);
  EXPECT_THAT(check(all, "relay").reason, HasSubstr("may send mail through us"));
  EXPECT_EQ(check(all, "our-names").result, CheckResult::failed);
  EXPECT_EQ(check(all, "relay-submission").result, CheckResult::warning) << "nobody listens";
  EXPECT_THAT(check(all, "relay-submission").reason, HasSubstr("not tried"));
}

TEST_F(ExposureTest, AClosedOneIsFine) {
  ScriptedSmtp closed({{"RCPT", "554 5.7.1 relay access denied"}});
  test::NameServer names;
  names.recursive = false;
  const auto all = try_exposure(context, against(closed.port(), names.port()));
  EXPECT_EQ(check(all, "relay").result, CheckResult::ok);
  EXPECT_EQ(check(all, "our-names").result, CheckResult::ok);
  EXPECT_EQ(check(all, "recursion").result, CheckResult::ok);
}

TEST_F(ExposureTest, AServerThatDefersWasNotTried) {
  ScriptedSmtp busy({{"MAIL", "451 4.3.0 later"}});
  test::NameServer names;
  const auto all = try_exposure(context, against(busy.port(), names.port()));
  EXPECT_EQ(check(all, "relay").result, CheckResult::warning);
}

TEST_F(ExposureTest, RecursionIsFound) {
  test::NameServer names;
  names.recursive = true;
  const auto all = try_exposure(context, against(1, names.port()));
  EXPECT_EQ(check(all, "recursion").result, CheckResult::failed);
}

TEST_F(ExposureTest, ADefaultPasswordOfAnAdministratorIsFound) {
  const auto all = try_exposure(context, {});
  EXPECT_EQ(check(all, "address").result, CheckResult::warning) << "there is no address";
  const HealthCheck found = check(all, "default-password");
  EXPECT_EQ(found.result, CheckResult::failed) << "the tests' administrator has password123";
  EXPECT_THAT(found.reason, HasSubstr("admin@example.test"));
  EXPECT_THAT(found.reason, testing::Not(HasSubstr("password123")));
  ASSERT_TRUE(context.store.write<bool>([](store::Transaction& transaction) -> Result<bool> {
    auto user = store::find_user(transaction, "admin@example.test").value();
    TRY(user.password_hash,
        check_and_hash(Secret("nobody guesses 47"), PasswordChoice::own, user.email));
    store::update_user(transaction, user);
    return true;
  }));
  EXPECT_EQ(check(try_exposure(context, {}), "default-password").result, CheckResult::ok);
}

TEST_F(ExposureTest, AKeyThatEverybodyMayReadIsFound) {
  EXPECT_EQ(check(try_exposure(context, {}), "keys").result, CheckResult::ok);
  const std::string key = plane.paths.certificates + "/privkey.pem";
  std::ofstream(key) << "x";
  ASSERT_EQ(::chmod(key.c_str(), 0644), 0);
  EXPECT_EQ(check(try_exposure(context, {}), "keys").result, CheckResult::failed);
}

TEST_F(ExposureTest, NobodyMayHaveTheNameOfTheCheckAccount) {
  for (const char* name : {"podplay-check@example.test", "PodPlay-Check@example.test"}) {
    EXPECT_TRUE(is_check_address(name));
    const auto made = create_user(context, Actor::system(), input(name), {});
    ASSERT_FALSE(made) << name;
    EXPECT_THAT(describe(made.error()), HasSubstr("health check"));
  }
  EXPECT_FALSE(is_check_address("podplay-checks@example.test"));
}

TEST_F(ExposureTest, TheJourneyNamesTheStepThatBreaks) {
  ScriptedSmtp refuses({{"STAR", "454 no TLS today"}});
  const JourneyAccount account{
      .address = "podplay-check@example.test", .domain = "example.test", .password = Secret("x")};
  const auto answer = walk_journey(
      plane.clock, account, {.submission = refuses.port(), .timeout = 500ms, .delivery = 100ms});
  EXPECT_EQ(answer.check.result, CheckResult::failed);
  EXPECT_THAT(answer.check.reason, HasSubstr("'send over submission'"));
  EXPECT_THAT(answer.check.reason, HasSubstr("454 no TLS today"));
}

}  // namespace
}  // namespace podplay::control
