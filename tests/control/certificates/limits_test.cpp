// Let's Encrypt's limits, counted in a store with made-up orders.
#include "control/certificates/limits.hpp"

#include "control/certificates/registered_domain.hpp"
#include "control/control_test.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

constexpr auto kDay = std::chrono::days(1);

TEST(RegisteredDomain, IsWhatWasBought) {
  EXPECT_EQ(registered_domain("www.example.com"), "example.com");
  EXPECT_EQ(registered_domain("example.com"), "example.com");
  EXPECT_EQ(registered_domain("*.new.blog.example.co.uk"), "example.co.uk");
  EXPECT_EQ(registered_domain("a.b.test"), "b.test");
  EXPECT_EQ(registered_domain("com"), "com");
  EXPECT_EQ(registered_domain("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(registered_domain("2001:db8:0:1:2::3"), "2001:db8:0:1::/64");
}

class LimitsTest : public test::ControlTest {
 protected:
  // Orders of that long ago, in one transaction.
  void ordered(const std::vector<Names>& all, std::chrono::milliseconds ago,
               const store::AcmeOrder& like = {.certificate = "other",
                                               .state = store::OrderState::done}) {
    ASSERT_TRUE(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
      for (const Names& names : all) {
        store::AcmeOrder order = like;
        order.id = ++orders_;
        order.account = account.name;
        order.names = names;
        order.created = order.ended = now - ago;
        store::put_order(transaction, order);
      }
      return true;
    }));
  }
  // Of names 0.DOMAIN, 1.DOMAIN and so on.
  static std::vector<Names> numbered(int count, const std::string& domain) {
    std::vector<Names> all;
    for (int number = 0; number < count; ++number) {
      all.push_back({fmt::format("{}.{}", number, domain)});
    }
    return all;
  }
  std::optional<LimitHit> hit(const Names& names, bool replaces = false) {
    certificate.names = names;
    return context.store
        .read<std::optional<LimitHit>>([&](store::Session& session) {
          return limit_hit(session, account, certificate, replaces, now);
        })
        .value();
  }

  const WallTime now = plane.clock.now();
  AcmeAccount account{.name = "letsencrypt",
                      .directory = "https://acme-v02.api.letsencrypt.org/directory"};
  Certificate certificate{.name = "a.de"};

 private:
  std::int64_t orders_ = 0;
};

TEST_F(LimitsTest, FiveCertificatesForTheSameNames) {
  const Names names{"a.de", "www.a.de"};
  ordered(std::vector<Names>(4, names), 10h);
  EXPECT_FALSE(hit(names));
  ordered({names}, 10h);
  const auto found = hit(names);
  ASSERT_TRUE(found);
  // One comes back every 33.6 hours.
  EXPECT_EQ(std::chrono::duration_cast<std::chrono::minutes>(found->until - now), 23h + 36min);
  EXPECT_EQ(found->words,
            "letsencrypt signs at most 5 certificates for the same names in 7 days, and that is "
            "used up");
  EXPECT_FALSE(hit(names, true)) << "an order that names what it renews is not counted";
  EXPECT_FALSE(hit({"a.de"})) << "other names";
}

TEST_F(LimitsTest, WhatWasUsedComesBack) {
  for (int number = 1; number <= 5; ++number) {
    ordered({{"a.de"}}, kDay * 7 * number / 5);
  }
  EXPECT_FALSE(hit({"a.de"})) << "five within a week, but spread over it";
  ordered(std::vector<Names>(5, {"b.de"}), kDay,
          {.certificate = "other", .state = store::OrderState::done, .replaces = "id"});
  EXPECT_FALSE(hit({"b.de"})) << "renewals with `replaces` have used nothing";
}

TEST_F(LimitsTest, FiftyCertificatesForOneRegisteredDomain) {
  ordered(numbered(50, "a.co.uk"), 1h);
  const auto found = hit({"new.a.co.uk"});
  ASSERT_TRUE(found);
  EXPECT_NE(found->words.find("names of a.co.uk"), std::string::npos) << found->words;
  EXPECT_LT(found->until, now + 4h);
  EXPECT_FALSE(hit({"new.b.co.uk"}));
  EXPECT_FALSE(hit({"1.a.co.uk"})) << "the same names as before are a renewal";
}

TEST_F(LimitsTest, AFailedOrderIsAnOrderAndNoCertificate) {
  const store::AcmeOrder failed{.certificate = "other", .state = store::OrderState::failed};
  ordered(numbered(299, "a.de"), 1s, failed);
  EXPECT_FALSE(hit({"new.a.de"}));
  ordered({{"new.a.de"}}, 1s, {.certificate = "a.de", .state = store::OrderState::open});
  EXPECT_FALSE(hit({"new.a.de"})) << "the certificate's own open order is the one in question";
  ordered({{"last.a.de"}}, 1s, failed);
  const auto found = hit({"new.a.de"});
  ASSERT_TRUE(found);
  EXPECT_NE(found->words.find("300 orders"), std::string::npos) << found->words;
  EXPECT_EQ(found->until, now + 35s);
}

TEST_F(LimitsTest, FiveFailedValidationsOfOneName) {
  ordered(std::vector<Names>(5, {"*.a.de", "b.de"}), 2min,
          {.certificate = "other", .state = store::OrderState::failed, .failed_names = {"*.a.de"}});
  const auto found = hit({"a.de"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->until, now + 10min);
  EXPECT_NE(found->words.find("failed validations of a.de"), std::string::npos) << found->words;
  EXPECT_FALSE(hit({"b.de"}));
}

TEST_F(LimitsTest, OtherDirectoriesHaveOthersOrNone) {
  ordered(std::vector<Names>(6, {"a.de"}), 1min);
  EXPECT_TRUE(hit({"a.de"}));
  account.directory = "https://acme-staging-v02.api.letsencrypt.org/directory";
  EXPECT_FALSE(hit({"a.de"}));
  account.directory = "https://ca.test/dir";
  EXPECT_FALSE(hit({"a.de"}));
}

}  // namespace
}  // namespace podplay::control
