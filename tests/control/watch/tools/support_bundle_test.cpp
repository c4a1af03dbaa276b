// Secrets and people are planted wherever a bundle collects from; then its archive is unpacked and
// searched.
#include "control/watch/tools/support_bundle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "control/identity/users.hpp"
#include "control/jobs/jobs.hpp"
#include "control/jobs/kinds.hpp"
#include "control/jobs/runner.hpp"
#include "control/plane.hpp"
#include "control/watch/tools/bundle_parts.hpp"

namespace podplay::control {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class SupportBundleTest : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << text;
  }
  // All files of the archive as one text, each after its name.
  std::string unpack() {
    const auto file = find_support_bundle(plane_.context());
    EXPECT_TRUE(file) << describe(file.error());
    const std::string to = plane_.folder.path() + "/unpacked";
    fs::create_directories(to);
    const auto done = plane_.runner.run({.argv = {"tar", "xzf", file->path, "-C", to}});
    EXPECT_TRUE(done && done->exit_code == 0) << (done ? done->words() : "");
    std::ostringstream all;
    for (const auto& entry : fs::recursive_directory_iterator(to)) {
      if (entry.is_regular_file()) {
        names_.push_back(entry.path().lexically_relative(to).string());
        all << "\n== " << names_.back() << "\n" << std::ifstream(entry.path()).rdbuf();
      }
    }
    return all.str();
  }

  // Runs the job as podplayd does, until it has ended.
  void make() {
    JobRunner runner(plane_.context(), job_kinds());
    ASSERT_TRUE(runner.start());
    for (int i = 0; i < 300; ++i) {
      const auto bundle = get_support_bundle(plane_.context());
      ASSERT_TRUE(bundle);
      if (bundle->state == "ready" || bundle->state == "failed") {
        break;
      }
      plane_.clock.sleep(std::chrono::milliseconds(50));
    }
    runner.stop();
  }

  test::Plane plane_;
  std::vector<std::string> names_;
};

TEST_F(SupportBundleTest, HasNoSecretAndNoPerson) {
  const Actor admin = plane_.make_admin();
  UserInput input;
  input.email = "wonderland@example.test";
  input.username = "mad.hatter";
  input.password_hash = hash_password(Secret("planted-password")).value();
  ASSERT_TRUE(create_user(plane_.context(), admin, input, {}));
  const std::string logs = plane_.paths.logs;
  write(logs + "/mail/postfix.log",
        "[2026-01-31T12:00:00.123Z] [INFO] [mail.postfix] to=<wonderland@example.test>, "
        "orig_to=<cheshire.cat@elsewhere.org>, status=sent\n"
        "sasl_username=mad.hatter password=planted-password\n");
  write(logs + "/apache/access.log",
        "GET /api/users/wonderland%40example.test Authorization: Bearer "
        "pp_plantedplantedplantedplanted\n");
  write(logs + "/api/api.log", "postgresql://podplay:planted-database@db/podplay\n");
  write(logs + "/mail/postfix.20260131T120000000Z.log", "an older file\n");
  ASSERT_TRUE(
      start_support_bundle(plane_.context(), admin,
                           {{"podman-containers.txt",
                             "wonderland@example.test PODPLAY_PASSWORD=planted-environment\n"}}));
  make();

  const auto bundle = get_support_bundle(plane_.context());
  ASSERT_TRUE(bundle);
  EXPECT_EQ(bundle->state, "ready");
  EXPECT_GT(bundle->bytes, 1000);
  EXPECT_TRUE(bundle->file.ends_with(".tar.gz")) << bundle->file;
  const std::string all = unpack();
  EXPECT_THAT(all, Not(HasSubstr("planted")));
  for (const char* person : {"wonderland", "mad.hatter", "cheshire"}) {
    EXPECT_THAT(all, Not(HasSubstr(person)));
  }
  // What it is for is there.
  EXPECT_THAT(all, HasSubstr("status=sent"));
  EXPECT_THAT(all, HasSubstr("@elsewhere.org"));
  EXPECT_THAT(all, HasSubstr("PODPLAY_DOMAIN"));
  EXPECT_THAT(all, HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_THAT(all, Not(HasSubstr("PRIVATE KEY")));
  EXPECT_THAT(all, Not(HasSubstr("an older file")));
  for (const char* name : {"README.txt", "versions.json", "status.json", "diagnosis.json",
                           "settings.json", "jobs.json", "certificates.json", "diag/api.json",
                           "logs/mail/postfix.log", "host/podman-containers.txt"}) {
    EXPECT_TRUE(std::ranges::any_of(names_, [&](const std::string& one) {
      return one.ends_with(std::string("/") + name);
    })) << name;
  }
}

TEST_F(SupportBundleTest, OnlyTheControlPlaneReadsIt) {
  const Actor admin = plane_.make_admin();
  ASSERT_TRUE(start_support_bundle(plane_.context(), admin, {}));
  make();
  const auto file = find_support_bundle(plane_.context());
  ASSERT_TRUE(file);
  struct stat facts{};
  ASSERT_EQ(::stat(file->path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
  ASSERT_EQ(::stat((plane_.paths.state + "/support/pseudonyms.key").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST_F(SupportBundleTest, IsGoneAfterADay) {
  const Actor admin = plane_.make_admin();
  ASSERT_TRUE(start_support_bundle(plane_.context(), admin, {}));
  make();
  const auto removals =
      list_jobs(plane_.context(), {.kind = std::string(kBundleRemovalJob)}, 0, 10);
  ASSERT_TRUE(removals);
  ASSERT_EQ(removals->size(), 1U);
  EXPECT_GT(removals->front().due, plane_.clock.now() + std::chrono::hours(23));
  JobRun run(plane_.context(), removals->front(), 0, [] { return false; });
  ASSERT_TRUE(remove_support_bundle(plane_.context(), run));
  EXPECT_EQ(get_support_bundle(plane_.context())->state, "none");
  EXPECT_EQ(find_support_bundle(plane_.context()).error().code, "bundle_missing");
}

TEST_F(SupportBundleTest, NamesOfTheHostsFilesAreChecked) {
  const Actor admin = plane_.make_admin();
  for (const char* name : {"", "../x", ".x", "a/b", "A"}) {
    const auto begun = start_support_bundle(plane_.context(), admin, {{name, "x"}});
    ASSERT_FALSE(begun) << name;
    EXPECT_EQ(begun.error().faults.front().field, "host[0].name");
  }
}

}  // namespace
}  // namespace podplay::control
