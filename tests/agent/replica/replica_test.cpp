// The replica: rows, resuming, resync, mail that is put aside, and readers that never fail while
// rows stream in.
#include "agent/replica/replica.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>

#include "agent/fakes.hpp"
#include "base/test_folder.hpp"
#include "model/feed_rows.hpp"

namespace podplay::agent {
namespace {

using test::alias;
using test::app_password;
using test::domain;
using test::gone;
using test::mailbox;

class ReplicaTest : public testing::Test {
 protected:
  void SetUp() override {
    options_ = {.path = folder_ / "replica/replica.db",
                .users = folder_ / "users",
                .deleted = folder_ / "deleted",
                .owners = folder_ / "owners/owners.db"};
    open();
  }
  void open() {
    replica_.reset();
    auto opened = Replica::open(options_, files_, silent_logger());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    replica_ = std::move(*opened);
  }
  FeedBatch batch(std::vector<FeedRow> rows, bool complete = true) const {
    const std::uint64_t seq = rows.empty() ? replica_->position().seq : rows.back().seq;
    return {.generation = generation_,
            .epoch = "epoch",
            .rows = std::move(rows),
            .seq = seq,
            .complete = complete,
            .revision = seq};
  }
  Replica::Applied apply(std::vector<FeedRow> rows, bool complete = true) {
    auto applied = replica_->apply(batch(std::move(rows), complete));
    EXPECT_TRUE(applied.has_value()) << applied.error().message;
    return applied.value_or(Replica::Applied{});
  }
  std::string ask(const std::string& sql) {
    sqlite3* database = nullptr;
    sqlite3_open_v2(options_.path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
    std::string result;
    const auto row = [](void* into, int count, char** values, char**) {
      for (int i = 0; i < count; ++i) {
        static_cast<std::string*>(into)
            ->append(values[i] != nullptr ? values[i] : "NULL")
            .append(i + 1 < count ? "|" : "\n");
      }
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), row, &result, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
    return result;
  }

  Folder folder_;
  RealFiles files_;
  ReplicaOptions options_;
  std::string generation_ = "first";
  std::unique_ptr<Replica> replica_;
};

TEST_F(ReplicaTest, AppliesEveryKindOfRow) {
  apply({domain(1, "a.test"), mailbox(2, "u@a.test"),
         alias(3, "info@a.test", {"u@a.test", "x@b.test"}), domain(4, "off.test", false)});
  EXPECT_EQ(ask("SELECT name FROM domains"), "a.test\n");
  EXPECT_EQ(ask("SELECT email, quota, enabled FROM mailboxes"), "u@a.test|1000|1\n");
  EXPECT_EQ(ask("SELECT address, target FROM routes WHERE own = 0 ORDER BY 2"),
            "info@a.test|u@a.test\ninfo@a.test|x@b.test\n");
  EXPECT_EQ(ask("SELECT seq, revision, complete FROM meta"), "4|4|1\n");

  apply({alias(5, "info@a.test", {"u@a.test"}), gone<DomainRow>(6, "a.test")});
  EXPECT_EQ(ask("SELECT target FROM routes WHERE own = 0"), "u@a.test\n");
  EXPECT_EQ(ask("SELECT count(*) FROM domains"), "0\n");
}

using Ended = std::vector<std::pair<std::string, std::string>>;

TEST_F(ReplicaTest, AnAppPasswordIsFoundByItsHashUntilItIsRevoked) {
  const auto made = apply({mailbox(1, "u@a.test"), app_password(2, "40", "u@a.test")});
  EXPECT_TRUE(made.ended_app_passwords.empty());
  EXPECT_EQ(ask("SELECT id, email, owner, protocols FROM app_passwords WHERE hash = 'hash of 40'"),
            "40|u@a.test|7| imap smtp \n");
  EXPECT_EQ(ask("EXPLAIN QUERY PLAN SELECT id FROM app_passwords WHERE hash = 'x'")
                    .find("app_passwords_by_hash") != std::string::npos,
            true);
  // The same row again ends nothing.
  EXPECT_TRUE(apply({app_password(3, "40", "u@a.test")}).ended_app_passwords.empty());
  const auto revoked = apply({gone<AppPasswordRow>(4, "40")});
  EXPECT_EQ(revoked.ended_app_passwords, (Ended{{"40", "u@a.test"}}));
  EXPECT_TRUE(revoked.ended.empty()) << "sessions of other passwords go on";
  EXPECT_EQ(ask("SELECT count(*) FROM app_passwords"), "0\n");
}

TEST_F(ReplicaTest, AnAppPasswordThatAResyncDoesNotNameEnds) {
  apply({mailbox(1, "u@a.test"), app_password(2, "40", "u@a.test"),
         app_password(3, "41", "u@a.test")});
  generation_ = "second";
  const auto applied = apply({mailbox(1, "u@a.test"), app_password(2, "41", "u@a.test")});
  EXPECT_EQ(applied.ended_app_passwords, (Ended{{"40", "u@a.test"}}));
  EXPECT_EQ(ask("SELECT id FROM app_passwords"), "41\n");
}

TEST_F(ReplicaTest, APasswordThatLeavesTheReplicaEndsItsSessions) {
  apply({mailbox(1, "u@a.test")});
  const auto applied = apply({mailbox(2, "u@a.test", {.password_hash = "", .quota = 1000})});
  EXPECT_EQ(applied.ended, std::vector<std::string>{"u@a.test"});
  EXPECT_EQ(ask("SELECT password FROM mailboxes"), "\n");
}

TEST_F(ReplicaTest, ResumesWhereItWas) {
  apply({mailbox(1, "a@a.test"), mailbox(2, "b@a.test")}, false);
  EXPECT_FALSE(replica_->complete());
  open();
  EXPECT_EQ(replica_->position().seq, 2U);
  EXPECT_FALSE(replica_->complete());
  apply({mailbox(3, "c@a.test")});
  EXPECT_TRUE(replica_->complete());
  EXPECT_EQ(ask("SELECT count(*) FROM mailboxes"), "3\n");
}

TEST_F(ReplicaTest, MailOfADeletedMailboxIsPutAside) {
  apply({mailbox(1, "u@a.test")});
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  const auto applied = apply({gone<MailboxRow>(2, "u@a.test")});
  EXPECT_EQ(applied.ended, std::vector<std::string>{"u@a.test"})
      << "sessions end before the folder goes";
  ASSERT_TRUE(replica_->put_aside_deleted());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "users/u@a.test"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "deleted/u@a.test-2/mail/cur"));
  EXPECT_EQ(ask("SELECT count(*) FROM moves"), "0\n");
}

MailboxRow owned_by(std::int64_t owner) {
  return {.password_hash = "$argon2id$v=19$x", .quota = 1000, .owner = owner};
}

TEST_F(ReplicaTest, ANewOwnerOfAnAddressDoesNotGetTheMailOfTheOneBefore) {
  apply({mailbox(1, "u@a.test", owned_by(7))});
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  // The mailbox was deleted and made again before the agent asked, so the agent never saw its
  // deletion.
  FeedRow second = mailbox(3, "u@a.test", owned_by(8));
  EXPECT_EQ(apply({second}).ended, std::vector<std::string>{"u@a.test"});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "users/u@a.test"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "deleted/u@a.test-3/mail/cur"));
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  second.seq = second.revision = 4;
  std::get<MailboxRow>(second.content).quota = 5;
  EXPECT_TRUE(apply({second}).ended.empty());
  EXPECT_TRUE(std::filesystem::exists(folder_ / "users/u@a.test/mail/cur"))
      << "the same owner keeps it";
}

