// The parsers of /proc with recorded files, the dialogues with a server of the test, and all looks
// at this machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/test_folder.hpp"
#include "looks/descriptors.hpp"
#include "looks/dialogue.hpp"
#include "looks/look.hpp"
#include "looks/rows.hpp"
#include "net/line_client.hpp"

namespace podplay::looks {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

void write(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << text;
}

TEST(Looks, UnixSocketsThatWaitForClients) {
  const auto sockets = parse_unix_sockets(
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 4711 /run/dovecot/lmtp\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 4712\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 4713 /run/dovecot/lmtp\n"
      "0000000000000000: 00000002 00000000 00000000 0002 01 4714 /dev/log\n");
  ASSERT_EQ(sockets.size(), 2U);
  EXPECT_EQ(sockets[0].path, "/dev/log");
  EXPECT_EQ(sockets[0].kind, "datagram");
  EXPECT_EQ(sockets[1].path, "/run/dovecot/lmtp");
  EXPECT_EQ(sockets[1].inode, 4711U);
  EXPECT_EQ(sockets[1].kind, "stream");
}

TEST(Looks, Limits) {
  const auto limits = parse_limits(
      "Limit                     Soft Limit           Hard Limit           Units     \n"
      "Max cpu time              unlimited            unlimited            seconds   \n"
      "Max open files            1024                 524288               files     \n"
      "Max realtime priority     0                    0                    \n");
  ASSERT_EQ(limits.size(), 3U);
  EXPECT_EQ(limits[1].name, "Max open files");
  EXPECT_EQ(limits[1].soft, "1024");
  EXPECT_EQ(limits[1].hard, "524288");
  EXPECT_EQ(limits[2].unit, "");
}

TEST(Looks, Mounts) {
  const auto mounts = parse_mounts(
      "36 35 98:0 /mnt1 /data/my\\040logs rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n"
      "22 36 0:20 / /proc rw - proc proc rw\n"
      "garbage\n");
  ASSERT_EQ(mounts.size(), 2U);
  EXPECT_EQ(mounts[0].point, "/data/my logs");
  EXPECT_EQ(mounts[0].kind, "ext3");
  EXPECT_EQ(mounts[0].source, "/dev/root");
  EXPECT_EQ(mounts[0].options, "rw,noatime");
}

TEST(Looks, SocketsByTheirOwners) {
  EXPECT_EQ(socket_inode("socket:[4711]"), 4711U);
  EXPECT_EQ(socket_inode("pipe:[4711]"), 0U);
  EXPECT_EQ(socket_inode("/data/socket:[1]"), 0U);
  OpenFiles open;
  open.files = {{1, 3, "socket:[10]"}, {7, 3, "socket:[10]"}, {7, 4, "socket:[11]"}};
  const auto owners = socket_owners(open);
  EXPECT_EQ(owners.at(10), 1) << "the child has inherited it";
  EXPECT_EQ(owners.at(11), 7);
}

// The files as they were on a pod, with two processes.
class RecordedTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string proc = folder_.path() + "/proc";
    write(proc + "/uptime", "1000.00 900.00\n");
    write(proc + "/1/stat",
          "1 (podplay-agent) S 0 1 1 0 -1 4194560 100 0 0 0 50 25 0 0 20 0 9 0 1000 1000 512 0");
    write(proc + "/1/cmdline", std::string("podplay-agent\0run\0mail\0", 23));
    write(proc + "/1/limits",
          "Max open files            1024                 524288               files\n");
    write(proc + "/7/stat",
          "7 (master (x)) S 1 7 7 0 -1 4194560 100 0 0 0 5 5 0 0 20 0 1 0 2000 1000 256 0");
    write(proc + "/7/cmdline", std::string("master\0--password=hunter2\0", 26));
    write(proc + "/7/limits",
          "Max open files            99                   99                   files\n");
    fs::create_directories(proc + "/1/fd");
    fs::create_directories(proc + "/7/fd");
    fs::create_symlink("socket:[4242]", proc + "/7/fd/3");
    fs::create_symlink("pipe:[1]", proc + "/7/fd/4");
    fs::create_symlink("/data/logs/mail/postfix.log", proc + "/7/fd/5");
    write(proc + "/net/tcp",
          "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
          "   0: 00000000:0019 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0       "
          " 0 "
          "4242 1 0\n"
          "   1: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33       "
          " 0 "
          "9999 1 0\n");
    place_ = {.service = "mail", .root = folder_.path()};
  }
  podplay::test::TestFolder folder_;
  LookPlace place_;
};

TEST_F(RecordedTest, ProcessesStandBelowTheirParents) {
  const LookJson seen = look_at_processes(place_, {});
  ASSERT_EQ(seen["processes"].size(), 2U);
  EXPECT_EQ(seen["processes"][0]["name"], "podplay-agent");
  EXPECT_EQ(seen["processes"][0]["depth"], 0);
  EXPECT_EQ(seen["processes"][1]["name"], "master (x)");
  EXPECT_EQ(seen["processes"][1]["depth"], 1);
  EXPECT_EQ(seen["processes"][1]["files"], 3);
  EXPECT_THAT(seen.dump(), Not(HasSubstr("hunter2"))) << "a command line may hold a password";
}

