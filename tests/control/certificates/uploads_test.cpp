// What a person brings is checked as a whole, and kept whole.
#include "control/certificates/uploads.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "control/certificates/certificates.hpp"
#include "control/certificates/forge.hpp"
#include "control/certificates/orders.hpp"
#include "control/certificates/rank.hpp"
#include "control/certificates/versions.hpp"
#include "control/control_test.hpp"
#include "control/watch/diagnosis/facts.hpp"
#include "net/chain.hpp"
#include "net/inspection.hpp"
#include "store/certificates.hpp"

namespace podplay::control {
namespace {

using test::forge;
using test::Forged;
using test::names_of_domain;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::vector<std::string> kWanted{"a.test", "www.a.test"};

class CheckUploadTest : public testing::Test {
 protected:
  WallTime now = SystemClock().now();
  Forged root = forge({.name = "Root", .authority = true}, now);
  Forged middle = forge({.name = "Middle", .issuer = &root, .authority = true}, now);

  test::Recipe good() { return {.names = names_of_domain("a.test"), .issuer = &middle}; }
  std::vector<std::string> codes(const Upload& upload) {
    const Status checked = check_upload(upload, kWanted, now);
    std::vector<std::string> found;
    for (const Fault& fault : checked ? std::vector<Fault>{} : checked.error().faults) {
      EXPECT_TRUE(fault.field == "certificate" || fault.field == "key") << fault.field;
      EXPECT_FALSE(fault.message.empty() || fault.remedy.empty()) << fault.code;
      found.push_back(fault.code);
    }
    return found;
  }
  // Of a leaf with the usual chain.
  std::vector<std::string> codes(const test::Recipe& recipe) {
    const Forged leaf = forge(recipe, now);
    return codes({.certificate = leaf.certificate + middle.certificate, .key = leaf.key});
  }
};

TEST_F(CheckUploadTest, AGoodPairHasNoFault) {
  for (const char* key : {"P-256", "P-384", "RSA 2048"}) {
    auto recipe = good();
    recipe.key = key;
    EXPECT_THAT(codes(recipe), IsEmpty()) << key;
  }
  const Forged own = forge({.names = "DNS:a.test,DNS:www.a.test"}, now);
  EXPECT_THAT(codes({.certificate = own.certificate, .key = own.key}), IsEmpty()) << "self-signed";
}

TEST_F(CheckUploadTest, TheChainIsPutInOrderAndTheRootIsLeftOut) {
  const Forged leaf = forge(good(), now);
  const auto read = read_upload(
      {.certificate = root.certificate + middle.certificate + leaf.certificate + middle.certificate,
       .key = leaf.key},
      kWanted, now);
  ASSERT_TRUE(read) << describe(read.error());
  EXPECT_THAT(read->chain, ElementsAre(leaf.certificate, middle.certificate));
  EXPECT_TRUE(read->reordered);
  EXPECT_TRUE(net::check_key_matches(leaf.certificate, read->key));
  const auto usual = read_upload(
      {.certificate = leaf.certificate + middle.certificate, .key = leaf.key}, kWanted, now);
  EXPECT_FALSE(usual->reordered);
}

TEST_F(CheckUploadTest, WhatIsMissingOrTooMuchInTheChainIsNamed) {
  const Forged leaf = forge(good(), now);
  EXPECT_THAT(codes({.certificate = leaf.certificate, .key = leaf.key}),
              ElementsAre("issuer_missing"));
  const Forged other = forge({.name = "Other", .names = "DNS:b.test"}, now);
  EXPECT_THAT(codes({.certificate = leaf.certificate + middle.certificate + other.certificate,
                     .key = leaf.key}),
              ElementsAre("not_in_chain"));
  EXPECT_THAT(codes({.certificate = leaf.certificate + root.certificate, .key = leaf.key}),
              ElementsAre("issuer_missing"))
      << "the root alone does not help";
}

TEST_F(CheckUploadTest, EachFaultHasItsCode) {
  const auto with = [&](auto change) {
    auto recipe = good();
    change(recipe);
    return codes(recipe);
  };
  using Recipe = test::Recipe;
  EXPECT_THAT(with([](Recipe& r) { r.names = "DNS:a.test"; }), ElementsAre("name_missing"));
  EXPECT_THAT(with([](Recipe& r) { r.names = "DNS:*.test,DNS:www.a.test"; }), IsEmpty());
  EXPECT_THAT(with([](Recipe& r) { r.names = "DNS:a.test,DNS:*.test"; }),
              ElementsAre("name_missing"))
      << "a wildcard stands for one label";
  EXPECT_THAT(with([](Recipe& r) { r.names = ""; }), ElementsAre("name_missing"))
      << "a common name is none";
  EXPECT_THAT(with([](Recipe& r) { r.from = std::chrono::hours(1); }),
              ElementsAre("not_yet_valid"));
  EXPECT_THAT(with([](Recipe& r) { r.to = std::chrono::hours(0); }), ElementsAre("expired"));
  EXPECT_THAT(with([](Recipe& r) { r.to = std::chrono::hours(23); }), ElementsAre("expires_soon"));
  EXPECT_THAT(with([](Recipe& r) { r.authority = true; }), ElementsAre("is_authority"));
  EXPECT_THAT(with([](Recipe& r) { r.key = "RSA 1024"; }), ElementsAre("weak_key"));
  EXPECT_THAT(with([](Recipe& r) { r.key = "P-521"; }), ElementsAre("weak_key"));
  EXPECT_THAT(with([](Recipe& r) { r.key = "ED25519"; }), ElementsAre("weak_key"));
  EXPECT_THAT(with([](Recipe& r) { r.digest = "SHA1"; }), ElementsAre("weak_signature"));
  EXPECT_THAT(with([](Recipe& r) { r.more = {{NID_ext_key_usage, "clientAuth"}}; }),
              ElementsAre("not_for_servers"));
  EXPECT_THAT(with([](Recipe& r) { r.more = {{NID_ext_key_usage, "serverAuth"}}; }), IsEmpty());
  EXPECT_THAT(with([](Recipe& r) { r.more = {{NID_tlsfeature, "status_request"}}; }),
              ElementsAre("must_staple"));
}

TEST_F(CheckUploadTest, AnIssuerThatClientsRefuseIsAFault) {
  const Forged weak = forge({.name = "Weak",
                             .issuer = &root,
                             .authority = true,
                             .digest = "SHA1",
                             .to = std::chrono::hours(0)},
                            now);
  auto recipe = good();
  recipe.issuer = &weak;
  const Forged leaf = forge(recipe, now);
  EXPECT_THAT(codes({.certificate = leaf.certificate + weak.certificate, .key = leaf.key}),
              UnorderedElementsAre("expired", "weak_issuer"));
}

TEST_F(CheckUploadTest, AllFaultsAreToldAtOnce) {
  const Forged leaf = forge({.names = "DNS:b.test", .to = std::chrono::hours(0)}, now);
  EXPECT_THAT(codes({.certificate = leaf.certificate, .key = middle.key}),
              UnorderedElementsAre("key_mismatch", "name_missing", "expired"));
  EXPECT_THAT(codes(Upload{}), UnorderedElementsAre("no_certificate", "no_key"));
  EXPECT_THAT(codes({.certificate = "x", .key = Secret("y")}),
              UnorderedElementsAre("no_certificate", "no_key"));
  EXPECT_THAT(
      codes({.certificate = std::string(70'000, 'x'), .key = Secret(std::string(17'000, 'x'))}),
      UnorderedElementsAre("too_large", "too_large"));
}

TEST_F(CheckUploadTest, AKeyWithAPassphraseIsRefused) {
  const Forged leaf = forge(good(), now);
  const net::Key key = net::parse_key(leaf.key).value();
  for (const bool old : {false, true}) {
    const net::Bio bio(BIO_new(BIO_s_mem()));
    char word[] = "secret";
    if (old) {
      PEM_write_bio_PrivateKey_traditional(bio.get(), key.get(), EVP_aes_128_cbc(),
                                           reinterpret_cast<unsigned char*>(word), 6, nullptr,
                                           nullptr);
    } else {
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), EVP_aes_128_cbc(), word, 6, nullptr,
                                    nullptr);
    }
    EXPECT_THAT(codes({.certificate = leaf.certificate + middle.certificate,
                       .key = Secret(net::text_of(bio.get()))}),
                ElementsAre("key_encrypted"))
        << old;
  }
}