TEST_F(ReplicaTest, ANewOwnerDoesNotGetThatMailAfterTheReplicaWasLostEither) {
  apply({mailbox(1, "u@a.test", owned_by(7))});
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  replica_.reset();
  std::filesystem::remove_all(folder_ / "replica");
  open();
  generation_ = "restored";
  apply({mailbox(2, "u@a.test", owned_by(8))});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "users/u@a.test"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "deleted/u@a.test-2/mail/cur"));
}

TEST_F(ReplicaTest, ANewOwnerDoesNotGetThatMailFromARestoredVolumeEither) {
  apply({mailbox(1, "u@a.test", owned_by(7)), mailbox(1, "v@a.test", owned_by(9))});
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  replica_.reset();
  std::filesystem::copy(folder_ / "owners", folder_ / "backup",
                        std::filesystem::copy_options::recursive);
  open();
  apply({mailbox(2, "u@a.test", owned_by(8))});
  replica_.reset();
  // They are on one volume.
  std::filesystem::remove_all(folder_ / "owners");
  std::filesystem::remove_all(folder_ / "deleted");
  std::filesystem::rename(folder_ / "backup", folder_ / "owners");
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  open();
  EXPECT_TRUE(replica_->complete()) << "others go on";
  EXPECT_EQ(replica_->position().seq, 0U) << "all rows come again";
  EXPECT_EQ(ask("SELECT email, enabled FROM mailboxes ORDER BY 1"), "u@a.test|0\nv@a.test|1\n");
  EXPECT_THAT(replica_->damage(), testing::HasSubstr("different owners (mailboxes: 1)"));
  apply({mailbox(2, "u@a.test", owned_by(8))});
  EXPECT_EQ(ask("SELECT enabled FROM mailboxes WHERE email = 'u@a.test'"), "1\n");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "users/u@a.test"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "deleted/u@a.test-2/mail/cur"));
}

