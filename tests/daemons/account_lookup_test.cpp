// auth is played by a socket that answers when the test says so.
#include "daemons/account_lookup.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <thread>

namespace podplay::daemons {
namespace {

using namespace std::chrono_literals;
constexpr auto kShort = 50ms;
constexpr int kDeadlineMs = 5000;

class SlowAuth {
 public:
  SlowAuth() {
    std::filesystem::remove(path_);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, path_.size());
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
  }
  ~SlowAuth() {
    hang_up();
    ::close(listener_);
    std::filesystem::remove(path_);
  }
  SlowAuth(const SlowAuth&) = delete;
  SlowAuth& operator=(const SlowAuth&) = delete;

  const std::string& path() const { return path_; }
  void accept() {
    ASSERT_TRUE(has_something(listener_)) << "nobody connects";
    client_ = ::accept(listener_, nullptr, nullptr);
    say("VERSION\t1\t2\nSPID\t184\n");
  }
  void say(const std::string& text) {
    EXPECT_EQ(::send(client_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // What the client sent, until it ends with `end`; empty when the client has hung up.
  std::string hear(const std::string& end) {
    std::string heard;
    std::array<char, 512> chunk{};
    while (!heard.ends_with(end)) {
      const auto got = has_something(client_) ? ::recv(client_, chunk.data(), chunk.size(), 0) : 0;
      if (got <= 0) {
        return "";
      }
      heard.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return heard;
  }
  bool has_hung_up() {
    char octet = 0;
    return has_something(client_) && ::recv(client_, &octet, 1, MSG_PEEK) == 0;
  }
  bool waits_for_nothing() {
    pollfd seen{.fd = client_, .events = POLLIN, .revents = 0};
    return ::poll(&seen, 1, 0) == 0;
  }
  void hang_up() {
    if (client_ >= 0) {
      ::close(client_);
    }
    client_ = -1;
  }

 private:
  static bool has_something(int fd) {
    pollfd seen{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&seen, 1, kDeadlineMs) == 1;
  }

  std::string path_ =
      (std::filesystem::temp_directory_path() / ("podplay-auth-" + std::to_string(::getpid())))
          .string();
  int listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int client_ = -1;
};

TEST(AccountLookup, SaysWhetherThereIsAnAccount) {
  SlowAuth auth;
  AccountLookup lookup(auth.path(), 5s);
  std::jthread answers([&] {
    auth.accept();
    EXPECT_EQ(auth.hear("protocol=lmtp\n"), "VERSION\t1\t2\nUSER\t1\tann@a.test\tprotocol=lmtp\n");
    auth.say("USER\t1\tann@a.test\tquota_storage_size=1B\n");
    EXPECT_EQ(auth.hear("protocol=lmtp\n"), "USER\t2\tbob@a.test\tprotocol=lmtp\n");
    auth.say("NOTFOUND\t2\n");
    EXPECT_EQ(auth.hear("protocol=lmtp\n"), "USER\t3\tcat@a.test\tprotocol=lmtp\n");
    auth.say("FAIL\t3\n");
  });
  EXPECT_EQ(lookup.ask("ann@a.test").value_or("nothing"), "USER");
  EXPECT_EQ(lookup.ask("bob@a.test").value_or("nothing"), "NOTFOUND");
  EXPECT_FALSE(lookup.ask("cat@a.test"));
}

TEST(AccountLookup, NeverHangsUpWhileAnAnswerIsDue) {
  SlowAuth auth;
  AccountLookup lookup(auth.path(), kShort);
  const auto late = lookup.ask("ann@a.test");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::timeout);
  lookup.close();
  auth.accept();
  EXPECT_NE(auth.hear("protocol=lmtp\n"), "");
  EXPECT_TRUE(auth.waits_for_nothing());
  // Not even the next question is asked before.
  EXPECT_FALSE(lookup.ask("bob@a.test"));
  lookup.close();
  EXPECT_TRUE(auth.waits_for_nothing());
}

TEST(AccountLookup, DoesNotTakeALateAnswerForThatOfTheNextQuestion) {
  SlowAuth auth;
  AccountLookup lookup(auth.path(), kShort);
  EXPECT_FALSE(lookup.ask("ann@a.test"));
  auth.accept();
  auth.hear("protocol=lmtp\n");
  auth.say("USER\t1\tann@a.test\n");
  EXPECT_FALSE(lookup.ask("bob@a.test"));
  EXPECT_EQ(auth.hear("protocol=lmtp\n"), "USER\t2\tbob@a.test\tprotocol=lmtp\n");
  auth.say("NOTFOUND\t2\nUSER\t3\tcat@a.test\n");
  EXPECT_EQ(lookup.ask("cat@a.test").value_or("nothing"), "USER");
}

TEST(AccountLookup, HangsUpAfterTheAnswer) {
  SlowAuth auth;
  AccountLookup lookup(auth.path(), kShort);
  EXPECT_FALSE(lookup.ask("ann@a.test"));
  auth.accept();
  auth.hear("protocol=lmtp\n");
  auth.say("USER\t1\tann@a.test\nUSER\t2\tann@a.test\n");
  EXPECT_TRUE(lookup.ask("ann@a.test"));
  lookup.close();
  EXPECT_EQ(auth.hear("protocol=lmtp\n"), "USER\t2\tann@a.test\tprotocol=lmtp\n");
  EXPECT_TRUE(auth.has_hung_up());
}

TEST(AccountLookup, ConnectsAgainWhenAuthHasEnded) {
  SlowAuth auth;
  AccountLookup lookup(auth.path(), kShort);
  EXPECT_FALSE(lookup.ask("ann@a.test"));
  auth.accept();
  auth.hear("protocol=lmtp\n");
  auth.hang_up();
  EXPECT_FALSE(lookup.ask("ann@a.test"));
  EXPECT_FALSE(lookup.ask("ann@a.test"));
  auth.accept();
  EXPECT_EQ(auth.hear("protocol=lmtp\n"), "VERSION\t1\t2\nUSER\t2\tann@a.test\tprotocol=lmtp\n");
}

}  // namespace
}  // namespace podplay::daemons
