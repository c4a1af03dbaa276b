// The image's own templates with realistic snapshots.
#include "daemons/rendering.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/files.hpp"
#include "daemons/daemon.hpp"
#include "model/names.hpp"

namespace podplay::daemons {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string tree_of(const std::string& service) {
  return PODPLAY_SOURCE_DIR "/services/" + service + "/rootfs";
}

std::string file_of(const std::vector<ReleaseFile>& files, std::string_view path) {
  for (const ReleaseFile& file : files) {
    if (file.path == path) {
      return file.content;
    }
  }
  return "no file " + std::string(path);
}

class RenderingTest : public testing::Test {
 protected:
  std::vector<ReleaseFile> render(const Snapshot& snapshot) {
    const std::string tree = tree_of(std::string(to_text(snapshot.service)));
    const auto templates = TemplateSet::load(files_, tree, "/nonexistent");
    EXPECT_TRUE(templates.has_value());
    std::vector<ReleaseFile> all;
    const ServiceDescription service = describe_service(snapshot.service);
    for (const auto& daemon : service.daemons) {
      auto rendered = daemon->render(snapshot, *templates);
      EXPECT_TRUE(rendered.has_value()) << describe(rendered.error());
      if (rendered) {
        std::ranges::move(*rendered, std::back_inserter(all));
      }
    }
    return all;
  }
  MailSnapshot mail() {
    MailSnapshot body{"mail.a.test", "admin@a.test",          "INFO", "none", "",
                      26214400,      {"mail.a.test", "aa11"}, {}};
    body.domains = {{"a.test", {"a.test", "bb22"}}, {"b.test", {"b.test", "cc33"}}};
    return body;
  }
  RealFiles files_;
};

TEST_F(RenderingTest, MailWithEveryWayOut) {
  for (const char* outbound : {"none", "relay", "direct"}) {
    MailSnapshot body = mail();
    body.outbound = outbound;
    body.relay_host = "relay.test:2525";
    const auto files = render({ServiceName::mail, 1, body});
    const std::string main = file_of(files, "etc/postfix/main.cf");
    EXPECT_THAT(main, HasSubstr("myhostname = mail.a.test\n"));
    EXPECT_THAT(main, HasSubstr("message_size_limit = 26214400\n"));
    EXPECT_EQ(main.find("relayhost = [relay.test]:2525") != std::string::npos,
              std::string(outbound) == "relay");
    EXPECT_EQ(main.find("PODPLAY_MAIL_OUTBOUND=none") != std::string::npos,
              std::string(outbound) == "none");
    EXPECT_THAT(file_of(files, "etc/dovecot/dovecot.conf"),
                HasSubstr("/data/certificates/b.test/fullchain.pem"));
  }
}

TEST_F(RenderingTest, ANewCertificateIsANewRelease) {
  const auto before = render({ServiceName::mail, 1, mail()});
  MailSnapshot body = mail();
  body.domains[0].certificate.fingerprint = "dd44";
  const auto after = render({ServiceName::mail, 1, body});
  EXPECT_NE(file_of(before, "etc/postfix/certificates"),
            file_of(after, "etc/postfix/certificates"));
  EXPECT_NE(file_of(before, "etc/dovecot/dovecot.conf"),
            file_of(after, "etc/dovecot/dovecot.conf"));
}

TEST_F(RenderingTest, DovecotTakesEveryNameThatAMailboxMayHave) {
  const std::string conf =
      file_of(render({ServiceName::mail, 1, mail()}), "etc/dovecot/dovecot.conf");
  const std::string key = "\nauth_username_chars = \"";
  const std::size_t start = conf.find(key);
  ASSERT_NE(start, conf.npos);
  const std::size_t from = start + key.size();
  const std::string taken = conf.substr(from, conf.find("\"\n", from) - from);
  EXPECT_TRUE(taken.contains('@'));
  for (char c = ' '; c <= '~'; ++c) {
    if (EmailAddress::parse_own(std::string("a") + c + "b@a.test")) {
      EXPECT_TRUE(taken.contains(c)) << c;
    }
  }
  EXPECT_THAT(taken, Not(testing::ContainsRegex("[%'\"\\\\/:]")))
      << "these mean something in a query, a path or a setting";
}

TEST_F(RenderingTest, BindHasAFilePerZone) {
  BindSnapshot body;
  body.host_name = "a.test";
  body.log_level = "INFO";
  body.zones = {{"a.test",
                 42,
                 "ns1.a.test",
                 "admin.a.test",
                 {{"@", 3600, "NS", "ns1.a.test."}, {"ns1", 3600, "A", "127.0.0.1"}}}};
  const auto files = render({ServiceName::bind, 1, body});
  EXPECT_THAT(file_of(files, "etc/bind/named.conf"), HasSubstr("/etc/bind/zones/a.test.zone"));
  EXPECT_THAT(file_of(files, "etc/bind/zones/a.test.zone"), HasSubstr("42"));
  EXPECT_THAT(file_of(files, "etc/bind/zones/a.test.zone"), HasSubstr("ns1.a.test."));
  body.forwarders = {"192.0.2.1"};
  body.secondaries = {"192.0.2.2"};
  EXPECT_THAT(file_of(render({ServiceName::bind, 1, body}), "etc/bind/named.conf"),
              HasSubstr("192.0.2.1"));
}

TEST_F(RenderingTest, ApacheHasASitePerDomain) {
  ApacheSnapshot body;
  body.host_name = "a.test";
  body.admin_email = "admin@a.test";
  body.log_level = "INFO";
  body.https_port = 8443;
  body.certificate = {"a.test", "aa11"};
  body.sites = {{"a.test", {"www.a.test"}, {"a.test", "aa11"}},
                {"b.test", {"www.b.test"}, {"b.test", "bb22"}}};
  const auto files = render({ServiceName::apache, 1, body});
  std::string all;
  for (const ReleaseFile& file : files) {
    all += file.content;
  }
  EXPECT_THAT(all, HasSubstr("www.b.test"));
  EXPECT_THAT(all, HasSubstr(":8443"));
  EXPECT_THAT(all, HasSubstr("/data/certificates/b.test/"));
  EXPECT_THAT(all, HasSubstr("bb22"));
}

TEST_F(RenderingTest, OverridesReplaceAndUnknownOnesAreNamed) {
  std::string folder = (std::filesystem::temp_directory_path() / "templates.XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  for (const char* path : {"/image/etc/x", "/over/etc/x"}) {
    std::filesystem::create_directories(folder + path);
  }
  std::ofstream(folder + "/image/etc/x/main.cf.tmpl") << "name = {{name}}\n";
  std::ofstream(folder + "/image/etc/x/fixed.cf") << "fixed {{as it is}}\n";
  std::ofstream(folder + "/over/etc/x/main.cf.tmpl") << "mine = {{name}}\n";
  auto set = TemplateSet::load(files_, folder + "/image", folder + "/over");
  ASSERT_TRUE(set.has_value());
  auto rendered = render_below(*set, "etc/x/", {{"name", "n"}});
  ASSERT_TRUE(rendered.has_value()) << describe(rendered.error());
  EXPECT_EQ(file_of(*rendered, "etc/x/main.cf"), "mine = n\n");
  EXPECT_EQ(file_of(*rendered, "etc/x/fixed.cf"), "fixed {{as it is}}\n");

  std::ofstream(folder + "/over/etc/x/main.cf.tmpl") << "line\nmine = {{nmae}}\n";
  set = TemplateSet::load(files_, folder + "/image", folder + "/over");
  rendered = render_below(*set, "etc/x/", {{"name", "n"}});
  ASSERT_FALSE(rendered.has_value());
  EXPECT_THAT(describe(rendered.error()), HasSubstr("nmae"));
  EXPECT_THAT(describe(rendered.error()), HasSubstr(folder + "/over/etc/x/main.cf.tmpl"));

  std::ofstream(folder + "/over/etc/x/mian.cf.tmpl") << "x";
  set = TemplateSet::load(files_, folder + "/image", folder + "/over");
  ASSERT_FALSE(set.has_value());
  EXPECT_THAT(set.error().remedy, HasSubstr("main.cf.tmpl"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace podplay::daemons