TEST_F(ReplicaTest, ARestoredReplicaMovesNoMailOfTheOwnerOfToday) {
  apply({mailbox(1, "u@a.test", owned_by(7))});
  replica_.reset();
  std::filesystem::copy(folder_ / "replica", folder_ / "backup",
                        std::filesystem::copy_options::recursive);
  open();
  apply({mailbox(2, "u@a.test", owned_by(8))});
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  replica_.reset();
  std::filesystem::remove_all(folder_ / "replica");
  std::filesystem::rename(folder_ / "backup", folder_ / "replica");
  open();
  EXPECT_EQ(replica_->position().seq, 0U);
  EXPECT_EQ(ask("SELECT enabled FROM mailboxes"), "0\n");
  apply({mailbox(2, "u@a.test", owned_by(8))});
  EXPECT_EQ(ask("SELECT enabled FROM mailboxes"), "1\n");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "users/u@a.test/mail/cur"));
}

TEST_F(ReplicaTest, OwnersThatWereLostAreThoseOfTheReplica) {
  for (const bool damaged : {false, true}) {
    generation_ = damaged ? "second" : "first";
    apply({mailbox(1, "u@a.test", owned_by(7))});
    std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
    replica_.reset();
    if (damaged) {
      ASSERT_TRUE(files_.write_atomic(options_.owners, std::string(8192, 'x'), 0600, {}));
    } else {
      std::filesystem::remove_all(folder_ / "owners");
    }
    open();
    EXPECT_TRUE(replica_->complete()) << "the replica is as it was";
    EXPECT_EQ(std::filesystem::exists(options_.owners + ".damaged"), damaged);
    const std::uint64_t revision = damaged ? 3 : 2;
    apply({mailbox(revision, "u@a.test", owned_by(8))});
    EXPECT_FALSE(std::filesystem::exists(folder_ / "users/u@a.test")) << damaged;
    EXPECT_TRUE(std::filesystem::exists(folder_ / fmt::format("deleted/u@a.test-{}", revision)));
  }
}

TEST_F(ReplicaTest, DamagedOwnersAreFoundWhileTheAgentRuns) {
  apply({mailbox(1, "u@a.test", owned_by(7))});
  for (const char* suffix : {"", "-wal"}) {
    test::damage(options_.owners + suffix);
  }
  const Status damaged = replica_->check();
  ASSERT_FALSE(damaged.has_value());
  EXPECT_EQ(damaged.error().code, "directory_damaged");
}

