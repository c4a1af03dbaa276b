// Servers that show the right certificate everywhere, or not for one name on one port.
#include "daemons/certificate_proof.hpp"

#include <gtest/gtest.h>

#include "base/test_folder.hpp"
#include "net/tls_server.hpp"

namespace podplay::daemons {
namespace {

using namespace std::chrono_literals;
using net::test::make_certificate;
using net::test::Pair;
using net::test::TlsServer;
using Names = std::vector<std::string>;

constexpr auto kTimeout = 2000ms;

class CertificateProof : public testing::Test {
 protected:
  std::vector<TlsPort> ports() const {
    return {{.daemon = "d", .service = "IMAPS", .port = imaps_.port()},
            {.daemon = "d", .service = "SMTP", .port = smtp_.port(), .start = net::TlsStart::smtp}};
  }
  void show(const std::string& name, const Pair& pair) {
    imaps_.show(name, pair);
    smtp_.show(name, pair);
  }
  // Writes the files of a version below the test's folder.
  void keep(const std::string& name, const Pair& pair, const std::string& version) {
    const std::string folder = folder_.path() + "/" + name + "/versions/" + version;
    ASSERT_TRUE(files_.make_dirs(folder));
    ASSERT_TRUE(files_.write_new(folder + "/cert.pem", pair.chain));
    ASSERT_TRUE(files_.write_new(folder + "/fullchain.pem", pair.chain));
    ASSERT_TRUE(files_.write_new(folder + "/privkey.pem", pair.key));
  }