TEST_F(RecordedTest, SocketsHaveTheirProcess) {
  const LookJson seen = look_at_sockets(place_, {});
  ASSERT_EQ(seen["ports"].size(), 2U);
  EXPECT_EQ(seen["ports"][0]["port"], 25);
  EXPECT_EQ(seen["ports"][0]["process"], "master (x)");
  EXPECT_EQ(seen["ports"][0]["waiting"], 3);
  EXPECT_EQ(seen["ports"][1]["port"], 80);
  EXPECT_EQ(seen["ports"][1]["pid"], 0) << "it is of another container";
  EXPECT_THAT(seen["note"].get<std::string>(), HasSubstr("another container"));
}

TEST_F(RecordedTest, OpenFilesAreCountedAndNamed) {
  const LookJson seen = look_at_files(place_, {});
  ASSERT_EQ(seen["processes"].size(), 2U);
  const LookJson& master = seen["processes"][1];
  EXPECT_EQ(master["files"], 1);
  EXPECT_EQ(master["sockets"], 1);
  EXPECT_EQ(master["pipes"], 1);
  EXPECT_EQ(master["limit"], 99);
  ASSERT_EQ(seen["names"].size(), 1U);
  EXPECT_EQ(seen["names"][0]["path"], "/data/logs/mail/postfix.log");
}

TEST_F(RecordedTest, OnlyLimitsThatDifferAreRepeated) {
  const LookJson seen = look_at_limits(place_, {});
  ASSERT_EQ(seen["limits"].size(), 2U);
  EXPECT_EQ(seen["limits"][1]["pid"], 7);
  EXPECT_EQ(seen["limits"][1]["soft"], "99");
}

TEST_F(RecordedTest, GeneratedFilesAreShownWithoutSecrets) {
  write(folder_.path() + "/release/etc/postfix/main.cf",
        "myhostname = mail.example.com\nsmtp_password = hunter2\n");
  write(folder_.path() + "/release/.release.json", "{}");
  fs::create_symlink(folder_.path() + "/release", folder_.path() + "/current");
  place_.files = folder_.path() + "/current";
  const LookJson seen = look_at_configuration(place_, {});
  ASSERT_EQ(seen["files"].size(), 1U) << seen;
  EXPECT_EQ(seen["files"][0]["path"], "etc/postfix/main.cf");
  EXPECT_THAT(seen["files"][0]["text"].get<std::string>(), HasSubstr("mail.example.com"));
  EXPECT_THAT(seen.dump(), Not(HasSubstr("hunter2")));
}

TEST(Looks, AtThisMachine) {
  const LookJson seen = look_at({.service = "api"}, {});
  for (const char* name : {"processes", "sockets", "files", "limits", "mounts"}) {
    EXPECT_TRUE(seen.contains(name)) << name;
    EXPECT_FALSE(seen[name].contains("error")) << seen[name];
  }
  const auto& processes = seen["processes"]["processes"];
  EXPECT_TRUE(std::ranges::any_of(
      processes, [](const LookJson& one) { return one["pid"] == static_cast<int>(::getpid()); }));
  EXPECT_FALSE(seen["mounts"]["mounts"].empty());
}

TEST(Looks, AServerThatIsNotThereIsTold) {
  // No program listens on 127.0.0.3.
  const LookPlace place{.service = "mail", .address = "127.0.0.3"};
  const LookJson seen = look_at(
      place,
      {.what = {"smtp", "imap", "tls", "dns"}, .domain = "one.test", .host = "mail.one.test"});
  EXPECT_EQ(seen["smtp"]["dialogues"].size(), 3U);
  EXPECT_FALSE(seen["smtp"]["dialogues"][0]["ok"].get<bool>());
  EXPECT_THAT(seen["smtp"]["dialogues"][0]["error"].get<std::string>(),
              HasSubstr("Connection refused"));
  EXPECT_EQ(seen["tls"]["ports"].size(), 8U);
  EXPECT_FALSE(seen["tls"]["ports"][0]["ok"].get<bool>());
  EXPECT_EQ(seen["dns"]["questions"].size(), 7U);
  EXPECT_NE(seen["dns"]["questions"][0]["error"], "");
}

TEST(Looks, AQuestionComesBackAsItWas) {
  const LookQuestion question{.what = {"dns"},
                              .name = "a.test",
                              .type = "MX",
                              .port = 25,
                              .domain = "b.test",
                              .host = "c.test",
                              .servers = {"192.0.2.1"}};
  const auto read = question_from_json(question_to_json(question));
  ASSERT_TRUE(read);
  EXPECT_THAT(read->what, ElementsAre("dns"));
  EXPECT_EQ(read->name, "a.test");
  EXPECT_EQ(read->port, 25);
  EXPECT_THAT(read->servers, ElementsAre("192.0.2.1"));
  EXPECT_FALSE(question_from_json(LookJson::array()));
  EXPECT_TRUE(question_from_json(LookJson{{"what", 5}, {"port", "x"}, {"servers", {1, 2}}}));
}

TEST(Looks, EachServiceHasUsualOnes) {
  EXPECT_THAT(usual_looks("mail"), Contains("imap"));
  EXPECT_THAT(usual_looks("bind"), Contains("dns"));
  EXPECT_THAT(usual_looks("apache"), Contains("tls"));
  EXPECT_THAT(usual_looks("api"), Contains("processes"));
}

}  // namespace
}  // namespace podplay::looks
