// The replica: rows, resuming, resync, mail put aside, and readers that never fail while rows
// stream in.
#include "agent/replica/mail_replica.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>

#include "agent/fakes.hpp"
#include "base/test_folder.hpp"

namespace podplay::agent {
namespace {

DirectoryRow mailbox(std::uint64_t seq, const std::string& email) {
  return {seq, seq, DirectoryKind::mailbox, email, false, true, "$argon2id$v=19$x", 1000, {}};
}
DirectoryRow gone(std::uint64_t seq, DirectoryKind kind, const std::string& key) {
  return {seq, seq, kind, key, true, false, "", 0, {}};
}

class MailReplicaTest : public testing::Test {
 protected:
  void SetUp() override {
    options_ = {folder_ / "directory/mail.db", "", folder_ / "users", folder_ / "deleted"};
    open();
  }
  void open() {
    replica_.reset();
    auto opened = MailReplica::open(options_, files_, silent_logger());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    replica_ = std::move(*opened);
  }
  MailReplica::Applied apply(std::vector<DirectoryRow> rows, bool complete = true) {
    const std::uint64_t seq = rows.empty() ? replica_->seq() : rows.back().seq;
    auto applied = replica_->apply({std::move(rows), seq, complete, seq});
    EXPECT_TRUE(applied.has_value()) << applied.error().message;
    return applied.value_or(MailReplica::Applied{});
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
  std::unique_ptr<MailReplica> replica_;
};

TEST_F(MailReplicaTest, AppliesEveryKindOfRow) {
  apply({{1, 1, DirectoryKind::domain, "a.test", false, true, "", 0, {}},
         mailbox(2, "u@a.test"),
         {3, 3, DirectoryKind::alias, "info@a.test", false, true, "", 0, {"u@a.test", "x@b.test"}},
         {4, 4, DirectoryKind::domain, "off.test", false, false, "", 0, {}}});
  EXPECT_EQ(ask("SELECT name FROM domains"), "a.test\n");
  EXPECT_EQ(ask("SELECT email, quota, enabled FROM mailboxes"), "u@a.test|1000|1\n");
  EXPECT_EQ(ask("SELECT address, target FROM routes WHERE own = 0 ORDER BY 2"),
            "info@a.test|u@a.test\ninfo@a.test|x@b.test\n");
  EXPECT_EQ(ask("SELECT seq, revision, complete FROM meta"), "4|4|1\n");

  apply({{5, 5, DirectoryKind::alias, "info@a.test", false, true, "", 0, {"u@a.test"}},
         gone(6, DirectoryKind::domain, "a.test")});
  EXPECT_EQ(ask("SELECT target FROM routes WHERE own = 0"), "u@a.test\n");
  EXPECT_EQ(ask("SELECT count(*) FROM domains"), "0\n");
}

TEST_F(MailReplicaTest, ResumesWhereItWas) {
  apply({mailbox(1, "a@a.test"), mailbox(2, "b@a.test")}, false);
  EXPECT_FALSE(replica_->complete());
  open();
  EXPECT_EQ(replica_->seq(), 2U);
  EXPECT_FALSE(replica_->complete());
  apply({mailbox(3, "c@a.test")});
  EXPECT_TRUE(replica_->complete());
  EXPECT_EQ(ask("SELECT count(*) FROM mailboxes"), "3\n");
}

TEST_F(MailReplicaTest, MailOfADeletedMailboxIsPutAside) {
  apply({mailbox(1, "u@a.test")});
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  const auto applied = apply({gone(2, DirectoryKind::mailbox, "u@a.test")});
  EXPECT_EQ(applied.ended, std::vector<std::string>{"u@a.test"})
      << "sessions end before the folder goes";
  ASSERT_TRUE(replica_->put_aside_deleted());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "users/u@a.test"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "deleted/u@a.test-2/mail/cur"));
  EXPECT_EQ(ask("SELECT count(*) FROM moves"), "0\n");
}

TEST_F(MailReplicaTest, ANewOwnerOfAnAddressDoesNotGetTheMailOfTheOneBefore) {
  DirectoryRow first = mailbox(1, "u@a.test");
  first.owner = 7;
  apply({first});
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  // deleted and made again before we asked: its deletion was never seen
  DirectoryRow second = mailbox(3, "u@a.test");
  second.owner = 8;
  EXPECT_EQ(apply({second}).ended, std::vector<std::string>{"u@a.test"});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "users/u@a.test"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "deleted/u@a.test-3/mail/cur"));
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  second.seq = second.revision = 4;
  second.quota = 5;
  EXPECT_TRUE(apply({second}).ended.empty());
  EXPECT_TRUE(std::filesystem::exists(folder_ / "users/u@a.test/mail/cur"))
      << "the same owner keeps it";
}