TEST(CoversName, IsByAlternativeNamesOnly) {
  const net::CertificateInfo info{
      .common_name = "cn.test", .names = {"*.a.test", "B.test"}, .addresses = {"192.0.2.1"}};
  EXPECT_TRUE(net::covers_name(info, "www.a.test"));
  EXPECT_TRUE(net::covers_name(info, "*.a.test"));
  EXPECT_TRUE(net::covers_name(info, "b.test"));
  EXPECT_TRUE(net::covers_name(info, "192.0.2.1"));
  for (const char* name :
       {"a.test", "x.www.a.test", "cn.test", "*.b.test", "192.0.2.2", ".a.test"}) {
    EXPECT_FALSE(net::covers_name(info, name)) << name;
  }
}

class UploadTest : public test::ControlTest {
 protected:
  ~UploadTest() override { ::unsetenv("SSL_CERT_FILE"); }

  WallTime now() { return plane.clock.now(); }
  Forged root = forge({.name = "Root", .authority = true}, now());
  Forged middle = forge({.name = "Middle", .issuer = &root, .authority = true}, now());
  // Lets the system trust `root`.
  void trust_root() {
    const std::string path = plane.folder.path() + "/root.pem";
    ASSERT_TRUE(plane.files.write_atomic(path, root.certificate, 0644, {}));
    ::setenv("SSL_CERT_FILE", path.c_str(), 1);
  }
  Upload pair(const Forged* issuer) {
    const Forged leaf = forge({.names = names_of_domain("example.test"), .issuer = issuer}, now());
    return {.certificate = leaf.certificate + (issuer == nullptr ? "" : issuer->certificate),
            .key = leaf.key};
  }
  Certificate row() { return get_certificate(context, "example.test").value(); }
  std::size_t versions_on_disk() {
    return plane.files.list(plane.paths.certificates + "/example.test/versions")->size();
  }
};

