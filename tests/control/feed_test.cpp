// The feed as a whole. A store that was restored from a backup is noticed, whatever an agent asks
// first, and numbers go on above those that were given out.
#include "control/feed.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "control/control_test.hpp"
#include "control/domains.hpp"

namespace podplay::control {
namespace {

class FeedTest : public test::ControlTest {
 protected:
  std::string path(const std::string& name) const { return plane.paths.state + "/" + name; }
  void back_up() {
    ASSERT_TRUE(
        context.store.write<bool>([&](store::Transaction&) -> Result<bool> { return true; }));
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy(path("podplay.db") + suffix, path("backup.db") + suffix,
                            std::filesystem::copy_options::overwrite_existing);
    }
  }
  // The control plane starts again, with the store of the backup.
  void restore() {
    plane.made.reset();
    plane.store.reset();
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path("podplay.db") + suffix);
    }
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy(path("backup.db") + suffix, path("podplay.db") + suffix);
    }
    start();
  }
  void start() {
    plane.store = store::Store::open(path("podplay.db"), silent_logger()).value();
    restarted = std::make_unique<Context>(plane.context_of(*plane.store));
    ASSERT_TRUE(open_feed(*restarted));
  }
  FeedPage page(Context& asked, const FeedPosition& position) {
    return read_feed(asked, ServiceName::bind, position, 10'000).value();
  }
  static FeedPosition end_of(const FeedPage& page) {
    return {
        .generation = page.generation, .epoch = page.epoch, .seq = page.seq, .marks = page.marks};
  }
  static std::uint32_t serial(const FeedPage& page, const std::string& zone) {
    for (const FeedRecord& row : page.rows) {
      if (row.kind == RowKind::zone && row.key == zone) {
        return wire::Json::parse(row.content).at("serial");
      }
    }
    return 0;
  }

  std::unique_ptr<Context> restarted;
};

TEST_F(FeedTest, ARestartIsNoRestore) {
  const FeedPosition position = end_of(page(context, {}));
  plane.made.reset();
  plane.store.reset();
  start();
  const FeedPage after = page(*restarted, position);
  EXPECT_EQ(after.generation, position.generation);
  EXPECT_TRUE(after.rows.empty());
  EXPECT_NE(after.epoch, position.epoch);
}

TEST_F(FeedTest, ARestoredStoreBeginsAGenerationAboveAllThatWasGivenOut) {
  back_up();
  ASSERT_TRUE(create_domain(context, admin, "lost.test", true, {}));
  const FeedPage before = page(context, {});
  restore();
  const FeedPage after = page(*restarted, end_of(before));
  EXPECT_NE(after.generation, before.generation);
  EXPECT_GT(after.rows.front().seq, before.seq) << "sequences do not run backwards";
  EXPECT_GE(after.marks.revision, before.marks.revision);
  EXPECT_GE(after.marks.id, before.marks.id);
  EXPECT_EQ(serial(after, "lost.test"), 0U);
  EXPECT_GE(serial(after, "example.test"), serial(before, "example.test"));
}

TEST_F(FeedTest, ARestoredStoreIsFoundOutAlsoAfterItHasGoneOn) {
  back_up();
  ASSERT_TRUE(create_domain(context, admin, "lost.test", true, {}));
  const FeedPosition followed = end_of(page(context, {}));
  restore();
  for (const char* name : {"a.test", "b.test", "c.test"}) {
    ASSERT_TRUE(create_domain(*restarted, admin, name, true, {}));
  }
  EXPECT_NE(page(*restarted, followed).generation, followed.generation)
      << "its sequences are others than those that the agent was told";
}

}  // namespace
}  // namespace podplay::control
