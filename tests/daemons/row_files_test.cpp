// Rows' files are put in place, and come back as they were when their row is refused.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "base/test_folder.hpp"
#include "daemons/dovecot_login.hpp"
#include "model/feed_rows.hpp"
#include "net/tls_server.hpp"

namespace podplay::daemons {
namespace {

using net::test::make_certificate;
using net::test::Pair;
using testing::HasSubstr;
using Paths = std::vector<std::string>;

class NoSource final : public RowSource {
  Result<std::vector<KeptRow>> rows(RowKind, const std::string&) override {
    return std::vector<KeptRow>{};
  }
};

// Runs nothing. The checker complains of every configuration that holds `hates`.
class Checker final : public Runner {
 public:
  Result<Outcome> run(const Command& command) override {
    commands.push_back(command.argv);
    const bool bad = !hates.empty() && all_below(command.argv.back()).find(hates) != hates.npos;
    return Outcome{.exit_code = bad ? 89 : 0, .out = "", .err = bad ? "Unknown setting" : ""};
  }
  std::vector<std::vector<std::string>> commands;
  std::string hates;

 private:
  // Everything that lies beside the main file.
  static std::string all_below(const std::string& main) {
    RealFiles files;
    const std::string folder = main.substr(0, main.rfind('/'));
    std::string text;
    for (const std::string& path : files.list_tree(folder).value()) {
      text += files.read(folder + "/" + path).value();
    }
    return text;
  }
};

volatile std::sig_atomic_t hangups = 0;

class RowFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    auto loaded = TemplateSet::load(files_, "services/mail/rootfs", "/nonexistent");
    ASSERT_TRUE(loaded) << describe(loaded.error());
    templates_ = std::move(*loaded);
    ASSERT_TRUE(files_.make_dirs(folder_.path() + "/conf/wildcards"));
    ASSERT_TRUE(files_.write_new(folder_.path() + "/main.conf",
                                 "!include_try " + folder_.path() + "/conf/*.conf\n"));
    // Its master is this program.
    ASSERT_TRUE(files_.write_new(folder_.path() + "/master.pid", fmt::format("{}\n", ::getpid())));
    previous_ = std::signal(SIGHUP, [](int) { hangups = hangups + 1; });
  }
  void TearDown() override { std::signal(SIGHUP, previous_); }
  // Writes a new version for the names, and gives its row.
  FeedRow certificate(const std::string& name, std::vector<std::string> names) {
    Pair pair = make_certificate(names);
    keep(name, pair);
    return test::row(1, name, CertificateRow{.version = pair.fingerprint, .names = names});
  }
  void keep(const std::string& name, const Pair& pair) {
    const std::string folder =
        folder_.path() + "/certificates/" + name + "/versions/" + pair.fingerprint;
    ASSERT_TRUE(files_.make_dirs(folder));
    ASSERT_TRUE(files_.write_new(folder + "/fullchain.pem", pair.chain));
    ASSERT_TRUE(files_.write_new(folder + "/privkey.pem", pair.key));
  }
  RowVerdict apply(const FeedRow& row) { return apply(std::vector<FeedRow>{row}).front(); }
  std::vector<RowVerdict> apply(const std::vector<FeedRow>& rows) {
    RowTools tools{.runner = checker_, .files = files_, .templates = templates_, .source = source_};
    return login_.apply_rows(tools, rows);
  }
  void settle(const FeedRow& row, bool served) {
    const std::vector<FeedRow> rows{row};
    ASSERT_TRUE(login_.settle_rows(files_, rows, served));
  }
  void reload() {
    const int before = hangups;
    ASSERT_TRUE(login_.reload_rows(checker_));
    EXPECT_EQ(hangups, before + 1);
  }
  std::string text(const std::string& path) {
    return files_.read(folder_.path() + "/conf/" + path).value_or("");
  }
  Paths present() { return files_.list_tree(folder_.path() + "/conf").value(); }
  static std::string version(const FeedRow& row) {
    return std::get<CertificateRow>(row.content).version;
  }

  void (*previous_)(int) = nullptr;
  RealFiles real_files_;
  Files& files_ = real_files_;
  test::TestFolder folder_;
  Checker checker_;
  NoSource source_;
  TemplateSet templates_;
  DovecotLogin login_{{.main = folder_.path() + "/main.conf",
                       .configurations = folder_.path() + "/conf",
                       .certificates = folder_.path() + "/certificates",
                       .scratch = folder_.path(),
                       .pid_file = folder_.path() + "/master.pid"}};
};