TEST_F(UploadTest, AnUploadIsInUseAtOnce) {
  const Upload upload = pair(&middle);
  const auto done = upload_certificate(context, admin, "example.test", upload, {});
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_THAT(done->services, testing::Contains(ServiceName::mail));
  const Certificate now_used = row();
  EXPECT_EQ(now_used.issuer, kFileIssuer);
  EXPECT_EQ(now_used.version_issuer, kFileIssuer);
  EXPECT_EQ(now_used.state, CertificateState::valid);
  EXPECT_THAT(now_used.version_names, ElementsAre("*.example.test", "example.test"));
  EXPECT_EQ(now_used.renew_at, WallTime{});
  EXPECT_EQ(now_used.ask_at, WallTime{});
  EXPECT_EQ(now_used.revision, done->revision);
  EXPECT_EQ(now_used.version, net::read_certificate(upload.certificate)->fingerprint);
  EXPECT_EQ(plane.files.read(plane.paths.certificates + "/example.test/fullchain.pem").value(),
            upload.certificate);
  EXPECT_EQ(
      std::get<CertificateRow>(rows_of(ServiceName::mail, RowKind::certificate).at("example.test"))
          .version,
      now_used.version);

  const auto again = upload_certificate(context, admin, "example.test", upload, {});
  EXPECT_TRUE(again->unchanged);
  EXPECT_EQ(again->revision, done->revision);
}

