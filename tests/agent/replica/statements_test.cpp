// Reading gives rows, nothing, or an error, and never a part of the rows.
#include "agent/replica/statements.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "agent/fakes.hpp"
#include "base/files.hpp"
#include "base/test_folder.hpp"

namespace podplay::agent {
namespace {

class StatementsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(files_.write_atomic(path_, "", 0600, {}));
    ASSERT_TRUE(database_.open(Database::Access::read_write));
    ASSERT_TRUE(database_.execute("CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID"));
  }

  Folder folder_;
  RealFiles files_;
  const std::string path_ = folder_ / "words.db";
  Database database_{path_};
};

TEST_F(StatementsTest, ReadsWhatWasWritten) {
  Statement put(database_, "INSERT INTO words VALUES (?1)");
  Statement find(database_, "SELECT word FROM words WHERE word = ?1");
  ASSERT_TRUE(put.valid() && find.valid());
  EXPECT_TRUE(find.row("one")->empty());
  EXPECT_TRUE(put.run("one"));
  EXPECT_EQ(find.row("one")->at(0), "one");
  EXPECT_FALSE(put.run("one")) << "it is there already";
}

TEST_F(StatementsTest, AReadThatFailsIsAnErrorAndNotAnEmptyAnswer) {
  ASSERT_TRUE(database_.execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
      "INSERT INTO words SELECT 'a-long-word-' || i FROM n"));
  database_.close();
  test::damage(path_, std::filesystem::file_size(path_) / 4096 / 2 * 4096, 4096);
  ASSERT_TRUE(database_.open(Database::Access::read_write));
  Statement all(database_, "SELECT word FROM words");
  ASSERT_TRUE(all.valid());
  const auto found = all.rows();
  ASSERT_FALSE(found) << found->size() << " rows seem to be all";
  EXPECT_TRUE(database_.damaged());
  EXPECT_NE(found.error().message.find(path_), std::string::npos) << found.error().message;
}

}  // namespace
}  // namespace podplay::agent
