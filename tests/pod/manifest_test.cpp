// The pod's manifest with settings filled in: each goes into its place, and the file itself stays
// the lab profile.
#include "pod/manifest.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/encoding.hpp"
#include "model/settings.hpp"

namespace podplay::pod {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string pod_yaml() {
  std::ifstream file("deploy/pod.yaml");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Settings settings(const std::map<std::string, std::string>& environment = {}) {
  auto made = effective_settings(environment);
  EXPECT_TRUE(made) << (made ? "" : describe(made.error()));
  return *made;
}

Manifest fill(const std::map<std::string, std::string>& environment = {}) {
  auto manifest = fill_manifest(pod_yaml(), settings(environment));
  EXPECT_TRUE(manifest) << (manifest ? "" : describe(manifest.error()));
  return manifest ? *manifest : Manifest{};
}

const PublishedPort& port(const Manifest& manifest, std::string_view name) {
  return *std::ranges::find(manifest.ports, name, &PublishedPort::name);
}

TEST(FillManifest, LabProfileHasTheLabPorts) {
  const Manifest manifest = fill();
  EXPECT_EQ(manifest.pod, "podplay");
  EXPECT_THAT(manifest.containers, ElementsAre("api", "bind", "mail", "apache"));
  EXPECT_THAT(manifest.init, ElementsAre("init"));
  ASSERT_EQ(manifest.ports.size(), 13U);
  EXPECT_EQ(port(manifest, "http").port, 8080);
  EXPECT_EQ(port(manifest, "http").setting, "PODPLAY_HOST_HTTP_PORT");
  EXPECT_EQ(port(manifest, "http").address, "127.0.0.1");
  EXPECT_TRUE(port(manifest, "dns-udp").udp);
  EXPECT_FALSE(port(manifest, "dns-tcp").udp);
}

TEST(FillManifest, ServerProfileHasTheRealPortsButKeepsTheApiAtHome) {
  const Manifest manifest = fill({{"PODPLAY_PROFILE", "server"},
                                  {"PODPLAY_PUBLIC_IPV4", "192.0.2.1"},
                                  {"PODPLAY_DNS_FORWARDERS", "192.0.2.53"}});
  EXPECT_EQ(port(manifest, "smtp").port, 25);
  EXPECT_EQ(port(manifest, "smtp").address, "0.0.0.0");
  EXPECT_EQ(port(manifest, "api").address, "127.0.0.1");
}

TEST(FillManifest, ASecondPodHasNamesOfItsOwn) {
  const Manifest manifest = fill({{"PODPLAY_POD_NAME", "trial"}});
  EXPECT_EQ(manifest.pod, "trial");
  EXPECT_THAT(manifest.claims, Contains("trial-certs"));
  EXPECT_THAT(manifest.scratch, Contains("trial-enrol-mail"));
  for (const std::string& name : manifest.scratch) {
    EXPECT_TRUE(name.starts_with("trial-")) << name;
  }
  for (const std::string& name : manifest.scratch) {
    EXPECT_THAT(manifest.claims, Not(Contains(name)));
  }
  EXPECT_THAT(manifest.yaml, HasSubstr("name: trial-settings"));
}

TEST(FillManifest, OverridesOnlyWhenAskedFor) {
  EXPECT_THAT(fill().yaml, Not(HasSubstr("podplay-debug")));
  EXPECT_THAT(fill().yaml, Not(HasSubstr("hostPath")));
  EXPECT_THAT(fill({{"PODPLAY_OVERRIDES", "/srv/over rides"}}).yaml,
              HasSubstr("path: \"/srv/over rides/mail\""));
}

TEST(FillManifest, NoMarkerIsLeft) {
  const Manifest manifest = fill();
  EXPECT_THAT(manifest.yaml, Not(HasSubstr("#=")));
  EXPECT_THAT(manifest.yaml, Not(HasSubstr("${")));
}

TEST(FillManifest, NamesTheLineThatIsWrong) {
  const auto wrong = fill_manifest("a: b\nname: x  #= ${PODPLAY_TYPO}\n", settings());
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("line 2"));
  EXPECT_THAT(wrong.error().message, HasSubstr("PODPLAY_TYPO"));
}

TEST(ConfigMaps, AgentsGetOnlyLogging) {
  const std::string maps =
      config_maps(settings({{"PODPLAY_DOMAIN", "a.test"}, {"PODPLAY_LOG_FORMAT", "json"}}));
  const std::string logging = maps.substr(maps.find("podplay-logging"));
  EXPECT_THAT(maps, HasSubstr("PODPLAY_DOMAIN"));
  EXPECT_THAT(logging, HasSubstr("PODPLAY_LOG_FORMAT: \"json\""));
  EXPECT_THAT(logging, Not(HasSubstr("PODPLAY_DOMAIN")));
}

// The control plane's container and the init container mount them; no agent does.
TEST(Secrets, AreInAFileAndNeverInAnEnvironment) {
  const std::map<std::string, std::string> given{
      {"PODPLAY_DATABASE_URL", "postgresql://u:pass\"word@db/x"},
      {"PODPLAY_ALERT_WEBHOOK", "https://a.test/hidden-path"},
      {"PODPLAY_ALERT_WEBHOOK_SECRET", "0123456789abcdef"},
      {"PODPLAY_POD_NAME", "trial"}};
  const Manifest manifest = fill(given);
  for (const char* secret : {"pass", "hidden-path", "0123456789abcdef", "PODPLAY_DATABASE_URL",
                             "PODPLAY_ALERT_WEBHOOK_SECRET"}) {
    EXPECT_THAT(manifest.yaml, Not(HasSubstr(secret)));
  }
  EXPECT_THAT(manifest.yaml, HasSubstr("secretName: trial-secrets\n        optional: false\n"));
  std::size_t mounts = 0;
  for (std::size_t at = 0;
       (at = manifest.yaml.find("/run/podplay-secrets", at)) != std::string::npos; ++at) {
    ++mounts;
  }
  EXPECT_EQ(mounts, 2U) << "init and api";
  EXPECT_LT(manifest.yaml.rfind("/run/podplay-secrets"), manifest.yaml.find("- name: bind"));
  EXPECT_THAT(manifest.scratch, Contains("trial-secrets"));

  const std::string key = "settings.json: \"";
  ASSERT_THAT(manifest.secret, HasSubstr("kind: Secret\nmetadata:\n  name: trial-secrets\n"));
  const std::size_t begin = manifest.secret.find(key) + key.size();
  const auto text =
      from_base64(manifest.secret.substr(begin, manifest.secret.find('"', begin) - begin));
  ASSERT_TRUE(text);
  EXPECT_EQ(nlohmann::json::parse(*text),
            (nlohmann::json{{"PODPLAY_DATABASE_URL", "postgresql://u:pass\"word@db/x"},
                            {"PODPLAY_ALERT_WEBHOOK", "https://a.test/hidden-path"},
                            {"PODPLAY_ALERT_WEBHOOK_SECRET", "0123456789abcdef"}}));
}

TEST(Secrets, WithoutAnyThereIsNoSecret) {
  const Manifest manifest = fill();
  EXPECT_EQ(manifest.secret, "");
  EXPECT_THAT(manifest.yaml, Not(HasSubstr("podplay-secrets")));
  EXPECT_THAT(manifest.scratch, Not(Contains("podplay-secrets")));
}

TEST(Secrets, AManifestThatDoesNotMountThemIsRefused) {
  const auto made = fill_manifest(
      "metadata:\n  name: x\nspec:\n  containers:\n    - name: api\n",
      settings({{"PODPLAY_DATABASE_URL", "postgresql://u:pass@db/x"}, {"PODPLAY_POD_NAME", "x"}}));
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("x-secrets"));
}