TEST_F(UploadTest, AFailureAndARehearsalLeaveNothing) {
  const Certificate before = row();
  const std::size_t versions = versions_on_disk();
  EXPECT_EQ(code(upload_certificate(context, admin, "example.test", pair(&middle),
                                    {.if_match = Etags{.tags = {"0"}}})),
            "changed_meanwhile");
  const auto tried =
      upload_certificate(context, admin, "example.test", pair(&middle), {.dry_run = true});
  EXPECT_TRUE(tried && tried->rehearsal);
  EXPECT_EQ(code(upload_certificate(context, admin, "nobody.test", pair(&middle), {})),
            "certificate_unknown");
  EXPECT_EQ(row().version, before.version);
  EXPECT_EQ(row().issuer, before.issuer);
  EXPECT_EQ(versions_on_disk(), versions);
}

TEST_F(UploadTest, ARefusedUploadOfTheVersionInUseLeavesIt) {
  const Upload upload = pair(&middle);
  ASSERT_TRUE(upload_certificate(context, admin, "example.test", upload, {}));
  EXPECT_EQ(code(upload_certificate(context, admin, "example.test", upload,
                                    {.if_match = Etags{.tags = {"0"}}})),
            "changed_meanwhile");
  EXPECT_TRUE(context.versions.exists({"example.test", row().version}));
}

TEST_F(UploadTest, ANameDoesNotGoBackToAWeakerCertificate) {
  trust_root();
  ASSERT_TRUE(upload_certificate(context, admin, "example.test", pair(&middle), {}));
  const auto in_use = context.store.read<int>(
      [&](store::Session& session) { return trust_rank_in_use(context, session, row()); });
  EXPECT_EQ(in_use.value(), kTrusted);
  Upload weaker = pair(nullptr);
  EXPECT_EQ(code(upload_certificate(context, admin, "example.test", weaker, {})),
            "weaker_certificate");
  ASSERT_TRUE(upload_certificate(context, admin, "example.test", pair(&middle), {}))
      << "as good as before";
  weaker.allow_weaker = true;
  const auto done = upload_certificate(context, admin, "example.test", weaker, {});
  ASSERT_TRUE(done);
  EXPECT_THAT(done->warnings, ElementsAre(HasSubstr("do not trust")));
}

// What a diagnosis is told of it.
TEST_F(UploadTest, ADiagnosisSeesNamesThatWereWantedLaterAndALeafThatStandsAlone) {
  const auto facts = [this] {
    EvidenceJson all = EvidenceJson::object();
    add_certificate_facts(context, all);
    for (const EvidenceJson& one : list_of(all, "certificates")) {
      if (text_of(one, "name") == "example.test") {
        return one;
      }
    }
    return EvidenceJson();
  };
  ASSERT_TRUE(upload_certificate(context, admin, "example.test", pair(&middle), {}));
  EXPECT_TRUE(list_of(facts(), "uncovered").empty());
  EXPECT_FALSE(flag_of(facts(), "stands_alone", true));
  ASSERT_TRUE(change_certificate(context, admin, "example.test",
                                 {.names = std::vector<std::string>{"example.test", "x.y.test"}}));
  EXPECT_EQ(facts()["uncovered"], EvidenceJson::array({"x.y.test"}));

  ASSERT_TRUE(change_certificate(context, admin, "example.test",
                                 {.names = std::vector<std::string>{"example.test"}}));
  Upload own = pair(nullptr);
  own.allow_weaker = true;
  ASSERT_TRUE(upload_certificate(context, admin, "example.test", own, {}));
  EXPECT_TRUE(flag_of(facts(), "stands_alone")) << "it signed itself";
}

}  // namespace
}  // namespace podplay::control