TEST_F(RowFilesTest, ARowThatIsServedLeavesOnlyItsFile) {
  const FeedRow row = certificate("a.test", {"a.test", "mail.a.test"});
  EXPECT_EQ(apply(row).state, RowState::done);
  EXPECT_TRUE(login_.rows_wait());
  reload();
  settle(row, true);
  EXPECT_EQ(present(), Paths{"a.test.conf"});
  EXPECT_THAT(text("a.test.conf"), HasSubstr("local_name mail.a.test {"));
  EXPECT_EQ(apply(row).state, RowState::done);
  EXPECT_FALSE(login_.rows_wait()) << "nothing has changed";
}

TEST_F(RowFilesTest, WildcardsAreInAFileThatIsReadFirst) {
  const FeedRow row = certificate("a.test", {"a.test", "*.a.test"});
  EXPECT_EQ(apply(row).state, RowState::done);
  settle(row, true);
  EXPECT_EQ(present(), (Paths{"a.test.conf", "wildcards/a.test.conf"}));
  EXPECT_THAT(text("wildcards/a.test.conf"), HasSubstr("local_name *.a.test {"));
  const FeedRow without = certificate("a.test", {"a.test"});
  EXPECT_EQ(apply(without).state, RowState::done);
  settle(without, true);
  EXPECT_EQ(present(), Paths{"a.test.conf"});
}

TEST_F(RowFilesTest, ARefusedRowIsAsItWasBefore) {
  const FeedRow good = certificate("a.test", {"a.test"});
  apply(good);
  settle(good, true);
  reload();
  const std::string before = text("a.test.conf");
  const FeedRow bad = certificate("a.test", {"a.test", "*.a.test"});
  apply(bad);
  EXPECT_THAT(text("a.test.conf"), HasSubstr(version(bad)));
  reload();
  // A row that is told again before it was settled takes nothing's place.
  const FeedRow worse = certificate("a.test", {"a.test"});
  apply(worse);
  reload();
  settle(worse, false);
  EXPECT_EQ(text("a.test.conf"), before);
  EXPECT_EQ(present(), Paths{"a.test.conf"});
  EXPECT_TRUE(login_.rows_wait()) << "Dovecot has to read it again";
}

TEST_F(RowFilesTest, ARefusedRowThatWasNeverServedIsGone) {
  const FeedRow row = certificate("a.test", {"a.test"});
  apply(row);
  settle(row, false);
  EXPECT_EQ(present(), Paths{});
  EXPECT_TRUE(login_.rows_wait());
}

TEST_F(RowFilesTest, ARefusedRowThatChangedNothingChangesNothing) {
  const FeedRow row = certificate("a.test", {"a.test"});
  apply(row);
  settle(row, true);
  reload();
  apply(row);
  settle(row, false);
  EXPECT_EQ(present(), Paths{"a.test.conf"});
  EXPECT_FALSE(login_.rows_wait());
}

TEST_F(RowFilesTest, WhatTheCheckerRefusesIsLeftOutAloneWithItsWords) {
  std::vector<FeedRow> rows;
  for (const char* name : {"a.test", "b.test", "c.test", "d.test", "e.test"}) {
    rows.push_back(certificate(name, {name}));
  }
  checker_.hates = "local_name c.test";
  const auto verdicts = apply(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(verdicts[i].state, i == 2 ? RowState::refused : RowState::done) << rows[i].key;
  }
  EXPECT_EQ(verdicts[2].words, "Unknown setting");
  EXPECT_EQ(text("c.test.conf"), "");
  EXPECT_NE(text("e.test.conf"), "");
}

TEST_F(RowFilesTest, AKeyOfAnotherCertificateNeverReachesDovecot) {
  Pair pair = make_certificate({"a.test"});
  pair.key = make_certificate({"b.test"}).key;
  keep("a.test", pair);
  const auto verdict = apply(
      test::row(1, "a.test", CertificateRow{.version = pair.fingerprint, .names = {"a.test"}}));
  EXPECT_EQ(verdict.state, RowState::refused);
  EXPECT_THAT(verdict.words, HasSubstr("the private key does not belong to the certificate"));
  EXPECT_TRUE(checker_.commands.empty());
  EXPECT_EQ(present(), Paths{});
}

TEST_F(RowFilesTest, ADeletedRowLeavesNothing) {
  const FeedRow row = certificate("a.test", {"a.test", "*.a.test"});
  apply(row);
  reload();
  EXPECT_EQ(apply(test::gone<CertificateRow>(2, "a.test")).state, RowState::done);
  EXPECT_EQ(present(), Paths{});
  EXPECT_TRUE(login_.rows_wait());
}

}  // namespace
}  // namespace podplay::daemons
