// A person replaces files by hand, in every order, and services only read what was checked.
#include "control/certificates/outside.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "control/certificates/certificates.hpp"
#include "control/certificates/forge.hpp"
#include "control/certificates/outside_watch.hpp"
#include "control/certificates/uploads.hpp"
#include "control/certificates/version_health.hpp"
#include "control/certificates/versions.hpp"
#include "control/control_test.hpp"

namespace podplay::control {
namespace {

using test::forge;
using test::Forged;
using testing::HasSubstr;
using testing::StartsWith;

class OutsideTest : public test::ControlTest {
 protected:
  const std::string folder = plane.paths.certificates + "/example.test";
  const Forged root = forge({.name = "Root", .authority = true}, plane.clock.now());
  const Forged middle =
      forge({.name = "Middle", .issuer = &root, .authority = true}, plane.clock.now());

  Forged make_leaf(const std::string& names = test::names_of_domain("example.test")) {
    return forge({.names = names, .issuer = &middle}, plane.clock.now());
  }
  std::string full(const Forged& leaf) { return leaf.certificate + middle.certificate; }
  Certificate row() { return get_certificate(context, "example.test").value(); }
  // As cp(1): writes through a link.
  void copy(const std::string& file, const std::string& text) {
    std::ofstream(folder + "/" + file) << text;
  }
  // As mv(1): takes the link's place.
  void move(const std::string& file, const std::string& text) {
    ASSERT_TRUE(plane.files.write_atomic(folder + "/" + file, text, 0644, {}));
  }
  void look() {
    const Status looked = look_at_folder(context, "example.test");
    EXPECT_TRUE(looked) << describe(looked.error());
  }
  VersionHealth health(const std::string& version) {
    return examine_version(plane.files, plane.paths.certificates, {"example.test", version});
  }
  void expect_links() {
    for (const std::string file : kCertificateFiles) {
      EXPECT_EQ(plane.files.read_link(folder + "/" + file).value_or(""), "current/" + file);
    }
  }
  void expect_in_use(const Forged& leaf) {
    const Certificate used = row();
    EXPECT_EQ(used.version, net::read_certificate(leaf.certificate)->fingerprint);
    EXPECT_EQ(used.issuer, kFileIssuer);
    EXPECT_EQ(used.last_error, "");
    EXPECT_TRUE(health(used.version).whole);
    expect_links();
    EXPECT_EQ(plane.files.read(folder + "/fullchain.pem").value(), full(leaf));
  }
};

TEST_F(OutsideTest, NothingIsDoneWhenNobodyWrote) {
  const Certificate before = row();
  look();
  EXPECT_EQ(row().revision, before.revision);
  EXPECT_TRUE(health(before.version).whole);
}

TEST_F(OutsideTest, APairIsAdopted) {
  const std::string before = row().version;
  const Forged leaf = make_leaf();
  move("fullchain.pem", full(leaf));
  move("privkey.pem", leaf.key.reveal());
  look();
  expect_in_use(leaf);
  EXPECT_TRUE(health(before).whole) << "a release may name it";
}

TEST_F(OutsideTest, APairOfCertAndChainIsAdopted) {
  const Forged leaf = make_leaf();
  move("cert.pem", leaf.certificate);
  move("chain.pem", middle.certificate + root.certificate);
  move("privkey.pem", leaf.key.reveal());
  look();
  expect_in_use(leaf);
}

TEST_F(OutsideTest, APairThatWasCopiedThroughTheLinksIsAdopted) {
  const std::string before = row().version;
  const Forged leaf = make_leaf();
  copy("fullchain.pem", full(leaf));
  copy("privkey.pem", leaf.key.reveal());
  ASSERT_FALSE(health(before).whole);
  look();
  expect_in_use(leaf);
  EXPECT_FALSE(context.versions.exists({"example.test", before})) << "its key is lost";
}

TEST_F(OutsideTest, AllFourFilesCopiedThroughTheLinksAreAdopted) {
  const Forged leaf = make_leaf();
  copy("cert.pem", leaf.certificate);
  copy("chain.pem", middle.certificate);
  copy("fullchain.pem", full(leaf));
  copy("privkey.pem", leaf.key.reveal());
  look();
  expect_in_use(leaf);
}

TEST_F(OutsideTest, ACertificateWaitsForItsKey) {
  const Certificate before = row();
  const Forged leaf = make_leaf();
  copy("fullchain.pem", full(leaf));
  look();
  EXPECT_TRUE(health(before.version).whole) << "it got its content back";
  EXPECT_EQ(row().version, before.version);
  EXPECT_THAT(row().last_error, StartsWith(std::string(kOutsideError)));
  EXPECT_THAT(row().last_error, HasSubstr("private key belongs to none"));
  copy("privkey.pem", leaf.key.reveal());
  look();
  expect_in_use(leaf);
}

TEST_F(OutsideTest, AKeyThatCameFirstIsKeptForItsCertificate) {
  const Certificate before = row();
  const Forged leaf = make_leaf();
  copy("privkey.pem", leaf.key.reveal());
  look();
  const Certificate between = row();
  EXPECT_NE(between.version, before.version) << "the pod's authority signs another one";
  EXPECT_TRUE(health(between.version).whole);
  EXPECT_THAT(between.last_error, HasSubstr("no certificate came with it"));
  copy("fullchain.pem", full(leaf));
  look();
  expect_in_use(leaf);
}

TEST_F(OutsideTest, ABadPairIsReportedUntilItIsGone) {
  const Certificate before = row();
  const Forged leaf = make_leaf("DNS:other.test");
  move("fullchain.pem", full(leaf));
  move("privkey.pem", leaf.key.reveal());
  look();
  EXPECT_THAT(row().last_error, HasSubstr("does not cover"));
  EXPECT_EQ(row().version, before.version);
  look();
  EXPECT_EQ(row().revision, before.revision) << "services have nothing to do";
  std::filesystem::remove(folder + "/fullchain.pem");
  std::filesystem::remove(folder + "/privkey.pem");
  look();
  EXPECT_EQ(row().last_error, "");
  expect_links();
}

TEST_F(OutsideTest, WhatIsNoFileIsReported) {
  std::filesystem::remove(folder + "/fullchain.pem");
  std::filesystem::create_symlink("/nonexistent/fullchain.pem", folder + "/fullchain.pem");
  look();
  EXPECT_THAT(row().last_error, HasSubstr("leads to none"));
  move("fullchain.pem", std::string(kCertificateLimit + 1, 'x'));
  look();
  EXPECT_THAT(row().last_error, HasSubstr("more than"));
  move("fullchain.pem", "garbage");
  look();
  EXPECT_THAT(row().last_error, HasSubstr("no certificate in PEM"));
}

TEST_F(OutsideTest, ADamagedVersionIsRestoredOrIssuedAnew) {
  const Certificate before = row();
  test::damage(folder + "/versions/" + before.version + "/cert.pem");
  test::damage(folder + "/versions/" + before.version + "/chain.pem");
  look();
  EXPECT_TRUE(health(before.version).whole);
  EXPECT_EQ(row().version, before.version);
  EXPECT_THAT(row().last_error, HasSubstr("no certificate in PEM")) << "somebody meant something";
  std::filesystem::remove(folder + "/cert.pem");
  std::filesystem::remove(folder + "/chain.pem");

  std::filesystem::remove_all(folder + "/versions/" + before.version);
  look();
  EXPECT_NE(row().version, before.version);
  EXPECT_TRUE(health(row().version).whole);
  expect_links();
}

TEST_F(OutsideTest, ALostVersionThatWasAFileIsPutBackByItsOwner) {
  const Forged leaf = make_leaf();
  ASSERT_TRUE(upload_certificate(context, admin, "example.test",
                                 {.certificate = full(leaf), .key = leaf.key}, {}));
  copy("privkey.pem", "garbage");
  look();
  EXPECT_THAT(row().last_error, HasSubstr("was overwritten"));
  EXPECT_EQ(row().issuer, kFileIssuer);
  move("privkey.pem", leaf.key.reveal());
  move("fullchain.pem", full(leaf));
  look();
  expect_in_use(leaf);
}

TEST_F(OutsideTest, AFolderWithoutACertificateIsLeftAlone) {
  std::filesystem::create_directories(plane.paths.certificates + "/nobody.test");
  std::ofstream(plane.paths.certificates + "/nobody.test/fullchain.pem") << "x";
  EXPECT_TRUE(look_at_folder(context, "nobody.test"));
  EXPECT_TRUE(plane.files.exists(plane.paths.certificates + "/nobody.test/fullchain.pem"));
}

// Waits until `what` holds, at most three seconds.
bool soon(const std::function<bool()>& what) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  while (!what() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return what();
}

TEST_F(OutsideTest, TheWatchNoticesACopy) {
  // With watches, without any, and with one for the folder only.
  for (const std::size_t most : {std::size_t{1000}, std::size_t{0}, std::size_t{2}}) {
    OutsideWatch watch(context, {.quiet = std::chrono::milliseconds(300),
                                 .poll_period = std::chrono::milliseconds(200),
                                 .most_watches = most});
    watch.start();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    for (int i = 0; i < 2; ++i) {
      const Forged leaf = make_leaf();
      copy("fullchain.pem", full(leaf));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      copy("privkey.pem", leaf.key.reveal());
      const std::string wanted = net::read_certificate(leaf.certificate)->fingerprint;
      EXPECT_TRUE(soon([&] { return row().version == wanted; })) << most << " " << i;
      EXPECT_TRUE(soon([&] { return !has_outside_files(plane.files, folder); }));
    }
  }
}

TEST_F(OutsideTest, WhatWasWrittenBeforeTheStartIsFound) {
  const Forged leaf = make_leaf();
  move("fullchain.pem", full(leaf));
  move("privkey.pem", leaf.key.reveal());
  OutsideWatch watch(context);
  watch.start();
  EXPECT_TRUE(soon([&] { return row().issuer == kFileIssuer; }));
}

}  // namespace
}  // namespace podplay::control