TEST_F(MailReplicaTest, ADeletionWhoseMailCouldNotBePutAsideIsDoneBeforeTheAddressIsUsedAgain) {
  apply({mailbox(1, "u@a.test")});
  std::filesystem::create_directories(folder_ / "users/u@a.test/mail/cur");
  apply({gone(2, DirectoryKind::mailbox, "u@a.test")});
  ASSERT_TRUE(files_.write_atomic(folder_ / "deleted", "in the way", 0644, {}));
  ASSERT_TRUE(replica_->put_aside_deleted()) << "said, not fatal";
  const auto refused = replica_->apply({{mailbox(3, "u@a.test")}, 3, true, 3});
  ASSERT_FALSE(refused) << "the next owner would get it";
  EXPECT_EQ(replica_->seq(), 2U);
  std::filesystem::remove(folder_ / "deleted");
  apply({mailbox(3, "u@a.test")});
  EXPECT_TRUE(std::filesystem::exists(folder_ / "deleted/u@a.test-2/mail/cur"));
}

TEST_F(MailReplicaTest, TellsWhoseSessionsEnd) {
  apply({mailbox(1, "u@a.test"), {2, 2, DirectoryKind::domain, "a.test", false, true, "", 0, {}}});
  EXPECT_TRUE(replica_->has_domain("a.test"));
  EXPECT_FALSE(replica_->has_domain("b.test"));
  DirectoryRow row = mailbox(3, "u@a.test");
  row.quota = 7;
  EXPECT_TRUE(apply({row}).ended.empty());
  row.seq = row.revision = 4;
  row.password_hash = "$argon2id$v=19$another";
  EXPECT_EQ(apply({row}).ended.size(), 1U);
  row.seq = row.revision = 5;
  row.enabled = false;
  EXPECT_EQ(apply({row}).ended.size(), 1U);
}

TEST_F(MailReplicaTest, NearlyFullMailboxesAreMarkedByDovecotAndBySmallerQuotas) {
  const auto marked = [this] { return ask("SELECT email FROM mailboxes WHERE nearly_full = 1"); };
  apply({mailbox(1, "u@a.test")});
  ASSERT_TRUE(MailReplica::mark_nearly_full(options_.path, "u@a.test", true));
  ASSERT_TRUE(MailReplica::mark_nearly_full(options_.path, "u@a.test", true)) << "again is fine";
  EXPECT_EQ(marked(), "u@a.test\n");
  ASSERT_TRUE(MailReplica::mark_nearly_full(options_.path, "u@a.test", false));
  EXPECT_EQ(marked(), "");
  DirectoryRow less = mailbox(2, "u@a.test");
  less.quota = 10;
  apply({less});
  EXPECT_EQ(marked(), "u@a.test\n") << "what fitted may not fit any more";
  apply({gone(3, DirectoryKind::mailbox, "u@a.test")});
  EXPECT_EQ(marked(), "");
  EXPECT_FALSE(MailReplica::mark_nearly_full(folder_ / "missing.db", "u@a.test", true));
}

TEST_F(MailReplicaTest, AFileOfAnOlderVersionKeepsItsRowsAndMarks) {
  apply({mailbox(1, "full@a.test"), mailbox(2, "empty@a.test")});
  replica_.reset();
  ask("ALTER TABLE mailboxes DROP COLUMN nearly_full");
  ask("ALTER TABLE mailboxes DROP COLUMN owner");
  ask("CREATE TABLE nearly_full (email TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO nearly_full "
      "VALUES ('full@a.test')");
  ask("DROP TABLE routes; CREATE TABLE aliases (address TEXT, target TEXT, PRIMARY KEY (address, "
      "target)) WITHOUT ROWID;"
      "INSERT INTO aliases VALUES ('info@a.test', 'full@a.test')");
  open();
  // done once
  open();
  EXPECT_EQ(ask("SELECT email FROM mailboxes WHERE nearly_full = 1 AND owner = 0"),
            "full@a.test\n");
  EXPECT_EQ(ask("SELECT count(*) FROM mailboxes"), "2\n");
  EXPECT_EQ(ask("SELECT address, target, own FROM routes ORDER BY 1"),
            "empty@a.test|empty@a.test|1\nfull@a.test|full@a.test|1\ninfo@a.test|full@a.test|0\n");
  apply({gone(3, DirectoryKind::mailbox, "empty@a.test")});
  EXPECT_EQ(ask("SELECT address, target FROM aliases"), "info@a.test|full@a.test\n")
      << "its release still asks so";
  EXPECT_EQ(ask("SELECT email FROM nearly_full"), "full@a.test\n");
}