TEST_F(ReplicaTest, ADeletionWhoseMailCouldNotBePutAsideIsDoneBeforeTheAddressIsUsedAgain) {
  apply({mailbox(1, "u@a.test")});
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  apply({gone<MailboxRow>(2, "u@a.test")});
  ASSERT_TRUE(files_.write_atomic(folder_ / "deleted", "in the way", 0644, {}));
  ASSERT_TRUE(replica_->put_aside_deleted()) << "said, not fatal";
  const auto applied = apply({mailbox(3, "u@a.test"), mailbox(4, "other@a.test")});
  EXPECT_EQ(replica_->position().seq, 4U) << "the row of one mailbox does not stop others";
  ASSERT_EQ(applied.held_back.size(), 1U);
  const FeedRow& held_back = applied.held_back.front().row;
  EXPECT_EQ(held_back.key, "u@a.test");
  EXPECT_EQ(ask("SELECT email, enabled FROM mailboxes ORDER BY 1"), "other@a.test|1\nu@a.test|0\n")
      << "the next owner would get it";
  EXPECT_FALSE(replica_->try_again(held_back));
  ASSERT_TRUE(replica_->set_aside(held_back, "dovecot", applied.held_back.front().why));
  EXPECT_EQ(*replica_->count_set_aside(), 1U);
  std::filesystem::remove(folder_ / "deleted");
  ASSERT_TRUE(replica_->try_again(held_back));
  EXPECT_EQ(*replica_->count_set_aside(), 0U);
  EXPECT_EQ(ask("SELECT enabled FROM mailboxes WHERE email = 'u@a.test'"), "1\n");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "deleted/u@a.test-2/mail/cur"));
}

TEST_F(ReplicaTest, field_case_04_TheLongestAddressCanBeDeletedAndMadeAgain) {
  const std::string email = std::string(64, 'u') + "@" + std::string(185, 'd') + ".tld";
  ASSERT_EQ(email.size(), 254U);
  for (std::uint64_t seq : {100U, 102U}) {
    apply({mailbox(seq, email)});
    std::filesystem::create_directories(folder_ / ("users/" + email + "/mail/cur"));
    apply({gone<MailboxRow>(seq + 1, email)});
    ASSERT_TRUE(replica_->put_aside_deleted());
    EXPECT_FALSE(std::filesystem::exists(folder_ / ("users/" + email)));
  }
  EXPECT_TRUE(std::filesystem::exists(folder_ / ("deleted/~101/" + email + "/mail/cur")));
  EXPECT_TRUE(std::filesystem::exists(folder_ / ("deleted/~103/" + email + "/mail/cur")));
  EXPECT_EQ(ask("SELECT count(*) FROM moves"), "0\n");
}

TEST_F(ReplicaTest, TellsWhoseSessionsEnd) {
  apply({mailbox(1, "u@a.test"), domain(2, "a.test")});
  EXPECT_TRUE(replica_->has_domain("a.test").value());
  EXPECT_FALSE(replica_->has_domain("b.test").value());
  FeedRow row = mailbox(3, "u@a.test");
  std::get<MailboxRow>(row.content).quota = 7;
  EXPECT_TRUE(apply({row}).ended.empty());
  row.seq = row.revision = 4;
  std::get<MailboxRow>(row.content).password_hash = "$argon2id$v=19$another";
  EXPECT_EQ(apply({row}).ended.size(), 1U);
  row.seq = row.revision = 5;
  std::get<MailboxRow>(row.content).enabled = false;
  EXPECT_EQ(apply({row}).ended.size(), 1U);
}

TEST_F(ReplicaTest, ASmallerQuotaMarksAMailboxAsNearlyFull) {
  const auto marked = [this] { return ask("SELECT email FROM mailboxes WHERE nearly_full = 1"); };
  apply({mailbox(1, "u@a.test")});
  EXPECT_EQ(marked(), "");
  FeedRow less = mailbox(2, "u@a.test");
  std::get<MailboxRow>(less.content).quota = 10;
  apply({less});
  EXPECT_EQ(marked(), "u@a.test\n") << "what fitted may not fit any more";
  apply({gone<MailboxRow>(3, "u@a.test")});
  EXPECT_EQ(marked(), "");
}

TEST_F(ReplicaTest, AMailboxAndAnAliasOfOneAddressKeepTheirOwnRoutes) {
  apply({mailbox(1, "u@a.test"), alias(2, "u@a.test", {"x@b.test", "u@a.test"})});
  EXPECT_EQ(ask("SELECT target, own FROM routes ORDER BY 1"), "u@a.test|1\nx@b.test|0\n");
  apply({gone<AliasRow>(3, "u@a.test")});
  EXPECT_EQ(ask("SELECT target, own FROM routes"), "u@a.test|1\n");
  apply({gone<MailboxRow>(4, "u@a.test")});
  EXPECT_EQ(ask("SELECT count(*) FROM routes"), "0\n");
}

