// A machine trusts a pod's root, and no longer.
#include "cli/trust.hpp"

#include <algorithm>

#include "cli/command_line.hpp"
#include "net/x509.hpp"

namespace podplay::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct FakeTools final : Runner {
  Result<Outcome> run(const Command& command) override {
    std::string line;
    for (const std::string& word : command.argv) {
      line += (line.empty() ? "" : " ") + word;
    }
    asked.push_back(line);
    if (missing == command.argv.front()) {
      return fail(ErrorKind::not_found, "command_start", "there is no " + missing);
    }
    const bool fails = !failing.empty() && line.find(failing) != line.npos;
    return Outcome{.exit_code = fails ? 1 : 0, .out = "", .err = ""};
  }
  bool was_asked(const std::string& part) const {
    return std::ranges::any_of(asked, [&](const auto& one) { return one.find(part) != one.npos; });
  }
  std::vector<std::string> asked;
  std::string missing;
  std::string failing;
};

class TrustTest : public CommandLineTest {
 protected:
  TrustTest() {
    EXPECT_TRUE(files_.make_dirs(profile, 0755));
    EXPECT_TRUE(files_.write_new(profile + "/cert9.db", "", 0644, {}));
  }

  Result<std::vector<std::string>> trust(bool dry_run = false) {
    return trust_root(world, places, root, dry_run);
  }
  Result<std::vector<std::string>> forget() {
    return forget_root(world, places, {.name = root.name}, false);
  }

  FakeTools tools;
  World world{
      .environment = {}, .files = files_, .runner = tools, .clock = clock_, .program = "podplay"};
  const TrustPlaces places{
      .anchors = folder_.path() + "/anchors", .user = "eve", .home = folder_.path() + "/home"};
  const std::string profile = places.home + "/.mozilla/firefox/x.default";
  const std::string anchor = places.anchors + "/podplay-a.test.crt";
  const net::CertificateAuthority authority =
      net::make_authority("PodPlay pod CA", std::chrono::days(10), clock_.now()).value();
  const PodRoot root{.name = "a.test", .certificate = authority.certificate};
};

TEST_F(TrustTest, TheSystemAndTheBrowsersAreTold) {
  const auto done = trust();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(files_.read(anchor).value(), authority.certificate);
  EXPECT_TRUE(tools.was_asked("update-ca-certificates"));
  EXPECT_TRUE(tools.was_asked("runuser -u eve -- certutil -d sql:" + profile +
                              " -A -t C,, -n PodPlay a.test -i " + anchor));
  EXPECT_THAT(*done,
              ElementsAre(HasSubstr("wrote " + anchor), HasSubstr("added it to " + profile)));

  const auto gone = forget();
  ASSERT_TRUE(gone);
  EXPECT_FALSE(files_.exists(anchor));
  EXPECT_TRUE(tools.was_asked("update-ca-certificates --fresh"));
  EXPECT_TRUE(tools.was_asked("-D -n PodPlay a.test"));
  tools.failing = "-L";
  EXPECT_THAT(forget().value(), ElementsAre(HasSubstr("nothing to remove")));
}

TEST_F(TrustTest, ADryRunOnlySaysWhatItWouldDo) {
  const auto done = trust(true);
  EXPECT_THAT(*done, ElementsAre(HasSubstr("would write"), HasSubstr("would add")));
  EXPECT_FALSE(files_.exists(anchor));
  EXPECT_FALSE(tools.was_asked("update-ca-certificates") || tools.was_asked(" -A "));
}

TEST_F(TrustTest, WhatIsMissingIsNamedAndLeavesNothing) {
  tools.missing = "certutil";
  EXPECT_THAT(trust()->back(), HasSubstr("libnss3-tools"));
  ASSERT_TRUE(forget());
  tools.missing = "update-ca-certificates";
  const auto done = trust();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().remedy, HasSubstr("ca-certificates"));
  EXPECT_FALSE(files_.exists(anchor)) << "the next update would take it";
  tools.missing.clear();
  tools.failing = "update-ca-certificates";
  EXPECT_FALSE(trust());
  EXPECT_FALSE(files_.exists(anchor));
}

TEST_F(TrustTest, TheCommandShowsTheFingerprintAndComparesIt) {
  const std::string fingerprint = net::read_certificate(authority.certificate)->fingerprint;
  answer_ = {200, {}, authority.certificate};
  const auto seen = call({"certificates", "trust", "--dry-run"});
  EXPECT_EQ(seen.code, 0) << seen.err;
  EXPECT_EQ(asked_.path, "/ca.pem");
  EXPECT_THAT(seen.out, HasSubstr(fingerprint));
  EXPECT_THAT(seen.out, HasSubstr("would write /usr/local/share/ca-certificates/podplay-"));
  EXPECT_EQ(call({"certificates", "trust", "--dry-run", "--fingerprint", fingerprint}).code, 0);
  const auto other = call({"certificates", "trust", "--dry-run", "--fingerprint", "AB:CD"});
  EXPECT_EQ(other.code, 4);
  EXPECT_THAT(other.err, HasSubstr("not AB:CD"));
}

TEST_F(TrustTest, OnlyARootIsTaken) {
  answer_ = {200, {}, "<html>"};
  EXPECT_EQ(call({"certificates", "trust", "--dry-run"}).code, 8);
  const auto key = net::make_private_key().value();
  const auto leaf = net::issue_certificate(authority, key, "a.test", {"a.test"},
                                           std::chrono::hours(1), clock_.now());
  answer_ = {200, {}, leaf.value()};
  EXPECT_EQ(call({"certificates", "trust", "--dry-run"}).code, 8);
}

}  // namespace
}  // namespace podplay::cli
