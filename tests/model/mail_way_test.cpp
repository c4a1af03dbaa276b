// Where mail goes: aliases of aliases, details, catch-alls, roles, and circles.
#include "model/mail_way.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace podplay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct FakeDirectory final : MailDirectory {
  std::map<std::string, DomainState> domains{{"a.test", DomainState::enabled},
                                             {"b.test", DomainState::enabled},
                                             {"off.test", DomainState::disabled}};
  std::map<std::string, bool> mailboxes{
      {"ann@a.test", true}, {"ben@a.test", true}, {"off@a.test", false}, {"x@off.test", true}};
  std::map<std::string, std::vector<std::string>> aliases;

  Result<DomainState> domain(const std::string& name) override {
    const auto found = domains.find(name);
    return found == domains.end() ? DomainState::outside : found->second;
  }
  Result<std::optional<bool>> mailbox(const std::string& address) override {
    const auto found = mailboxes.find(address);
    return found == mailboxes.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::vector<std::string>> targets(const std::string& address) override {
    const auto found = aliases.find(address);
    return found == aliases.end() ? std::vector<std::string>{} : found->second;
  }
};

class MailWayTest : public testing::Test {
 protected:
  MailWay way(const std::string& address) {
    return follow_mail(directory_, roles_, address).value();
  }
  // "mailbox ann@a.test" for each end.
  std::vector<std::string> ends(const std::string& address) {
    constexpr const char* kWords[] = {"mailbox", "disabled", "missing", "outside"};
    std::vector<std::string> texts;
    for (const MailEnd& end : way(address).ends) {
      texts.push_back(std::string(kWords[static_cast<int>(end.kind)]) + " " + end.address +
                      (end.via.empty() ? "" : " via " + end.via));
    }
    return texts;
  }

  FakeDirectory directory_;
  RoleNames roles_{.host = "mail.a.test", .admin = "ann@a.test"};
};

TEST_F(MailWayTest, AnAddressWithoutAliasIsItsOwnEnd) {
  EXPECT_THAT(ends("ann@a.test"), ElementsAre("mailbox ann@a.test"));
  EXPECT_THAT(ends("ann+x@a.test"), ElementsAre("mailbox ann+x@a.test"));
  EXPECT_THAT(ends("off@a.test"), ElementsAre("disabled off@a.test"));
  EXPECT_THAT(ends("nobody@a.test"), ElementsAre("missing nobody@a.test"));
  EXPECT_THAT(ends("x@elsewhere.test"), ElementsAre("outside x@elsewhere.test"));
  EXPECT_THAT(ends("x@off.test"), ElementsAre("disabled x@off.test"));
  EXPECT_EQ(way("ann+x@a.test").ends.front().mailbox(), "ann@a.test");
}

TEST_F(MailWayTest, field_case_25_AliasesAreFollowedToTheLast) {
  directory_.aliases = {{"sales@a.test", {"info@a.test", "far@elsewhere.test"}},
                        {"info@a.test", {"ann@a.test", "ben+work@a.test"}},
                        {"@b.test", {"sales@a.test"}}};
  EXPECT_THAT(ends("sales@a.test"), ElementsAre("outside far@elsewhere.test via sales@a.test",
                                                "mailbox ann@a.test via info@a.test",
                                                "mailbox ben+work@a.test via info@a.test"));
  EXPECT_THAT(ends("info+x@a.test"), ElementsAre("mailbox ann+x@a.test via info@a.test",
                                                 "mailbox ben+work@a.test via info@a.test"))
      << "a target with a detail keeps its own";
  EXPECT_TRUE(way("anything+x@b.test").reaches("ann@a.test"));
  EXPECT_FALSE(way("anything@b.test").reaches("off@a.test"));
  EXPECT_FALSE(way("sales@a.test").reaches("far@elsewhere.test")) << "that is no login of ours";
}

TEST_F(MailWayTest, TheAdministratorGetsTheRolesThatNobodyHas) {
  EXPECT_THAT(ends("postmaster@b.test"), ElementsAre("mailbox ann@a.test via postmaster@b.test"));
  EXPECT_THAT(ends("abuse+x@mail.a.test"), ElementsAre("mailbox ann@a.test via abuse@mail.a.test"));
  EXPECT_THAT(ends("root@mail.a.test"), ElementsAre("missing root@mail.a.test"));
  directory_.aliases = {{"@b.test", {"ben@a.test"}}, {"abuse@a.test", {"ben@a.test"}}};
  EXPECT_THAT(ends("postmaster@b.test"), ElementsAre("mailbox ben@a.test via @b.test"));
  EXPECT_THAT(ends("abuse@a.test"), ElementsAre("mailbox ben@a.test via abuse@a.test"));
}

TEST_F(MailWayTest, ACircleEndsNowhere) {
  directory_.aliases = {{"@b.test", {"a@b.test"}},
                        {"a@b.test", {"u@b.test"}},
                        {"p@a.test", {"q+x@a.test", "ben@a.test"}},
                        {"q@a.test", {"p+y@a.test"}}};
  EXPECT_TRUE(way("u@b.test").circular());
  EXPECT_FALSE(way("u@b.test").takes_mail());
  EXPECT_THAT(ends("anybody@b.test"), IsEmpty());
  EXPECT_TRUE(way("p@a.test").reaches("ben@a.test")) << "the rest of its targets get the mail";
  EXPECT_FALSE(way("p@a.test").circular());
  EXPECT_TRUE(leads_back(directory_, roles_, "u@b.test", "@b.test").value());
  EXPECT_FALSE(leads_back(directory_, roles_, "ben@a.test", "@b.test").value());
}

TEST_F(MailWayTest, AWayIsNotFollowedForever) {
  for (int i = 0; i < 3000; ++i) {
    directory_.aliases["n" + std::to_string(i) + "@a.test"] = {"n" + std::to_string(i + 1) +
                                                               "@a.test"};
  }
  EXPECT_TRUE(way("n0@a.test").too_long);
  EXPECT_FALSE(way("n0@a.test").circular());
  EXPECT_FALSE(way("n2000@a.test").too_long);
}

}  // namespace
}  // namespace podplay