TEST_F(ReplicaTest, AnotherGenerationIsFetchedAnewWhileReadersKeepTheOld) {
  apply({mailbox(10, "kept@a.test"), mailbox(11, "dropped@a.test")});
  std::filesystem::create_directories(folder_ / "users/dropped@a.test/mail");
  generation_ = "restored";
  EXPECT_TRUE(apply({mailbox(1, "kept@a.test")}, false).restarted);
  EXPECT_EQ(replica_->position().seq, 1U);
  EXPECT_EQ(replica_->position().generation, "restored");
  // A crash in between.
  open();
  EXPECT_EQ(ask("SELECT count(*) FROM mailboxes"), "2\n");
  apply({mailbox(3, "new@a.test")});
  EXPECT_EQ(ask("SELECT email FROM mailboxes ORDER BY 1"), "kept@a.test\nnew@a.test\n");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "users/dropped@a.test/mail"))
      << "a restored store is no reason to move mail";
}

TEST_F(ReplicaTest, RowsForDaemonsStayUntilTheyAreServed) {
  apply({test::site(1, "a.test", "v1"), test::rrset(2, "a.test @ NS", {"ns1.a.test."}),
         test::rrset(3, "a.test www A", {"192.0.2.1"}), test::zone(4, "a.test", 10)});
  auto rows = replica_->unproven(10);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2U) << "RRsets come with their zone";
  EXPECT_EQ(rows->at(0).kind(), RowKind::site);
  for (const FeedRow& row : *rows) {
    ASSERT_TRUE(replica_->mark_served(row));
  }
  EXPECT_TRUE(replica_->unproven(10)->empty());

  apply({test::gone<RrsetRow>(5, "a.test www A"), test::zone(6, "a.test", 11)});
  const auto kept = replica_->rows(RowKind::rrset, "a.test ");
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 2U) << "what was deleted is known until the daemon has dropped it";
  EXPECT_TRUE(kept->at(1).row.deleted);
  EXPECT_TRUE(kept->at(1).served.has_value());
  ASSERT_TRUE(replica_->mark_served(replica_->unproven(10)->at(0)));
  EXPECT_EQ(replica_->rows(RowKind::rrset, "a.test ")->size(), 1U);

  apply({gone<ZoneRow>(7, "a.test")});
  const FeedRow dropped = replica_->unproven(10)->at(0);
  EXPECT_TRUE(dropped.deleted);
  ASSERT_TRUE(replica_->mark_served(dropped));
  EXPECT_EQ(ask("SELECT count(*) FROM rows WHERE kind <> 'site'"), "0\n");
}

TEST_F(ReplicaTest, ARowThatChangedMeanwhileIsNotServed) {
  apply({test::site(1, "a.test", "v1")});
  const FeedRow before = replica_->unproven(1)->at(0);
  apply({test::site(2, "a.test", "v2")});
  ASSERT_TRUE(replica_->mark_served(before));
  ASSERT_TRUE(replica_->set_aside(before, "apache", "too late"));
  ASSERT_EQ(replica_->unproven(1)->size(), 1U);
  EXPECT_EQ(replica_->unproven(1)->at(0).seq, 2U);
}

TEST_F(ReplicaTest, ARowThatIsSetAsideWaitsUntilItChangesOrIsTriedAgain) {
  apply({test::site(1, "bad.test", "v1"), test::site(2, "good.test", "v1")});
  ASSERT_TRUE(replica_->set_aside(replica_->unproven(1)->at(0), "apache", "no such file"));
  ASSERT_EQ(replica_->unproven(10)->size(), 1U);
  EXPECT_EQ(replica_->unproven(10)->at(0).key, "good.test");
  EXPECT_EQ(*replica_->count_set_aside(), 1U);
  EXPECT_EQ(replica_->set_aside_rows(10)->at(0).message, "no such file");
  ASSERT_TRUE(replica_->retry_set_aside());
  EXPECT_EQ(replica_->unproven(10)->size(), 2U);
  EXPECT_EQ(replica_->changed(0, 10)->size(), 1U) << "what is only tried again holds up nothing";
  apply({test::site(3, "bad.test", "v2")});
  EXPECT_EQ(replica_->changed(0, 10)->size(), 2U);
}

