// A release is complete before a link points to it, three good ones are kept, and there is a way
// back.
#include "agent/pipe/releases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/fakes.hpp"

namespace podplay::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReleasesTest : public testing::Test {
 protected:
  std::vector<ReleaseFile> files_for(const std::string& host) {
    return {{"etc/fixed.cf", "same\n", 0640},
            {"etc/postfix/main.cf", "myhostname = " + host + "\n", 0644}};
  }
  Release install(Revision revision, const std::string& host, bool good) {
    auto release = releases_.write(files_for(host), mail_snapshot(revision, host), "hash");
    EXPECT_TRUE(release.has_value()) << release.error().message;
    EXPECT_TRUE(releases_.install(*release).has_value());
    if (good) {
      EXPECT_TRUE(releases_.mark_good().has_value());
    }
    return *release;
  }
  std::vector<std::string> on_disk() { return files_.list(folder_ / "releases").value(); }
  std::string live() {
    return files_.read(folder_ / "current/etc/postfix/main.cf").value_or("nothing");
  }

  void SetUp() override { ASSERT_TRUE(releases_.open().has_value()); }
  Folder folder_;
  RealFiles files_;
  Releases releases_{files_, folder_.path(), silent_logger()};
};

TEST_F(ReleasesTest, AnEmptyVolumeHasNone) {
  EXPECT_FALSE(releases_.current().has_value());
  EXPECT_THAT(releases_.changes(files_for("a")).value(),
              ElementsAre("etc/fixed.cf", "etc/postfix/main.cf"));
}

TEST_F(ReleasesTest, InstallsAndFindsChanges) {
  install(1, "one.test", true);
  EXPECT_EQ(live(), "myhostname = one.test\n");
  EXPECT_THAT(releases_.changes(files_for("one.test")).value(), IsEmpty());
  EXPECT_THAT(releases_.changes(files_for("two.test")).value(), ElementsAre("etc/postfix/main.cf"));
  EXPECT_THAT(releases_.diff(files_for("two.test")).value(), HasSubstr("+myhostname = two.test"));
  std::vector<ReleaseFile> fewer{{"etc/postfix/main.cf", "myhostname = one.test\n", 0600}};
  EXPECT_THAT(releases_.changes(fewer).value(), ElementsAre("etc/fixed.cf", "etc/postfix/main.cf"))
      << "removed, and another mode";
}

TEST_F(ReleasesTest, UnchangedFilesAreTheSameFileOnDisk) {
  const Release one = install(1, "one.test", true);
  const Release two = install(2, "two.test", true);
  struct stat a{};
  struct stat b{};
  ASSERT_EQ(::stat((one.folder + "/etc/fixed.cf").c_str(), &a), 0);
  ASSERT_EQ(::stat((two.folder + "/etc/fixed.cf").c_str(), &b), 0);
  EXPECT_EQ(a.st_ino, b.st_ino);
}

TEST_F(ReleasesTest, KeepsTheLastThreeGoodOnes) {
  for (Revision revision = 1; revision <= 6; ++revision) {
    install(revision, "host" + std::to_string(revision), true);
  }
  EXPECT_THAT(on_disk(), ElementsAre("4", "5", "6"));
}

TEST_F(ReleasesTest, GoesBackToTheLastGoodOne) {
  install(1, "one.test", true);
  install(2, "two.test", true);
  install(3, "bad.test", false);
  EXPECT_TRUE(releases_.roll_back().value());
  EXPECT_EQ(live(), "myhostname = two.test\n");
  EXPECT_THAT(on_disk(), ElementsAre("1", "2"));
}

TEST_F(ReleasesTest, AFirstBadOneHasNoWayBack) {
  install(1, "bad.test", false);
  EXPECT_FALSE(releases_.roll_back().value());
  EXPECT_EQ(live(), "myhostname = bad.test\n");
}

TEST_F(ReleasesTest, AfterACrashCurrentIsTheLastGoodOne) {
  install(1, "good.test", true);
  // As if the agent was killed before the probes.
  install(2, "unproven.test", false);
  // As if the agent was killed while writing.
  ASSERT_TRUE(files_.make_dirs(folder_ / "releases/3/etc", 0755).has_value());
  Releases again(files_, folder_.path(), silent_logger());
  ASSERT_TRUE(again.open().has_value());
  ASSERT_TRUE(again.current().has_value());
  EXPECT_EQ(again.current()->snapshot.revision, 1U);
  EXPECT_EQ(live(), "myhostname = good.test\n");
  EXPECT_THAT(on_disk(), ElementsAre("1"));
}

TEST_F(ReleasesTest, ALinkToNothingIsRepairedOrForgotten) {
  install(1, "good.test", true);
  ASSERT_TRUE(files_.swap_link("releases/99", folder_ / "current").has_value());
  Releases again(files_, folder_.path(), silent_logger());
  ASSERT_TRUE(again.open().has_value());
  EXPECT_EQ(again.current()->number, 1U);
}

TEST_F(ReleasesTest, PathsStayInside) {
  EXPECT_FALSE(
      releases_.write({{"../outside", "x", 0644}}, mail_snapshot(1, "a"), "h").has_value());
  EXPECT_FALSE(
      releases_.write({{"/etc/passwd", "x", 0644}}, mail_snapshot(1, "a"), "h").has_value());
  EXPECT_THAT(on_disk(), IsEmpty());
}

}  // namespace
}  // namespace podplay::agent
