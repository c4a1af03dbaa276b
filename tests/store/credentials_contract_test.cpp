// Second factors and app passwords, on SQLite and on PostgreSQL.
#include <gtest/gtest.h>

#include "model/user.hpp"
#include "store/app_passwords.hpp"
#include "store/contacts.hpp"
#include "store/domains.hpp"
#include "store/factors.hpp"
#include "store/openid.hpp"
#include "store/outside_identities.hpp"
#include "store/store_contract.hpp"
#include "store/users.hpp"

namespace podplay::store {
namespace {

class CredentialsContract : public StoreContractBase {
 protected:
  void SetUp() override {
    StoreContractBase::SetUp();
    write([&](Transaction& transaction) {
      insert_domain(transaction, {.id = 1, .name = "a.test"});
      for (const std::int64_t id : {2, 3}) {
        insert_user(transaction, {.id = id,
                                  .email = std::to_string(id) + "@a.test",
                                  .username = "u" + std::to_string(id),
                                  .domain = "a.test"});
      }
    });
  }
  // True when `work` said so.
  bool did(const std::function<bool(Transaction&)>& work) {
    bool done = false;
    write([&](Transaction& transaction) { done = work(transaction); });
    return done;
  }
  template <class T>
  T look(const std::function<T(Session&)>& work) {
    return read<T>(work);
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, CredentialsContract, kBothStores, name_of_store);

TEST_P(CredentialsContract, NoStepOfAnAppIsUsedTwice) {
  write([&](Transaction& transaction) {
    put_totp(transaction,
             {.user_id = 2, .secret = "sealed", .confirmed = true, .created = from_millis(5)});
  });
  const auto use = [&](std::int64_t step) {
    return did([&](Transaction& transaction) {
      return use_totp_step(transaction, 2, step, from_millis(9));
    });
  };
  EXPECT_TRUE(use(100));
  EXPECT_FALSE(use(100));
  EXPECT_FALSE(use(99));
  EXPECT_TRUE(use(101));
  const auto totp =
      look<std::optional<Totp>>([](Session& session) { return find_totp(session, 2); });
  ASSERT_TRUE(totp);
  EXPECT_EQ(totp->secret, "sealed");
  EXPECT_TRUE(totp->confirmed);
  EXPECT_EQ(totp->last_step, 101);
  EXPECT_EQ(totp->last_used, from_millis(9));
  write([](Transaction& transaction) { delete_totp(transaction, 2); });
  EXPECT_FALSE(look<std::optional<Totp>>([](Session& session) { return find_totp(session, 2); }));
}

TEST_P(CredentialsContract, ARecoveryCodeAndAChallengeAreUsedOnce) {
  const auto use = [&](std::int64_t user, const std::string& hash) {
    return did([&](Transaction& transaction) {
      return use_recovery_code(transaction, user, hash, from_millis(9));
    });
  };
  const auto left = [&] {
    return look<RecoveryCodesLeft>(
        [](Session& session) { return count_recovery_codes(session, 2); });
  };
  EXPECT_EQ(left().left, 0);
  write([](Transaction& transaction) {
    put_recovery_codes(transaction, 2, {"a", "b"}, from_millis(7));
  });
  EXPECT_EQ(left().left, 2);
  EXPECT_EQ(left().created, from_millis(7));
  EXPECT_FALSE(use(3, "a")) << "it is another user's";
  EXPECT_TRUE(use(2, "a"));
  EXPECT_FALSE(use(2, "a"));
  EXPECT_FALSE(use(2, "c"));
  EXPECT_EQ(left().left, 1);
  write([](Transaction& transaction) { put_recovery_codes(transaction, 2, {}, from_millis(8)); });
  EXPECT_FALSE(use(2, "b"));

  const auto answer = [&](const std::string& hash, std::int64_t expires, std::int64_t now) {
    return did([&](Transaction& transaction) {
      return use_challenge(transaction, hash, from_millis(expires), from_millis(now));
    });
  };
  EXPECT_TRUE(answer("x", 100, 10));
  EXPECT_FALSE(answer("x", 100, 11));
  EXPECT_TRUE(answer("y", 100, 11));
  // It is forgotten when it has expired; who checks the time refuses it then.
  EXPECT_TRUE(answer("z", 300, 200));
  EXPECT_TRUE(answer("x", 100, 200));
}

TEST_P(CredentialsContract, PasskeysAreFoundByTheirCredential) {
  StoredPasskey passkey{.id = 10,
                        .user_id = 2,
                        .name = "phone",
                        .credential = "AAEC",
                        .algorithm = -257,
                        .public_key = "key",
                        .counter = 4'294'967'295,
                        .may_be_copied = true,
                        .product = "00",
                        .created = from_millis(5)};
  write([&](Transaction& transaction) { insert_passkey(transaction, passkey); });
  const auto find = [&] {
    return look<std::optional<StoredPasskey>>(
        [](Session& session) { return find_passkey_by_credential(session, "AAEC"); });
  };
  ASSERT_TRUE(find());
  EXPECT_EQ(find()->algorithm, -257);
  EXPECT_EQ(find()->counter, 4'294'967'295);
  EXPECT_TRUE(find()->may_be_copied);
  EXPECT_FALSE(find()->is_copied);
  write([](Transaction& transaction) {
    note_passkey_use(transaction, 10, 5, true, from_millis(6));
    rename_passkey(transaction, 10, "key ring");
  });
  EXPECT_EQ(find()->counter, 5);
  EXPECT_EQ(find()->name, "key ring");
  EXPECT_TRUE(find()->is_copied);
  EXPECT_EQ(find()->last_used, from_millis(6));
  EXPECT_EQ(look<std::size_t>([](Session& session) { return list_passkeys(session, 3).size(); }),
            0U);
  write([](Transaction& transaction) { delete_passkey(transaction, 10); });
  EXPECT_FALSE(find());
}

TEST_P(CredentialsContract, AppPasswordsKeepTheirLastUse) {
  const AppPassword password{.id = 20,
                             .user_id = 2,
                             .name = "phone",
                             .hash = "h",
                             .protocols = {MailProtocol::imap, MailProtocol::sieve},
                             .created = from_millis(5),
                             .revision = 3};
  write([&](Transaction& transaction) { insert_app_password(transaction, password); });
  const auto all = [&] {
    return look<std::vector<AppPassword>>(
        [](Session& session) { return list_app_passwords(session, 2); });
  };
  EXPECT_EQ(all(), std::vector{password});
  write([](Transaction& transaction) {
    note_app_password_use(transaction, 20, from_millis(100), "192.0.2.1", "imap");
    note_app_password_use(transaction, 20, from_millis(50), "192.0.2.2", "sieve");
    note_app_password_use(transaction, 99, from_millis(100), "192.0.2.1", "imap");
  });
  EXPECT_EQ(all()[0].last_used, from_millis(100));
  EXPECT_EQ(all()[0].last_address, "192.0.2.1");
  EXPECT_EQ(all()[0].last_protocol, "imap");
  EXPECT_EQ(look<std::size_t>(
                [](Session& session) { return list_all_app_passwords(session, 19, 10).size(); }),
            1U);
  EXPECT_EQ(look<std::size_t>(
                [](Session& session) { return list_all_app_passwords(session, 20, 10).size(); }),
            0U);
  write([](Transaction& transaction) { delete_app_password(transaction, 20); });
  EXPECT_TRUE(all().empty());
}

TEST_P(CredentialsContract, ACodeOfAnOpenidClientIsTakenOnce) {
  const OpenidClient client{.id = "webmail",
                            .name = "Webmail",
                            .redirect_uris = {"https://a.test/cb", "https://b.test/cb"},
                            .created = from_millis(5),
                            .revision = 3};
  write([&](Transaction& transaction) {
    insert_openid_client(transaction, client);
    for (const std::int64_t expires : {100, 300}) {
      insert_openid_code(transaction, {.hash = "code " + std::to_string(expires),
                                       .client = "webmail",
                                       .user_id = 2,
                                       .redirect_uri = "https://a.test/cb",
                                       .scope = "openid",
                                       .created = from_millis(50),
                                       .expires = from_millis(expires)});
    }
  });
  EXPECT_EQ(look<std::size_t>([](Session& session) {
              return list_openid_clients(session).at(0).redirect_uris.size();
            }),
            2U);
  const auto take = [&](const std::string& hash) {
    return did(
        [&](Transaction& transaction) { return take_openid_code(transaction, hash).has_value(); });
  };
  EXPECT_TRUE(take("code 100"));
  EXPECT_FALSE(take("code 100"));
  // With the client, its codes go.
  write([](Transaction& transaction) { delete_openid_client(transaction, "webmail"); });
  EXPECT_FALSE(take("code 300"));
}

TEST_P(CredentialsContract, AllOfAUsersCredentialsEndWithTheUser) {
  write([&](Transaction& transaction) {
    put_totp(transaction, {.user_id = 2, .secret = "sealed"});
    insert_passkey(transaction, {.id = 10, .user_id = 2, .credential = "AAEC"});
    put_recovery_codes(transaction, 2, {"a"}, from_millis(7));
    insert_app_password(transaction, {.id = 20, .user_id = 2, .hash = "h"});
    set_second_factor(transaction, 2, true);
  });
  const auto needs = [&](std::int64_t id) {
    return look<bool>([&](Session& session) { return find_user(session, id)->second_factor; });
  };
  EXPECT_TRUE(needs(2));
  EXPECT_FALSE(needs(3));
  // Other changes of the user leave it as it is.
  write([](Transaction& transaction) {
    User user = *find_user(transaction, std::int64_t{2});
    user.quota = 5;
    update_user(transaction, user);
  });
  EXPECT_TRUE(needs(2));
  EXPECT_TRUE(look<bool>(
      [](Session& session) { return list_users(session, "a.test", 0, 10).front().second_factor; }));
  write([](Transaction& transaction) { delete_user(transaction, 2); });
  EXPECT_FALSE(look<std::optional<Totp>>([](Session& session) { return find_totp(session, 2); }));
  EXPECT_FALSE(look<bool>([](Session& session) {
    return find_passkey(session, 10) || find_app_password(session, 20) ||
           count_recovery_codes(session, 2).left > 0;
  }));
}

TEST_P(CredentialsContract, AUserIsOnePersonAtAProvider) {
  write([](Transaction& transaction) {
    insert_outside_identity(transaction, {.user_id = 2,
                                          .issuer = "https://login.test",
                                          .subject = "7",
                                          .address = "two@elsewhere.test",
                                          .created = from_millis(5),
                                          .last_used = from_millis(5)});
    note_outside_identity_use(transaction, 2, "2@a.test", from_millis(9));
  });
  using Found = std::optional<OutsideIdentity>;
  const auto known =
      look<Found>([](Session& session) { return find_outside_identity(session, 2); });
  ASSERT_TRUE(known);
  EXPECT_EQ(known->subject, "7");
  EXPECT_EQ(known->address, "2@a.test");
  EXPECT_EQ(known->created, from_millis(5));
  EXPECT_EQ(known->last_used, from_millis(9));
  const auto by_subject = [&](const char* issuer, const char* subject) {
    const auto found = look<Found>(
        [&](Session& session) { return find_outside_identity(session, issuer, subject); });
    return found ? found->user_id : 0;
  };
  EXPECT_EQ(by_subject("https://login.test", "7"), 2);
  EXPECT_EQ(by_subject("https://login.test", "8"), 0);
  EXPECT_EQ(by_subject("https://other.test", "7"), 0);
  const auto taken = store_->write<bool>([](Transaction& transaction) -> Result<bool> {
    insert_outside_identity(transaction,
                            {.user_id = 3, .issuer = "https://login.test", .subject = "7"});
    return true;
  });
  EXPECT_FALSE(taken) << "one person is one user";
  EXPECT_TRUE(did([](Transaction& t) { return delete_outside_identity(t, 2); }));
  EXPECT_FALSE(did([](Transaction& t) { return delete_outside_identity(t, 2); }));
  write([](Transaction& transaction) {
    insert_outside_identity(transaction, {.user_id = 2, .issuer = "i", .subject = "s"});
    delete_user(transaction, 2);
  });
  EXPECT_FALSE(look<Found>([](Session& session) { return find_outside_identity(session, 2); }));
}

TEST_P(CredentialsContract, TwoUsersOfOneRecoveryAddressAreBothFound) {
  const auto found = [&](const char* address) {
    return look<std::vector<std::int64_t>>(
        [&](Session& session) { return find_users_by_recovery_address(session, address); });
  };
  const auto put = [&](std::int64_t user, const char* address) {
    write([&](Transaction& transaction) {
      put_contact(transaction, {.user_id = user, .language = "en", .recovery_address = address});
    });
  };
  EXPECT_TRUE(found("x@elsewhere.test").empty());
  put(2, "x@elsewhere.test");
  put(3, "");
  EXPECT_EQ(found("x@elsewhere.test"), std::vector<std::int64_t>{2});
  put(3, "x@elsewhere.test");
  EXPECT_EQ(found("x@elsewhere.test"), (std::vector<std::int64_t>{2, 3}));
}

}  // namespace
}  // namespace podplay::store
