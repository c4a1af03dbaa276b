// When to renew. RFC 9773 names no vectors but that of the certificate's id.
#include "acme/renewal.hpp"

#include <gtest/gtest.h>

namespace podplay::acme {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

constexpr const char* kExample = R"(-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----
)";

TEST(Renewal, TheIdIsThatOfRfc9773) {
  EXPECT_EQ(certificate_id(kExample).value(), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
  EXPECT_FALSE(certificate_id("nothing"));
}

TEST(Renewal, ATimeIsChosenOnceInTheWindow) {
  const WallTime now = from_millis(1'800'000'000'000);
  const RenewalWindow later{.start = now + 24h, .end = now + 48h};
  EXPECT_EQ(choose_renewal_time(later, {}, now, 0.25), now + 30h);
  EXPECT_EQ(choose_renewal_time(later, {}, now, 0), now + 24h);
  EXPECT_EQ(choose_renewal_time(later, now + 40h, now, 0.25), now + 40h) << "it was chosen before";
  EXPECT_EQ(choose_renewal_time(later, now + 48h, now, 0.25), now + 30h) << "the window moved";
  EXPECT_EQ(choose_renewal_time(later, now + 1h, now, 0.5), now + 36h) << "the window moved";
  const RenewalWindow past{.start = now - 48h, .end = now - 24h};
  EXPECT_EQ(choose_renewal_time(past, now + 40h, now, 0.5), now) << "revoked: renew at once";
}

TEST(Renewal, WithoutAWindowAShareOfTheLifeIsLeft) {
  const WallTime from = from_millis(1'800'000'000'000);
  EXPECT_EQ(default_renewal_time(from, from + days(90)), from + days(60));
  EXPECT_EQ(default_renewal_time(from, from + 160h), from + 80h);
}

}  // namespace
}  // namespace podplay::acme