TEST_F(MailReplicaTest, AMailboxAndAnAliasOfOneAddressKeepTheirOwnRoutes) {
  apply({mailbox(1, "u@a.test"),
         {2, 2, DirectoryKind::alias, "u@a.test", false, true, "", 0, {"x@b.test", "u@a.test"}}});
  EXPECT_EQ(ask("SELECT target, own FROM routes ORDER BY 1"), "u@a.test|1\nx@b.test|0\n");
  apply({gone(3, DirectoryKind::alias, "u@a.test")});
  EXPECT_EQ(ask("SELECT target, own FROM routes"), "u@a.test|1\n");
  apply({gone(4, DirectoryKind::mailbox, "u@a.test")});
  EXPECT_EQ(ask("SELECT count(*) FROM routes"), "0\n");
}

TEST_F(MailReplicaTest, AReplacedStoreIsFetchedAnewWhileReadersKeepTheOld) {
  apply({mailbox(10, "kept@a.test"), mailbox(11, "dropped@a.test")});
  std::filesystem::create_directories(folder_ / "users/dropped@a.test/mail");
  const auto restarted = replica_->apply({{}, 3, true, 3});
  ASSERT_TRUE(restarted.has_value());
  EXPECT_TRUE(restarted->restarted);
  EXPECT_EQ(replica_->seq(), 0U);
  EXPECT_EQ(ask("SELECT count(*) FROM mailboxes"), "2\n");
  apply({mailbox(1, "kept@a.test")}, false);
  // a crash in between
  open();
  EXPECT_EQ(ask("SELECT count(*) FROM mailboxes"), "2\n");
  apply({mailbox(3, "new@a.test")});
  EXPECT_EQ(ask("SELECT email FROM mailboxes ORDER BY 1"), "kept@a.test\nnew@a.test\n");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "users/dropped@a.test/mail"))
      << "a replaced store is no reason to move mail";
}

TEST_F(MailReplicaTest, FilesAreForTheGroup) {
  apply({mailbox(1, "u@a.test")});
  struct stat info{};
  for (const char* suffix : {"", "-wal", "-shm"}) {
    ASSERT_EQ(::stat((options_.path + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 07777, 0660U) << suffix;
  }
  ASSERT_EQ(::stat((folder_ / "directory").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 02770U);
}

TEST_F(MailReplicaTest, DamageIsFoundAndNamed) {
  apply({mailbox(1, "u@a.test")});
  EXPECT_TRUE(replica_->check().has_value());
  for (const char* suffix : {"", "-wal"}) {
    test::damage(options_.path + suffix);
  }
  const Status damaged = replica_->check();
  ASSERT_FALSE(damaged.has_value());
  EXPECT_EQ(damaged.error().code, "directory_damaged");
}

TEST_F(MailReplicaTest, OnePageOfDataIsDamageEnoughForANewFile) {
  std::vector<DirectoryRow> rows;
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    rows.push_back(mailbox(i, fmt::format("u{}@a.test", i)));
  }
  apply(std::move(rows));
  // all of it is in the one file now
  replica_.reset();
  test::damage(options_.path, std::filesystem::file_size(options_.path) / 4096 / 2 * 4096, 4096);
  open();
  EXPECT_EQ(replica_->seq(), 0U) << "else the agent would end again and again";
}

TEST_F(MailReplicaTest, ADamagedFileIsMadeAnew) {
  replica_.reset();
  ASSERT_TRUE(files_.write_atomic(options_.path, std::string(8192, 'x'), 0660, {}).has_value());
  open();
  EXPECT_EQ(replica_->seq(), 0U);
}

// Looks up by one connection without any busy timeout, as Postfix does, until the stop file is
// there. Exit code: failures.
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
  // a reader waits for the processor, never for the writer
  if (slowest > 2000) {
    return 102;
  }
  std::fflush(stdout);
  return std::min(failures, 99);
}

TEST_F(MailReplicaTest, ReadersNeverFailWhileTenThousandRowsStreamIn) {
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
    std::vector<DirectoryRow> rows;
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
