// The image's own templates render realistic snapshots.
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

std::string tree_of(const std::string& service) { return "services/" + service + "/rootfs"; }

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
    return {.host_name = "mail.a.test",
            .admin_email = "admin@a.test",
            .log_level = "INFO",
            .outbound = "none",
            .relay_host = "",
            .certificate = {"mail.a.test", "aa11"}};
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
    EXPECT_THAT(file_of(files, "etc/dovecot-login/dovecot.conf"),
                HasSubstr("/data/certificates/mail.a.test/versions/aa11/fullchain.pem"));
  }
}

TEST_F(RenderingTest, TheRelaysTlsIsAsStrictAsItsSetting) {
  MailSnapshot body = mail();
  body.outbound = "relay";
  for (const auto& [host, tls, level, at_once] :
       {std::tuple{"relay.test:587", "verify", "secure", false},
        std::tuple{"relay.test:465", "encrypt", "encrypt", true},
        std::tuple{"relay.test:25", "may", "may", false}}) {
    body.relay_host = host;
    body.relay_tls = tls;
    body.relay_login = at_once;
    const std::string main = file_of(render({ServiceName::mail, 1, body}), "etc/postfix/main.cf");
    EXPECT_THAT(main, HasSubstr(std::string("\nsmtp_tls_security_level = ") + level + "\n"));
    EXPECT_EQ(main.contains("\nsmtp_tls_wrappermode = yes\n"), at_once) << host;
    EXPECT_EQ(main.contains("\nsmtp_sasl_auth_enable = yes\n"), at_once) << host;
  }
}

TEST_F(RenderingTest, OnlyTheSecondDovecotHasCertificates) {
  const auto files = render({ServiceName::mail, 1, mail()});
  EXPECT_THAT(file_of(files, "etc/dovecot/dovecot.conf"), Not(HasSubstr("/data/certificates")))
      << "it would reload for them, and end logins that are under way";
}

TEST_F(RenderingTest, ANewCertificateOfTheHostIsANewRelease) {
  const auto before = render({ServiceName::mail, 1, mail()});
  MailSnapshot body = mail();
  body.certificate.version = "dd44";
  const auto after = render({ServiceName::mail, 1, body});
  for (const char* path : {"etc/postfix/main.cf", "etc/dovecot-login/dovecot.conf"}) {
    EXPECT_NE(file_of(before, path), file_of(after, path)) << path;
  }
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
  EXPECT_THAT(taken, Not(testing::ContainsRegex("[\"\\\\/:]")))
      << "these mean something in a path or a setting";
}

TEST_F(RenderingTest, BindsFilesNameNoZone) {
  BindSnapshot body{.host_name = "a.test",
                    .log_level = "INFO",
                    .forwarders = {"192.0.2.1"},
                    .secondaries = {"192.0.2.2"}};
  const std::string conf = file_of(render({ServiceName::bind, 1, body}), "etc/bind/named.conf");
  EXPECT_THAT(conf, HasSubstr("192.0.2.1"));
  EXPECT_THAT(conf, HasSubstr("allow-new-zones yes"));
  EXPECT_THAT(conf, Not(HasSubstr("zone \"")));
}

TEST_F(RenderingTest, ApachesFilesAreAboutTheHost) {
  ApacheSnapshot body{.host_name = "control.a.test",
                      .admin_email = "admin@a.test",
                      .log_level = "INFO",
                      .https_port = 8443,
                      .certificate = {"control.a.test", "aa11"}};
  const auto files = render({ServiceName::apache, 1, body});
  const std::string conf = file_of(files, "etc/apache2/apache2.conf");
  EXPECT_THAT(conf, HasSubstr(":8443"));
  EXPECT_THAT(conf, HasSubstr("/data/certificates/control.a.test/versions/aa11/"));
  EXPECT_THAT(conf, HasSubstr("IncludeOptional"));
  EXPECT_THAT(file_of(files, "etc/apache2/site.conf"), HasSubstr("no file"));
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