TEST(SealManifest, AnotherPasswordIsAnotherPod) {
  Manifest one = fill({{"PODPLAY_DATABASE_URL", "postgresql://u:one@db/x"}});
  Manifest other = fill({{"PODPLAY_DATABASE_URL", "postgresql://u:two@db/x"}});
  EXPECT_EQ(one.yaml, other.yaml);
  seal_manifest(one, {});
  seal_manifest(other, {});
  EXPECT_NE(one.inputs, other.inputs);
}

TEST(SealManifest, TheHashChangesWithSettingsAndImages) {
  Manifest one = fill();
  Manifest same = fill();
  Manifest other_setting = fill({{"PODPLAY_LOG_LEVEL", "DEBUG"}});
  Manifest other_image = fill();
  seal_manifest(one, {{"a", "1"}});
  seal_manifest(same, {{"a", "1"}});
  seal_manifest(other_setting, {{"a", "1"}});
  seal_manifest(other_image, {{"a", "2"}});
  EXPECT_EQ(one.inputs, same.inputs);
  EXPECT_NE(one.inputs, other_setting.inputs);
  EXPECT_NE(one.inputs, other_image.inputs);
  EXPECT_THAT(one.yaml, HasSubstr("podplay.inputs: \"" + one.inputs + "\""));
}

}  // namespace
}  // namespace podplay::pod
