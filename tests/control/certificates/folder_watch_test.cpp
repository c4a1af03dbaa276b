// Writes of people are noticed; what the control plane does itself is not.
#include "control/certificates/folder_watch.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "control/certificates/certificates.hpp"
#include "control/certificates/versions.hpp"
#include "control/control_test.hpp"
#include "control/domains.hpp"

namespace podplay::control {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class FolderWatchTest : public test::ControlTest {
 protected:
  const std::string folder = plane.paths.certificates + "/example.test";
  FolderWatch watch{plane.files,
                    plane.paths.certificates,
                    silent_logger(),
                    {.quiet = milliseconds(50), .poll_period = milliseconds(50)}};

  void write(const std::string& path) { std::ofstream(path) << "x"; }
};

TEST_F(FolderWatchTest, AWriteIsNews) {
  EXPECT_THAT(watch.begin().value(), testing::Contains("example.test"));
  EXPECT_THAT(watch.wait(milliseconds(100)), IsEmpty());
  write(folder + "/fullchain.pem");
  EXPECT_THAT(watch.wait(milliseconds(1000)), ElementsAre("example.test")) << "through the link";
  std::filesystem::remove(folder + "/privkey.pem");
  EXPECT_THAT(watch.wait(milliseconds(1000)), ElementsAre("example.test"));
  write(folder + "/privkey.pem");
  EXPECT_THAT(watch.wait(milliseconds(1000)), ElementsAre("example.test"));
  write(folder + "/notes.txt");
  EXPECT_THAT(watch.wait(milliseconds(150)), IsEmpty());
}

TEST_F(FolderWatchTest, TheVersionInUseIsFollowed) {
  ASSERT_TRUE(watch.begin());
  const std::size_t watches = watch.watches();
  plane.clock.moved = std::chrono::days(61);
  ASSERT_TRUE(ensure_certificates(context).value());
  EXPECT_THAT(watch.wait(milliseconds(200)), IsEmpty()) << "a renewal is no news";
  EXPECT_EQ(watch.watches(), watches);
  write(folder + "/current/cert.pem");
  EXPECT_THAT(watch.wait(milliseconds(1000)), ElementsAre("example.test"));
}

TEST_F(FolderWatchTest, FoldersComeAndGo) {
  ASSERT_TRUE(watch.begin());
  const std::size_t watches = watch.watches();
  ASSERT_TRUE(create_domain(context, admin, "new.test", true, {}));
  EXPECT_THAT(watch.wait(milliseconds(200)), IsEmpty()) << "a new domain costs no look";
  EXPECT_EQ(watch.watches(), watches + 2);
  write(plane.paths.certificates + "/new.test/current/privkey.pem");
  EXPECT_THAT(watch.wait(milliseconds(1000)), ElementsAre("new.test"));
  std::filesystem::remove_all(plane.paths.certificates + "/new.test");
  EXPECT_THAT(watch.wait(milliseconds(200)), IsEmpty());
  EXPECT_EQ(watch.watches(), watches);
}

TEST_F(FolderWatchTest, WithoutWatchesTheFoldersArePolled) {
  FolderWatch polling(
      plane.files, plane.paths.certificates, silent_logger(),
      {.quiet = milliseconds(50), .poll_period = milliseconds(50), .most_watches = 0});
  ASSERT_TRUE(polling.begin());
  EXPECT_EQ(polling.watches(), 0);
  EXPECT_EQ(polling.polled(), 3) << "the domain and both hosts";
  EXPECT_THAT(polling.wait(milliseconds(200)), IsEmpty());
  write(folder + "/current/fullchain.pem");
  EXPECT_THAT(polling.wait(milliseconds(1000)), ElementsAre("example.test"));
}

TEST_F(FolderWatchTest, AFolderThatIsNeverQuietIsNewsAllTheSame) {
  FolderWatch busy(plane.files, plane.paths.certificates, silent_logger(),
                   {.quiet = milliseconds(400), .longest = milliseconds(600)});
  ASSERT_TRUE(busy.begin());
  std::vector<std::string> news;
  for (int i = 0; i < 20 && news.empty(); ++i) {
    write(folder + "/fullchain.pem");
    news = busy.wait(milliseconds(100));
  }
  EXPECT_THAT(news, ElementsAre("example.test"));
}

TEST_F(FolderWatchTest, AWakeEndsTheWait) {
  ASSERT_TRUE(watch.begin());
  watch.wake();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(watch.wait(std::chrono::hours(1)), IsEmpty());
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  watch.look_again("example.test", milliseconds(20));
  EXPECT_THAT(watch.wait(milliseconds(1000)), ElementsAre("example.test"));
}

}  // namespace
}  // namespace podplay::control
