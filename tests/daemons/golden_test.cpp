// Golden cases: tests/golden/<service>/<case>/snapshot.json must render to exactly the other files
// of that folder. After a wanted change: PODPLAY_WRITE_GOLDEN=1 build/tests/test_daemons
// --gtest_filter='Golden*', then read the diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/files.hpp"
#include "base/template.hpp"
#include "daemons/daemon.hpp"
#include "daemons/rendering.hpp"
#include "wire/snapshot.hpp"

namespace podplay::daemons {
namespace {

namespace fs = std::filesystem;

const std::string kRoot = "tests/golden/";

// "mail/lab"
std::vector<std::string> cases() {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot)) {
    if (entry.path().filename() == "snapshot.json") {
      found.push_back(fs::relative(entry.path().parent_path(), kRoot));
    }
  }
  std::ranges::sort(found);
  return found;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, RendersToExactlyTheseFiles) {
  const std::string folder = kRoot + GetParam();
  RealFiles files;
  const auto text = files.read(folder + "/snapshot.json");
  ASSERT_TRUE(text.has_value());
  const auto snapshot = wire::snapshot_from_json(wire::Json::parse(*text, nullptr, false));
  ASSERT_TRUE(snapshot.has_value()) << describe(snapshot.error());
  const std::string tree =
      std::string("services/") + std::string(to_text(snapshot->service)) + "/rootfs";
  const auto templates = TemplateSet::load(files, tree, "/nonexistent");
  ASSERT_TRUE(templates.has_value()) << describe(templates.error());

  const bool write = std::getenv("PODPLAY_WRITE_GOLDEN") != nullptr;
  if (write) {
    fs::remove_all(folder + "/etc");
  }
  std::set<std::string> rendered_paths{"snapshot.json"};
  for (const auto& daemon : describe_service(snapshot->service).daemons) {
    const auto rendered = daemon->render(*snapshot, *templates);
    ASSERT_TRUE(rendered.has_value()) << describe(rendered.error());
    for (const ReleaseFile& file : *rendered) {
      rendered_paths.insert(file.path);
      const std::string path = folder + "/" + file.path;
      if (write) {
        fs::create_directories(fs::path(path).parent_path());
        ASSERT_TRUE(files.write_atomic(path, file.content, 0644, {}).has_value());
      }
      const auto expected = files.read(path);
      ASSERT_TRUE(expected.has_value()) << "no golden file " << path;
      EXPECT_EQ(unified_diff(*expected, file.content, file.path), "");
    }
  }
  const auto present = files.list_tree(folder);
  ASSERT_TRUE(present.has_value());
  for (const std::string& path : *present) {
    EXPECT_TRUE(rendered_paths.contains(path)) << path << " is not rendered any more";
  }
}

// The values that row templates are rendered with (apache_sites.cpp, dovecot_login.cpp,
// bind_zones.cpp).
wire::Json row_values(const std::string& path) {
  const wire::Json certificate{{"name", "a.test"}, {"version", "ff"}};
  if (path == "etc/apache2/site.conf") {
    return {{"name", "a.test"},
            {"aliases", {{{"alias", "www.a.test"}}}},
            {"responder", true},
            {"certificate", certificate}};
  }
  if (path == "etc/dovecot-login/certificate.conf") {
    return {{"names", {{{"name", "a.test"}}}}, {"certificate", certificate}};
  }
  if (path == "etc/bind/zone") {
    return {{"name", "a.test"},
            {"serial", 7},
            {"primary", "ns1.a.test"},
            {"contact", "admin.a.test"},
            {"records", {{{"name", "@"}, {"ttl", 60}, {"type", "NS"}, {"data", "ns1.a.test."}}}}};
  }
  return nullptr;
}

// Over all golden cases of a service, every value is used by a template and every name in a
// template is looked up. So every section of every template is covered by a golden case.
TEST(TemplateNames, AllAreUsedAndAllAreKnown) {
  RealFiles files;
  for (const ServiceName service : kServices) {
    const std::string name(to_text(service));
    auto templates =
        TemplateSet::load(files, std::string("services/") + name + "/rootfs", "/nonexistent");
    ASSERT_TRUE(templates.has_value());
    NameUse use;
    templates->watch = &use;
    for (const std::string& one : cases()) {
      const auto snapshot = wire::snapshot_from_json(
          wire::Json::parse(files.read(kRoot + one + "/snapshot.json").value()));
      if (snapshot->service != service) {
        continue;
      }
      for (const auto& daemon : describe_service(service).daemons) {
        ASSERT_TRUE(daemon->render(*snapshot, *templates));
      }
    }
    for (const TemplateFile& file : templates->files()) {
      if (const auto values = row_values(file.path); !values.is_null()) {
        ASSERT_TRUE(render_file(*templates, file, values)) << file.path;
      }
    }
    ASSERT_FALSE(use.known.empty()) << "no golden case of " << name;
    for (const std::string& known : use.known) {
      EXPECT_TRUE(use.used.contains(known)) << name << ": no template uses the value " << known;
    }
    for (const TemplateFile& file : templates->files()) {
      if (!file.is_template) {
        continue;
      }
      for (const std::string& mentioned : names_in(file.text)) {
        const bool looked_up = std::ranges::any_of(use.used, [&](const std::string& used) {
          return used == mentioned || used.ends_with("." + mentioned);
        });
        EXPECT_TRUE(looked_up) << file.source << ": {{" << mentioned << "}} is in no golden case";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, testing::ValuesIn(cases()),
                         [](const testing::TestParamInfo<std::string>& one) {
                           std::string name = one.param;
                           std::ranges::replace_if(
                               name, [](char c) { return c == '-' || c == '/'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace podplay::daemons