  RealFiles real_files_;
  Files& files_ = real_files_;
  test::TestFolder folder_;
  const Pair host_ = make_certificate({"host.test"});
  const Pair old_ = make_certificate({"a.test", "mail.a.test"});
  const Pair new_ = make_certificate({"a.test", "mail.a.test"});
  TlsServer imaps_{{{"", host_}}};
  TlsServer smtp_{{{"", host_}}, {"220 x\r\n", {"250 x\r\n", "220 go\r\n"}}};
};

TEST_F(CertificateProof, EveryPortIsAskedForEveryName) {
  for (const char* name : {"a.test", "mail.a.test"}) {
    show(name, new_);
  }
  const Names names{"a.test", "mail.a.test"};
  const auto seen = shows_certificate(ports(), names, {"a.test", new_.fingerprint}, kTimeout);
  EXPECT_EQ(seen.state, RowState::done) << seen.words;
  EXPECT_EQ(imaps_.asked(), 2);
  EXPECT_EQ(smtp_.asked(), 2);
}

TEST_F(CertificateProof, TheWordsSayWhereWhatIsShownForWhom) {
  for (const char* name : {"a.test", "mail.a.test"}) {
    show(name, new_);
  }
  smtp_.show("mail.a.test", old_);
  const Names names{"a.test", "mail.a.test"};
  const auto seen = shows_certificate(ports(), names, {"a.test", new_.fingerprint}, kTimeout);
  EXPECT_EQ(seen.state, RowState::later);
  EXPECT_TRUE(seen.answered);
  EXPECT_EQ(seen.words, "SMTP on port " + std::to_string(smtp_.port()) +
                            " shows for mail.a.test the certificate " +
                            old_.fingerprint.substr(0, 16) + ", not " +
                            new_.fingerprint.substr(0, 16) + " of /data/certificates/a.test");
}

TEST_F(CertificateProof, AFailedHandshakeIsSaidAndCounts) {
  show("a.test", new_);
  imaps_.show("a.test", Pair{});
  const Names names{"a.test"};
  const auto seen = shows_certificate(ports(), names, {"a.test", new_.fingerprint}, kTimeout);
  EXPECT_EQ(seen.state, RowState::later);
  EXPECT_TRUE(seen.answered);
  const std::string begin =
      "IMAPS on port " + std::to_string(imaps_.port()) + " shows no certificate for a.test: ";
  EXPECT_TRUE(seen.words.starts_with(begin)) << seen.words;
}

TEST_F(CertificateProof, AClosedPortIsNoAnswer) {
  const std::vector<TlsPort> closed{{.daemon = "d", .service = "IMAPS", .port = 1}};
  const Names names{"a.test"};
  const auto seen = shows_certificate(closed, names, {"a.test", new_.fingerprint}, kTimeout);
  EXPECT_EQ(seen.state, RowState::later);
  EXPECT_FALSE(seen.answered);
}

TEST_F(CertificateProof, AskableNamesHaveNoWildcardAndNoAddress) {
  const Names names{"a.test", "*.a.test", "192.0.2.1", "2001:db8::1", "a.test"};
  EXPECT_EQ(askable_names(names), (Names{"a.test", "podplay-probe.a.test"}));
}

TEST_F(CertificateProof, ACertificateIsHiddenWhenNoPortShowsAVersionOfIt) {
  keep("a.test", old_, old_.fingerprint);
  EXPECT_EQ(hides_certificate(ports(), "a.test", kTimeout, folder_.path()).state, RowState::done);
  smtp_.show("a.test", old_);
  const auto seen = hides_certificate(ports(), "a.test", kTimeout, folder_.path());
  EXPECT_EQ(seen.state, RowState::later);
  EXPECT_TRUE(seen.words.starts_with("SMTP on port ")) << seen.words;
}

TEST_F(CertificateProof, WhatEverybodyIsShownIsNotASitesCertificate) {
  keep("host.test", host_, host_.fingerprint);
  EXPECT_EQ(hides_certificate(ports(), "host.test", kTimeout, folder_.path()).state,
            RowState::done);
}

TEST_F(CertificateProof, TheHostsOwnIsProvenEverywhereOnce) {
  HostCertificateProof proof(ports());
  const CertificateRef before{"host.test", host_.fingerprint};
  EXPECT_TRUE(proof.probe("imaps", "host.test", before, kTimeout).ok);
  EXPECT_EQ(imaps_.asked() + smtp_.asked(), 4) << "with and without SNI";
  EXPECT_TRUE(proof.probe("imaps", "host.test", before, kTimeout).ok);
  EXPECT_EQ(imaps_.asked() + smtp_.asked(), 5);

  const CertificateRef after{"host.test", new_.fingerprint};
  imaps_.show("", new_);
  smtp_.show("host.test", new_);
  const auto seen = proof.probe("imaps", "host.test", after, kTimeout);
  EXPECT_FALSE(seen.ok);
  EXPECT_NE(seen.message.find("SMTP on port"), seen.message.npos) << seen.message;
  EXPECT_NE(seen.message.find("clients without SNI"), seen.message.npos) << seen.message;
  smtp_.show("", new_);
  EXPECT_TRUE(proof.probe("imaps", "host.test", after, kTimeout).ok);
}

TEST_F(CertificateProof, AVersionsFilesMustBeWhatItSays) {
  keep("a.test", new_, new_.fingerprint);
  const auto fine = check_version(files_, {"a.test", new_.fingerprint}, folder_.path());
  ASSERT_TRUE(fine) << describe(fine.error());
  EXPECT_EQ(fine->names, (Names{"a.test", "mail.a.test"}));

  keep("a.test", new_, old_.fingerprint);
  const auto other = check_version(files_, {"a.test", old_.fingerprint}, folder_.path());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "certificate_differs");

  keep("b.test", Pair{.chain = old_.chain, .key = new_.key, .fingerprint = ""}, old_.fingerprint);
  const auto mismatch = check_version(files_, {"b.test", old_.fingerprint}, folder_.path());
  ASSERT_FALSE(mismatch);
  EXPECT_EQ(mismatch.error().code, "key_mismatch");
}

TEST(TlsPorts, OfADaemonBeginWithTls) {
  for (const char* daemon : {"apache", "dovecot-login", "postfix"}) {
    const auto ports = tls_ports_of(daemon);
    ASSERT_FALSE(ports.empty()) << daemon;
    EXPECT_EQ(ports.front().start, net::TlsStart::at_once) << daemon;
  }
}

}  // namespace
}  // namespace podplay::daemons
