// `where` names the addresses of the profile, and next steps that work with it.
#include "cli/command_line.hpp"

namespace podplay::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(CommandLineTest, WhereOfTheLabProfile) {
  settings_ = {{"PODPLAY_DOMAIN", "lab.test"}};
  const Said said = run_words({"where"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out,
              StartsWith("web         https://127.0.0.1:8443/  (host name control.lab.test; "
                         "http://127.0.0.1:8080 redirects)\n"
                         "pages       https://control.lab.test:8443/  "));
  EXPECT_THAT(said.out,
              HasSubstr("\nSMTP        127.0.0.1:2525; submission 127.0.0.1:2587 (STARTTLS), "
                        "127.0.0.1:2465 (TLS)\n"));
  // README.md promises this line.
  EXPECT_THAT(said.out, EndsWith("next        bin/podplay status\n"
                                 "            bin/podplay-auth users create --email test@lab.test "
                                 "--password password123\n"
                                 "            make logs S=mail\n"));
}

TEST_F(CommandLineTest, WhereOfTheServerProfileNamesNoPasswordThatIsRefused) {
  settings_ = {{"PODPLAY_PROFILE", "server"},
               {"PODPLAY_DOMAIN", "real.test"},
               {"PODPLAY_PUBLIC_IPV4", "192.0.2.1"},
               {"PODPLAY_DNS_FORWARDERS", "192.0.2.53"}};
  const Said said = run_words({"where"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, StartsWith("web         https://control.real.test:443/  (host name "
                                   "control.real.test; http://control.real.test:80 redirects)\n"
                                   "pages       https://control.real.test/  "));
  EXPECT_THAT(said.out,
              HasSubstr("\nSMTP        control.real.test:25; submission control.real.test:587 "
                        "(STARTTLS), control.real.test:465 (TLS)\n"));
  EXPECT_THAT(said.out, Not(HasSubstr("--password")));
  EXPECT_THAT(said.out,
              EndsWith("next        bin/podplay status\n"
                       "            bin/podplay-auth users create --email test@real.test   # asks "
                       "for the password\n"
                       "            make logs S=mail\n"));
}

}  // namespace
}  // namespace podplay::cli
