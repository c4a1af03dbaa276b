// Everybody gets the pod's root, and reads how to trust it.
#include <gmock/gmock.h>

#include "api/api_fixture.hpp"
#include "net/x509.hpp"

namespace podplay::test {
namespace {

class TrustTest : public ApiTest {};

TEST_F(TrustTest, TheRootIsForEverybody) {
  const auto answer = ask("GET", "/ca.pem");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/x-x509-ca-cert");
  EXPECT_EQ(net::read_certificate(answer.body)->common_name, "PodPlay pod CA");
}

TEST_F(TrustTest, ThePageShowsTheFingerprintOfWhatIsDownloaded) {
  const auto page = ask("GET", "/trust");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.header("Content-Security-Policy"),
              testing::StartsWith("default-src 'none'; style-src 'sha256-"));
  std::string digits = net::read_certificate(ask("GET", "/ca.pem").body)->fingerprint;
  std::string shown;
  for (const char c : page.body.substr(page.body.find("Here it is"))) {
    if (c != ':' && c != '\n') {
      shown += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  EXPECT_THAT(shown, testing::HasSubstr(digits));
  for (const char* system :
       {"Debian", "Fedora", "macOS", "Windows", "iPhone", "Android", "Firefox"}) {
    EXPECT_THAT(page.body, testing::HasSubstr(system));
  }
}

}  // namespace
}  // namespace podplay::test