TEST_F(ReplicaTest, ChallengesComeApartFromAllOthers) {
  using Rows = Replica::Rows;
  apply({test::site(1, "a.test", "v1"), test::http_challenge(2, "token", "a.test")});
  ASSERT_EQ(replica_->changed(0, 10)->size(), 1U);
  ASSERT_EQ(replica_->unproven(10)->size(), 1U);
  const auto challenges = replica_->changed(0, 10, Rows::challenges);
  ASSERT_EQ(challenges->size(), 1U);
  EXPECT_EQ(std::get<ChallengeRow>(challenges->at(0).content).key_authorization, "token.print");
  ASSERT_TRUE(replica_->mark_served(challenges->at(0)));
  EXPECT_TRUE(replica_->unproven(10, Rows::challenges)->empty());
  EXPECT_EQ(replica_->unproven(10)->size(), 1U);
}

TEST_F(ReplicaTest, ChallengesThatARestoredStoreDoesNotKnowAreDeleted) {
  apply({test::http_challenge(1, "kept", "a.test"), test::tls_challenge(2, "lost", "a.test")});
  for (const FeedRow& row : *replica_->unproven(10, Replica::Rows::challenges)) {
    ASSERT_TRUE(replica_->mark_served(row));
  }
  generation_ = "restored";
  apply({test::http_challenge(3, "kept", "a.test")});
  const auto rows = replica_->unproven(10, Replica::Rows::challenges);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->at(0).key, "lost");
  EXPECT_TRUE(rows->at(0).deleted);
}

TEST_F(ReplicaTest, PostfixIsShownWhatWasServedWhenACertificateIsRefused) {
  const auto certificate = [](std::uint64_t seq, const std::string& version,
                              std::vector<std::string> names) {
    return test::row(seq, "a.test", CertificateRow{.version = version, .names = std::move(names)});
  };
  const std::string all = "SELECT name, certificate, version FROM sni ORDER BY name";
  const FeedRow old = certificate(1, "old", {"a.test"});
  apply({old});
  EXPECT_FALSE(replica_->was_ever_served(old).value());
  ASSERT_TRUE(replica_->mark_served(old));
  EXPECT_TRUE(replica_->was_served(old).value());
  const FeedRow next = certificate(2, "new", {"*.a.test", "a.test"});
  apply({next});
  EXPECT_FALSE(replica_->was_served(next).value());
  EXPECT_TRUE(replica_->was_ever_served(next).value());
  EXPECT_EQ(ask(all), ".a.test|a.test|new\na.test|a.test|new\n");
  ASSERT_TRUE(replica_->present_served(next));
  EXPECT_EQ(ask(all), "a.test|a.test|old\n");
  ASSERT_TRUE(replica_->present(next));
  EXPECT_EQ(ask(all), ".a.test|a.test|new\na.test|a.test|new\n");

  ASSERT_TRUE(replica_->mark_served(next));
  ASSERT_TRUE(replica_->doubt(next));
  ASSERT_TRUE(replica_->present_served(next));
  EXPECT_EQ(ask(all), ".a.test|a.test|new\na.test|a.test|new\n") << "a doubt forgets nothing";

  const FeedRow first = test::row(3, "b.test", CertificateRow{.version = "x", .names = {"b.test"}});
  apply({first});
  ASSERT_TRUE(replica_->present_served(first));
  EXPECT_EQ(ask(all + " LIMIT -1 OFFSET 2"), "") << "it was never served";
}

