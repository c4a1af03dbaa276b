// podplay.env adds to the environment, and every wrong line is named.
#include "pod/settings_file.hpp"

#include <gmock/gmock.h>

#include "base/test_folder.hpp"

namespace podplay::pod {
namespace {

TEST(SettingsFile, FillsInWhatTheEnvironmentDoesNotSay) {
  const test::TestFolder folder;
  RealFiles files;
  ASSERT_TRUE(files.make_dirs(folder.path() + "/deploy", 0755) &&
              files.make_dirs(folder.path() + "/bin", 0755));
  ASSERT_TRUE(files.write_atomic(folder.path() + "/deploy/pod.yaml", "", 0644, {}));
  const std::string program = folder.path() + "/bin/podplay";
  EXPECT_EQ(with_settings_file({{"A", "b"}}, program, files).value().size(), 1U) << "no file";
  ASSERT_TRUE(files.write_atomic(folder.path() + "/podplay.env",
                                 "# ours\n\nPODPLAY_PROFILE=server\r\nPODPLAY_DOMAIN=a.test\n",
                                 0600, {}));
  const auto read = with_settings_file({{"PODPLAY_DOMAIN", "b.test"}}, program, files).value();
  EXPECT_EQ(read.at("PODPLAY_PROFILE"), "server");
  EXPECT_EQ(read.at("PODPLAY_DOMAIN"), "b.test") << "the environment comes first";
  EXPECT_EQ(
      with_settings_file({{"PODPLAY_SETTINGS_FILE", "/dev/null"}}, program, files).value().size(),
      1U);
  ASSERT_TRUE(files.write_atomic(folder.path() + "/podplay.env",
                                 "export PODPLAY_PROFILE=server\nPODPLAY_DOMAIN\n", 0600, {}));
  EXPECT_EQ(with_settings_file({}, program, files).error().faults.size(), 2U);
}

}  // namespace
}  // namespace podplay::pod
