// The diagnosis of a control plane without agents, and through the route's use-case.
#include "control/watch/diagnosis/diagnose.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "control/plane.hpp"

namespace podplay::control {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::vector<std::string> ids_of(const Diagnosis& diagnosis) {
  std::vector<std::string> ids;
  for (const FoundCause& found : diagnosis.findings) {
    ids.push_back(found.cause);
  }
  return ids;
}

TEST(Diagnose, AgentsThatHaveNotReportedYetAreUnseenAndNoFault) {
  test::Plane plane;
  // The init container makes the volumes' folders.
  test::Plane::must(plane.files.make_dirs(plane.paths.certificates, 0755));
  test::Plane::must(plane.files.make_dirs(plane.paths.logs, 0755));
  const auto diagnosis = diagnose(plane.context(), "");
  ASSERT_TRUE(diagnosis);
  EXPECT_THAT(ids_of(*diagnosis), testing::IsEmpty());
  EXPECT_EQ(diagnosis->unseen.size(), 3U);
  EXPECT_LT(diagnosis->took, std::chrono::seconds(3));
}

TEST(Diagnose, AgentsThatNeverComeAreNamed) {
  test::Plane plane;
  plane.clock.moved = std::chrono::seconds(60);
  const auto diagnosis = diagnose(plane.context(), "mail");
  ASSERT_TRUE(diagnosis);
  EXPECT_THAT(ids_of(*diagnosis), testing::ElementsAre("agent-down"));
  EXPECT_EQ(diagnosis->findings[0].service, "mail");
}

TEST(Diagnose, AnUnknownServiceIsRefusedWithTheField) {
  test::Plane plane;
  const auto diagnosis = diagnose(plane.context(), "ftp");
  ASSERT_FALSE(diagnosis);
  EXPECT_EQ(diagnosis.error().faults.at(0).field, "service");
}

TEST(Diagnose, AStoreThatSomebodyElseLocksIsNamedAndOurOwnWriteIsNot) {
  test::Plane plane;
  const std::string path = plane.paths.state + "/podplay.db";
  const auto done = plane.store->write<bool>([&](store::Transaction&) -> Result<bool> {
    // The write goes on while this looks.
    EXPECT_EQ(plane.store->look().code, "");
    return true;
  });
  ASSERT_TRUE(done);

  // A process of its own, since SQLite's locks are those of a process.
  const pid_t child = ::fork();
  if (child == 0) {
    auto other = store::Store::open(path, silent_logger());
    if (other) {
      static_cast<void>((*other)->write<bool>([](store::Transaction&) -> Result<bool> {
        ::pause();
        return false;
      }));
    }
    ::_exit(0);
  }
  for (int i = 0; i < 100 && plane.store->look().code.empty(); ++i) {
    ::usleep(20'000);
  }
  const store::StoreHealth health = plane.store->look();
  EXPECT_EQ(health.code, "store_locked");
  EXPECT_THAT(health.holder, HasSubstr("pid " + std::to_string(child)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(plane.store->look().code, "");
}

TEST(Diagnose, AStoreWhoseFileIsDamagedIsNamed) {
  test::Plane plane;
  const std::string copy = plane.folder.path() + "/copy.db";
  auto store = store::Store::open(copy, plane.log);
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->look().code, "");
  store->reset();
  // Closing it has moved everything into the file.
  std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(8192);
  file << std::string(16384, 'x');
  file.close();
  auto again = store::Store::open(copy, plane.log);
  if (again) {
    EXPECT_EQ((*again)->look().code, "store_damaged");
  } else {
    EXPECT_EQ(again.error().code, "store_damaged");
  }
}

}  // namespace
}  // namespace podplay::control
