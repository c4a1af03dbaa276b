// Links, registrations and what belongs to a person, on both kinds of store.
#include "store/contacts.hpp"
#include "store/domains.hpp"
#include "store/links.hpp"
#include "store/registrations.hpp"
#include "store/store_contract.hpp"
#include "store/users.hpp"

namespace podplay::store {
namespace {

using std::chrono::milliseconds;

constexpr WallTime at(std::int64_t millis) { return WallTime(milliseconds(millis)); }

class JourneysContract : public StoreContractBase {
 protected:
  void SetUp() override {
    StoreContractBase::SetUp();
    write([](Transaction& t) {
      insert_domain(t, {.id = 1, .name = "a.test", .created = at(1), .updated = at(1)});
      User user;
      user.id = 7;
      user.owner = 70;
      user.email = "x@a.test";
      user.username = "xxx";
      user.domain = "a.test";
      user.created = at(1);
      user.updated = at(1);
      insert_user(t, user);
    });
  }
  static Link link(const std::string& hash, WallTime expires) {
    return {.hash = hash,
            .purpose = LinkPurpose::password_reset,
            .user_id = 7,
            .address = "x@outside.test",
            .created = at(5),
            .expires = expires,
            .remote_address = "192.0.2.7"};
  }
  Registration registration(std::int64_t id, const std::string& email, WallTime expires) {
    return {.id = id,
            .email = email,
            .domain = "a.test",
            .password_hash = "$argon2id$",
            .recovery_address = "y@outside.test",
            .language = "de",
            .created = at(id),
            .expires = expires,
            .remote_address = "192.0.2.7"};
  }
};

TEST_P(JourneysContract, ALinkIsUsedOnce) {
  write([&](Transaction& t) { insert_link(t, link("h1", at(100))); });
  const auto found = read<std::optional<Link>>([](Session& s) { return find_link(s, "h1"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->purpose, LinkPurpose::password_reset);
  EXPECT_EQ(found->user_id, 7);
  EXPECT_EQ(found->address, "x@outside.test");
  EXPECT_EQ(found->expires, at(100));
  EXPECT_EQ(found->used, WallTime{});
  bool first = false;
  bool second = true;
  write([&](Transaction& t) {
    first = use_link(t, "h1", at(50));
    second = use_link(t, "h1", at(51));
  });
  EXPECT_TRUE(first);
  EXPECT_FALSE(second);
  EXPECT_EQ(read<std::optional<Link>>([](Session& s) { return find_link(s, "h1"); })->used, at(50));
  EXPECT_FALSE(read<std::optional<Link>>([](Session& s) { return find_link(s, "h2"); }));
}

TEST_P(JourneysContract, LinksEndTogetherOrWithTime) {
  std::int64_t deleted = 0;
  write([&](Transaction& t) {
    insert_link(t, link("old", at(10)));
    insert_link(t, link("new", at(100)));
    insert_link(t, link("used", at(100)));
    use_link(t, "used", at(50));
    deleted = delete_links_expired(t, at(50), 10);
    delete_links_of(t, 7, LinkPurpose::password_reset);
  });
  EXPECT_EQ(deleted, 1);
  EXPECT_FALSE(read<std::optional<Link>>([](Session& s) { return find_link(s, "new"); }));
  EXPECT_TRUE(read<std::optional<Link>>([](Session& s) { return find_link(s, "used"); }));
  EXPECT_EQ(read<std::int64_t>([](Session& s) { return count_links_expired(s, at(200)); }), 1);
}

TEST_P(JourneysContract, TriesAreCountedByKindAndSubject) {
  write([](Transaction& t) {
    insert_try(t, {"reset_of", "x@a.test", at(10)});
    insert_try(t, {"reset_of", "x@a.test", at(30)});
    insert_try(t, {"reset_of", "y@a.test", at(20)});
    insert_try(t, {"reset_from", "x@a.test", at(20)});
  });
  const auto times = [&](WallTime since, std::int64_t most) {
    return read<std::vector<WallTime>>(
        [&](Session& s) { return list_tries(s, "reset_of", "x@a.test", since, most); });
  };
  EXPECT_EQ(times(at(0), 5), (std::vector<WallTime>{at(30), at(10)}));
  EXPECT_EQ(times(at(10), 5), std::vector<WallTime>{at(30)});
  EXPECT_EQ(times(at(0), 1), std::vector<WallTime>{at(30)});
  std::int64_t deleted = 0;
  write([&](Transaction& t) { deleted = delete_tries_before(t, at(25), 10); });
  EXPECT_EQ(deleted, 3);
}

TEST_P(JourneysContract, RegistrationsWaitAndExpire) {
  write([&](Transaction& t) {
    insert_registration(t, registration(11, "n@a.test", at(50)));
    insert_registration(t, registration(12, "n@a.test", at(100)));
    insert_registration(t, registration(13, "m@a.test", at(100)));
  });
  const auto newest = [&] {
    return read<std::optional<Registration>>(
        [](Session& s) { return find_registration(s, std::string("n@a.test")); });
  };
  EXPECT_EQ(newest()->id, 12);
  EXPECT_EQ(newest()->password_hash, "$argon2id$");
  EXPECT_FALSE(read<bool>([](Session& s) { return waits_for_approval(s, "n@a.test"); }));
  write([&](Transaction& t) {
    Registration waiting = registration(11, "n@a.test", at(500));
    waiting.state = RegistrationState::waiting;
    update_registration(t, waiting);
  });
  EXPECT_EQ(newest()->id, 11);
  EXPECT_TRUE(read<bool>([](Session& s) { return waits_for_approval(s, "n@a.test"); }));
  EXPECT_EQ(read<std::int64_t>([](Session& s) { return count_registrations(s, "a.test", at(60)); }),
            3);
  EXPECT_EQ(read<std::vector<Registration>>([](Session& s) {
              return list_registrations(s, "a.test", 11, 10);
            }).size(),
            2U);
  std::int64_t deleted = 0;
  write([&](Transaction& t) { deleted = delete_registrations_expired(t, at(200), 10); });
  EXPECT_EQ(deleted, 2);
  EXPECT_EQ(read<std::vector<Registration>>([](Session& s) {
              return list_registrations(s, "", 0, 10);
            }).size(),
            1U);
}

TEST_P(JourneysContract, ARuleIsOfOneDomain) {
  RegistrationRule rule{.domain = "a.test",
                        .mode = RegistrationMode::approval,
                        .allowed_domains = {"b.test", "c.test"},
                        .most_pending = 3,
                        .revision = 9};
  write([&](Transaction& t) { put_registration_rule(t, rule); });
  const auto found = [&] {
    return read<std::optional<RegistrationRule>>(
        [](Session& s) { return find_registration_rule(s, "a.test"); });
  };
  EXPECT_EQ(found(), rule);
  rule.allowed_domains.clear();
  write([&](Transaction& t) { put_registration_rule(t, rule); });
  EXPECT_EQ(found(), rule);
  write([](Transaction& t) { delete_registration_rule(t, "a.test"); });
  EXPECT_FALSE(found());
}

TEST_P(JourneysContract, WhatBelongsToAPersonGoesWithThePerson) {
  write([](Transaction& t) {
    put_contact(
        t, {.user_id = 7, .language = "en", .recovery_address = "o@out.test", .updated = at(2)});
    put_contact(
        t, {.user_id = 7, .language = "de", .recovery_address = "p@out.test", .updated = at(3)});
    put_recovery_change(t, {.user_id = 7, .address = "q@out.test", .expires = at(9)});
    put_recovery_change(
        t, {.user_id = 7, .address = "q@out.test", .new_confirmed = true, .expires = at(9)});
    put_export(t, {.user_id = 7, .id = 21, .created = at(4)});
    put_deletion(
        t,
        {.user_id = 7, .email = "x@a.test", .domain = "a.test", .requested = at(5), .due = at(6)});
  });
  EXPECT_EQ(
      read<std::optional<Contact>>([](Session& s) { return find_contact(s, 7); })->recovery_address,
      "p@out.test");
  EXPECT_TRUE(read<std::optional<RecoveryChange>>([](Session& s) {
                return find_recovery_change(s, 7);
              })->new_confirmed);
  write([](Transaction& t) { delete_user(t, 7); });
  EXPECT_FALSE(read<std::optional<Contact>>([](Session& s) { return find_contact(s, 7); }));
  EXPECT_FALSE(
      read<std::optional<RecoveryChange>>([](Session& s) { return find_recovery_change(s, 7); }));
  EXPECT_FALSE(read<std::optional<Export>>([](Session& s) { return find_export(s, 7); }));
  // The mail is still to be erased.
  EXPECT_TRUE(read<std::optional<Deletion>>([](Session& s) { return find_deletion(s, 7); }));
}

TEST_P(JourneysContract, OnlyTheNewestExportIsChanged) {
  write([](Transaction& t) {
    put_export(t, {.user_id = 7, .id = 21, .created = at(4)});
    put_export(t, {.user_id = 7, .id = 22, .created = at(5)});
    update_export(t, {.user_id = 7, .id = 21, .state = ExportState::ready, .bytes = 5});
  });
  const auto found = [&] {
    return read<std::optional<Export>>([](Session& s) { return find_export(s, 7); });
  };
  EXPECT_EQ(found()->state, ExportState::waiting);
  write([](Transaction& t) {
    update_export(
        t, {.user_id = 7, .id = 22, .state = ExportState::ready, .bytes = 5, .expires = at(50)});
  });
  EXPECT_EQ(found()->bytes, 5);
  EXPECT_EQ(read<std::vector<std::int64_t>>([](Session& s) { return list_export_ids(s); }),
            std::vector<std::int64_t>{22});
  EXPECT_TRUE(read<std::vector<Export>>([](Session& s) {
                return list_exports_expired(s, at(40), 10);
              }).empty());
  EXPECT_EQ(read<std::vector<Export>>([](Session& s) {
              return list_exports_expired(s, at(60), 10);
            }).size(),
            1U);
}

TEST_P(JourneysContract, DeletionsAreListedUntilTheyAreErased) {
  write([](Transaction& t) {
    put_deletion(t, {.user_id = 7, .email = "x@a.test", .domain = "a.test", .due = at(6)});
    put_deletion(t, {.user_id = 8, .email = "y@b.test", .domain = "b.test", .due = at(6)});
  });
  const auto listed = [&](const std::string& domain) {
    return read<std::vector<Deletion>>([&](Session& s) { return list_deletions(s, domain, 0, 10); })
        .size();
  };
  EXPECT_EQ(listed(""), 2U);
  EXPECT_EQ(listed("b.test"), 1U);
  write([](Transaction& t) {
    put_deletion(t, {.user_id = 8, .email = "y@b.test", .domain = "b.test", .revision = 4});
    delete_deletion(t, 7);
  });
  EXPECT_EQ(listed(""), 0U);
}

TEST_P(JourneysContract, LettersWaitUntilTheyAreSent) {
  write([](Transaction& t) {
    insert_letter(t, {.id = 31,
                      .kind = LetterKind::password_reset,
                      .recipient = "x@out.test",
                      .language = "de",
                      .facts = R"({"email":"x@a.test"})",
                      .created = at(5)});
    insert_letter(t, {.id = 32, .kind = LetterKind::note, .created = at(50)});
  });
  const auto letter = read<std::optional<Letter>>([](Session& s) { return find_letter(s, 31); });
  ASSERT_TRUE(letter);
  EXPECT_EQ(letter->kind, LetterKind::password_reset);
  EXPECT_EQ(letter->facts, R"({"email":"x@a.test"})");
  EXPECT_EQ(read<std::int64_t>([](Session& s) { return count_letters_before(s, at(10)); }), 1);
  std::int64_t deleted = 0;
  write([&](Transaction& t) {
    deleted = delete_letters_before(t, at(10), 10);
    delete_letter(t, 32);
  });
  EXPECT_EQ(deleted, 1);
  EXPECT_FALSE(read<std::optional<Letter>>([](Session& s) { return find_letter(s, 32); }));
}

INSTANTIATE_TEST_SUITE_P(Both, JourneysContract, kBothStores, name_of_store);

}  // namespace
}  // namespace podplay::store
