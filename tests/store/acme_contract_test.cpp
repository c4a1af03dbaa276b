// Accounts, orders and challenges of authorities, and what certificates are wanted, in each store.
#include "store/acme.hpp"
#include "store/certificates.hpp"
#include "store/store_contract.hpp"

namespace podplay::store {
namespace {

using std::chrono::milliseconds;

constexpr WallTime at(std::int64_t millis) { return WallTime(milliseconds(millis)); }

class AcmeContract : public StoreContractBase {
 protected:
  AcmeOrder order(std::int64_t id, const std::string& certificate, OrderState state,
                  WallTime when) {
    return {.id = id,
            .certificate = certificate,
            .account = "public",
            .state = state,
            .names = {certificate, "www." + certificate},
            .replaces = "abc.def",
            .forced = true,
            .issuance = R"({"step":"placing"})",
            .installed = 7,
            .previous_version = "v1",
            .previous_issuer = "internal",
            .error = "no",
            .failed_names = {certificate},
            .created = when,
            .ended = when};
  }
};

TEST_P(AcmeContract, AnAccountIsKeptAndChanged) {
  AcmeAccount account{.name = "public",
                      .directory = "https://ca.test/directory",
                      .ca = "PEM",
                      .trusted = false,
                      .state = AcmeAccountState::wanted,
                      .contact = {"a@a.test", "b@a.test"},
                      .terms = "https://ca.test/terms",
                      .external_id = "kid",
                      .created = at(5),
                      .updated = at(6)};
  write([&](Transaction& t) { put_acme_account(t, account); });
  account.state = AcmeAccountState::valid;
  account.url = "https://ca.test/account/1";
  write([&](Transaction& t) { put_acme_account(t, account); });
  const auto found =
      read<std::optional<AcmeAccount>>([](Session& s) { return find_acme_account(s, "public"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->contact, account.contact);
  EXPECT_EQ(found->url, account.url);
  EXPECT_EQ(found->state, AcmeAccountState::valid);
  EXPECT_FALSE(found->trusted);
  EXPECT_EQ(found->created, at(5));
  write([&](Transaction& t) { delete_acme_account(t, "public"); });
  EXPECT_TRUE(
      read<std::vector<AcmeAccount>>([](Session& s) { return list_acme_accounts(s); }).empty());
}

TEST_P(AcmeContract, AnOrderIsKeptWholeAndOnlyOneOfACertificateIsOpen) {
  write([&](Transaction& t) { put_order(t, order(1, "a.test", OrderState::open, at(10))); });
  const auto open =
      read<std::optional<AcmeOrder>>([](Session& s) { return find_open_order(s, "a.test"); });
  ASSERT_TRUE(open);
  EXPECT_EQ(open->names, (std::vector<std::string>{"a.test", "www.a.test"}));
  EXPECT_EQ(open->replaces, "abc.def");
  EXPECT_TRUE(open->forced);
  EXPECT_EQ(open->issuance, R"({"step":"placing"})");
  EXPECT_EQ(open->installed, 7U);
  EXPECT_EQ(open->previous_version, "v1");
  EXPECT_EQ(open->previous_issuer, "internal");
  EXPECT_EQ(open->failed_names, std::vector<std::string>{"a.test"});
  const auto second = store_->write<bool>([&](Transaction& t) -> Result<bool> {
    put_order(t, order(2, "a.test", OrderState::open, at(11)));
    return true;
  });
  EXPECT_FALSE(second) << "an order is open already";
  write([&](Transaction& t) { put_order(t, order(1, "a.test", OrderState::done, at(10))); });
  write([&](Transaction& t) { put_order(t, order(2, "a.test", OrderState::open, at(11))); });
  EXPECT_EQ(read<std::int64_t>([](Session& s) { return count_open_orders(s, "public"); }), 1);
  const auto all =
      read<std::vector<AcmeOrder>>([](Session& s) { return list_orders(s, "a.test", 10); });
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.front().id, 2) << "the newest first";
}

TEST_P(AcmeContract, OrdersThatEndedLongAgoAreForgotten) {
  write([&](Transaction& t) {
    put_order(t, order(1, "a.test", OrderState::done, at(10)));
    put_order(t, order(2, "b.test", OrderState::open, at(10)));
    put_order(t, order(3, "c.test", OrderState::failed, at(100)));
  });
  const auto since = read<std::vector<AcmeOrder>>(
      [](Session& s) { return list_orders_since(s, "public", at(50)); });
  ASSERT_EQ(since.size(), 1U);
  EXPECT_EQ(since.front().id, 3);
  std::int64_t deleted = 0;
  write([&](Transaction& t) { deleted = delete_ended_orders(t, at(50), 10); });
  EXPECT_EQ(deleted, 1);
  EXPECT_TRUE(
      read<std::optional<AcmeOrder>>([](Session& s) { return find_open_order(s, "b.test"); }));
}

TEST_P(AcmeContract, ChallengesOfAZoneAreFoundByIt) {
  write([&](Transaction& t) {
    put_challenge(t, {.token = "t1",
                      .type = "dns-01",
                      .identifier = "a.test",
                      .key_authorization = "t1.k",
                      .zone = "a.test",
                      .txt_name = "_acme-challenge",
                      .txt_value = "v1",
                      .created = at(1)});
    put_challenge(t, {.token = "t2",
                      .type = "http-01",
                      .identifier = "b.test",
                      .key_authorization = "t2.k",
                      .created = at(1)});
    put_challenge(t, {.token = "t2", .type = "again", .identifier = "b.test"});
  });
  const auto of_zone = read<std::vector<AcmeChallenge>>(
      [](Session& s) { return list_zone_challenges(s, "a.test"); });
  ASSERT_EQ(of_zone.size(), 1U);
  EXPECT_EQ(of_zone.front().txt_value, "v1");
  EXPECT_EQ(
      read<std::optional<AcmeChallenge>>([](Session& s) { return find_challenge(s, "t2"); })->type,
      "http-01")
      << "placing it again changes nothing";
  write([&](Transaction& t) { delete_challenge(t, "t1"); });
  EXPECT_EQ(read<std::vector<AcmeChallenge>>([](Session& s) { return list_challenges(s); }).size(),
            1U);
}

TEST_P(AcmeContract, WhatACertificateIsWantedToBeIsKept) {
  const Certificate wanted{.name = "a.test",
                           .names = {"*.a.test", "a.test"},
                           .names_chosen = true,
                           .issuer = "public",
                           .wishes = {.challenge = "dns-01",
                                      .key_type = KeyType::rsa,
                                      .profile = "shortlived",
                                      .root = "A Root"},
                           .version = "v2",
                           .version_issuer = "internal",
                           .version_names = {"a.test"},
                           .renew_at = at(100),
                           .ask_at = at(50)};
  write([&](Transaction& t) { put_certificate(t, wanted); });
  write([&](Transaction& t) { put_certificate(t, {.name = "never.test", .version = "v3"}); });
  const auto found =
      read<std::optional<Certificate>>([](Session& s) { return find_certificate(s, "a.test"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->wishes, wanted.wishes);
  EXPECT_TRUE(found->names_chosen);
  EXPECT_EQ(found->version_issuer, "internal");
  EXPECT_EQ(found->version_names, wanted.version_names);
  const auto due = [&](WallTime now) {
    return read<std::vector<Certificate>>([&](Session& s) { return list_due_certificates(s, now); })
        .size();
  };
  EXPECT_EQ(due(at(99)), 0U);
  EXPECT_EQ(due(at(100)), 1U) << "one without a time is never due";
  EXPECT_EQ(read<std::vector<Certificate>>([](Session& s) {
              return list_certificates_to_ask(s, at(60));
            }).size(),
            1U);
  EXPECT_EQ(read<std::int64_t>([](Session& s) { return count_certificates_of(s, "public"); }), 1);
}

INSTANTIATE_TEST_SUITE_P(Both, AcmeContract, kBothStores, name_of_store);

}  // namespace
}  // namespace podplay::store