TEST_F(ReplicaTest, FilesAreForTheGroup) {
  apply({mailbox(1, "u@a.test")});
  struct stat info{};
  for (const char* suffix : {"", "-wal", "-shm"}) {
    ASSERT_EQ(::stat((options_.path + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 07777, 0660U) << suffix;
  }
  ASSERT_EQ(::stat((folder_ / "replica").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 02770U);
}

TEST_F(ReplicaTest, ALinkInAFilesPlaceIsRemovedAndNotFollowed) {
  const std::string victim = folder_ / "victim";
  ASSERT_TRUE(files_.write_atomic(victim, "mine", 0600, {}).has_value());
  for (const char* suffix : {"-shm", "-wal", ""}) {
    replica_.reset();
    const std::string path = options_.path + suffix;
    std::filesystem::remove(path);
    std::filesystem::create_symlink(victim, path);
    auto opened = Replica::open(options_, files_, silent_logger());
    ASSERT_TRUE(opened.has_value()) << suffix << ": " << describe(opened.error());
    replica_ = std::move(*opened);
    apply({mailbox(1, "u@a.test")});
    EXPECT_FALSE(std::filesystem::is_symlink(path)) << path;
    EXPECT_EQ(files_.read(victim).value_or(""), "mine") << path;
    struct stat info{};
    ASSERT_EQ(::stat(victim.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600U) << path;
  }
}

TEST_F(ReplicaTest, DamageIsFoundAndNamed) {
  apply({mailbox(1, "u@a.test")});
  EXPECT_TRUE(replica_->check().has_value());
  for (const char* suffix : {"", "-wal"}) {
    test::damage(options_.path + suffix);
  }
  const Status damaged = replica_->check();
  ASSERT_FALSE(damaged.has_value());
  EXPECT_EQ(damaged.error().code, "directory_damaged");
}

TEST_F(ReplicaTest, OnePageOfDataIsDamageEnoughForANewFile) {
  std::vector<FeedRow> rows;
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    rows.push_back(mailbox(i, fmt::format("u{}@a.test", i)));
  }
  apply(std::move(rows));
  // Everything is in the one file now.
  replica_.reset();
  test::damage(options_.path, std::filesystem::file_size(options_.path) / 4096 / 2 * 4096, 4096);
  open();
  EXPECT_EQ(replica_->position().seq, 0U) << "else the agent would end again and again";
}

TEST_F(ReplicaTest, ADamagedFileIsMadeAnew) {
  replica_.reset();
  ASSERT_TRUE(files_.write_atomic(options_.path, std::string(8192, 'x'), 0660, {}).has_value());
  open();
  EXPECT_EQ(replica_->position().seq, 0U);
}

// Looks rows up on one connection without any busy timeout, as Postfix does, until the stop file
// exists. The exit code is the number of failures.
int read_until(const std::string& database, const std::string& stop) {
  sqlite3* reader = nullptr;
  if (sqlite3_open_v2(database.c_str(), &reader, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) {
    return 100;
  }
  int failures = 0;
  int looks = 0;
  double slowest = 0;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(reader, "SELECT password FROM mailboxes WHERE email = 'first@a.test'", -1,
                         &statement, nullptr) != SQLITE_OK) {
    return 101;
  }
  while (!std::filesystem::exists(stop) || looks < 100) {
    const auto began = std::chrono::steady_clock::now();
    if (sqlite3_step(statement) != SQLITE_ROW) {
      ++failures;
    }
    sqlite3_reset(statement);
    slowest = std::max(
        slowest, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
                     .count());
    ++looks;
  }
  sqlite3_finalize(statement);
  sqlite3_close(reader);
  fmt::print("reader: {} look-ups, {} failed, slowest {:.1f} ms\n", looks, failures, slowest);
  // A reader waits for the processor, never for the writer.
  if (slowest > 2000) {
    return 102;
  }
  std::fflush(stdout);
  return std::min(failures, 99);
}

TEST_F(ReplicaTest, ReadersNeverFailWhileTenThousandRowsStreamIn) {
  apply({mailbox(1, "first@a.test")});
  std::vector<pid_t> readers;
  for (int i = 0; i < 3; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::_exit(read_until(options_.path, folder_ / "stop"));
    }
    readers.push_back(pid);
  }
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t seq = 2;
  for (int batch = 0; batch < 10; ++batch) {
    std::vector<FeedRow> rows;
    for (int i = 0; i < 1000; ++i, ++seq) {
      rows.push_back(mailbox(seq, fmt::format("user{}@a.test", seq)));
    }
    apply(std::move(rows), batch == 9);
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  fmt::print("10000 rows in {} ms\n", took.count());
  ASSERT_TRUE(files_.write_atomic(folder_ / "stop", "", 0644, {}).has_value());
  for (const pid_t reader : readers) {
    int status = 0;
    ::waitpid(reader, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  EXPECT_EQ(ask("SELECT count(*) FROM mailboxes"), "10001\n");
  EXPECT_LT(took.count(), 10000);
}

}  // namespace
}  // namespace podplay::agent
