// The promises of every store, on SQLite and on a real PostgreSQL server.
#include "store/store_contract.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "base/test_folder.hpp"
#include "store/agents.hpp"
#include "store/aliases.hpp"
#include "store/answers.hpp"
#include "store/audit.hpp"
#include "store/connection.hpp"
#include "store/domains.hpp"
#include "store/feed.hpp"
#include "store/revisions.hpp"
#include "store/settings.hpp"
#include "store/tokens.hpp"
#include "store/users.hpp"

namespace podplay::store {
namespace {

class StoreContract : public StoreContractBase {
 protected:
  static User user(std::int64_t id, const std::string& email) {
    User user;
    user.id = id;
    user.email = email;
    user.username = "name";
    user.domain = email.substr(email.find('@') + 1);
    user.password_hash = "$argon2id$x";
    user.created = user.updated = from_millis(1769860800123);
    user.revision = 7;
    return user;
  }
  void add_domain(const std::string& name) {
    write([&](Transaction& t) {
      insert_domain(t, {t.next("id"), name, true, from_millis(1), from_millis(2), 1});
    });
  }
};

TEST_P(StoreContract, UsersComeBackAsTheyWere) {
  add_domain("a.test");
  User one = user(5, "x@a.test");
  one.offers = {Offer::mail, Offer::webdav};
  one.role = Role::domain_admin;
  one.quota = 3LL << 40;
  write([&](Transaction& t) { insert_user(t, one); });
  const auto found =
      read<std::optional<User>>([](Session& s) { return find_user(s, std::string("x@a.test")); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, 5);
  EXPECT_EQ(found->quota, 3LL << 40);
  EXPECT_EQ(found->offers, one.offers);
  EXPECT_EQ(found->role, Role::domain_admin);
  EXPECT_EQ(to_millis(found->created), 1769860800123);
  EXPECT_FALSE(read<std::optional<User>>([](Session& s) { return find_user(s, 6); }));
  one.enabled = false;
  write([&](Transaction& t) { update_user(t, one); });
  EXPECT_FALSE(read<std::optional<User>>([](Session& s) { return find_user(s, 5); })->enabled);
  write([&](Transaction& t) { delete_user(t, 5); });
  EXPECT_FALSE(read<std::optional<User>>([](Session& s) { return find_user(s, 5); }));
}

TEST_P(StoreContract, PagesGoByKey) {
  add_domain("a.test");
  add_domain("b.test");
  write([&](Transaction& t) {
    for (int i = 1; i <= 10; ++i) {
      insert_user(t, user(100 + i, "u" + std::to_string(i) + (i % 2 ? "@a.test" : "@b.test")));
    }
  });
  const auto page = read<std::vector<User>>([](Session& s) { return list_users(s, "", 103, 4); });
  ASSERT_EQ(page.size(), 4U);
  EXPECT_EQ(page.front().id, 104);
  EXPECT_EQ(
      read<std::vector<User>>([](Session& s) { return list_users(s, "a.test", 0, 50); }).size(),
      5U);
  EXPECT_EQ(
      read<std::vector<User>>([](Session& s) { return list_users(s, "a.test", 107, 50); }).size(),
      1U);
  EXPECT_EQ(read<std::int64_t>([](Session& s) { return count_users(s, "b.test"); }), 5);
}

TEST_P(StoreContract, ConflictsRollBackEverything) {
  add_domain("a.test");
  write([&](Transaction& t) { insert_user(t, user(1, "x@a.test")); });
  const auto done = store_->write<bool>([&](Transaction& t) -> Result<bool> {
    insert_user(t, user(2, "y@a.test"));
    insert_user(t, user(3, "x@a.test"));
    return true;
  });
  EXPECT_FALSE(done) << "the address is unique";
  EXPECT_FALSE(read<std::optional<User>>([](Session& s) { return find_user(s, 2); }));
  const auto orphan = store_->write<bool>([&](Transaction& t) -> Result<bool> {
    insert_user(t, user(4, "z@nowhere.test"));
    return true;
  });
  EXPECT_FALSE(orphan) << "the domain must exist";
  // The store can be used afterwards.
  write([&](Transaction& t) { insert_user(t, user(5, "after@a.test")); });
}

TEST_P(StoreContract, ErrorsAndWhatIsRolledBackLeaveNoTrace) {
  const auto refused = store_->write<bool>([&](Transaction& t) -> Result<bool> {
    insert_domain(t, {t.next("id"), "a.test", true, {}, {}, 1});
    return fail(ErrorKind::conflict, "no", "no");
  });
  EXPECT_EQ(refused.error().code, "no");
  const auto dry = store_->write<std::int64_t>([&](Transaction& t) -> Result<std::int64_t> {
    insert_domain(t, {t.next("id"), "b.test", true, {}, {}, 1});
    t.roll_back();
    return t.next("revision");
  });
  EXPECT_EQ(dry.value(), 1);
  EXPECT_TRUE(read<std::vector<Domain>>([](Session& s) { return all_domains(s); }).empty());
  write([&](Transaction& t) { EXPECT_EQ(t.next("revision"), 1); });
}

TEST_P(StoreContract, NumbersOfParallelWritersGrowInOrderOfCommit) {
  std::vector<std::thread> threads;
  for (int worker = 0; worker < 4; ++worker) {
    threads.emplace_back([&, worker] {
      for (int i = 0; i < 25; ++i) {
        FeedRecord row{.kind = RowKind::domain,
                       .key = std::to_string(worker) + "-" + std::to_string(i)};
        const auto done = store_->write<bool>([&](Transaction& t) -> Result<bool> {
          row.revision = static_cast<Revision>(t.next("revision"));
          put_feed_row(t, ServiceName::mail, row);
          return true;
        });
        EXPECT_TRUE(done);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  const auto batch =
      read<FeedPage>([](Session& s) { return read_feed(s, ServiceName::mail, 0, 1000); });
  ASSERT_EQ(batch.rows.size(), 100U);
  EXPECT_EQ(batch.seq, 100U);
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    EXPECT_EQ(batch.rows[i].revision, i + 1);
  }
}

TEST_P(StoreContract, TheFeedHasEachRowOnceWithItsNewestState) {
  FeedRecord row{.kind = RowKind::alias, .key = "all@a.test", .content = R"({"targets":[]})"};
  const auto page = [this](std::uint64_t after, std::int64_t limit) {
    return read<FeedPage>(
        [=](Session& s) { return read_feed(s, ServiceName::mail, after, limit); });
  };
  write([&](Transaction& t) { put_feed_row(t, ServiceName::mail, row); });
  write([&](Transaction& t) {
    put_feed_row(t, ServiceName::mail,
                 {.kind = RowKind::mailbox, .key = "x@a.test", .content = R"({"quota":9})"});
    put_feed_row(t, ServiceName::bind, {.kind = RowKind::zone, .key = "a.test", .content = "{}"});
  });
  row.deleted = true;
  write([&](Transaction& t) { put_feed_row(t, ServiceName::mail, row); });
  const FeedPage all = page(0, 10);
  ASSERT_EQ(all.rows.size(), 2U) << "the other service's row is not ours";
  EXPECT_EQ(all.rows[0].key, "x@a.test");
  EXPECT_EQ(all.rows[0].content, R"({"quota":9})");
  EXPECT_TRUE(all.rows[1].deleted);
  EXPECT_EQ(all.rows[1].seq, 4U);
  EXPECT_TRUE(all.complete);
  EXPECT_FALSE(page(0, 1).complete);
  EXPECT_TRUE(page(4, 10).rows.empty());
}

TEST_P(StoreContract, RowsAreFoundByTheirPrefixAndForgotten) {
  write([&](Transaction& t) {
    for (const char* key : {"a.test @ NS", "a.test www A", "a.testing @ NS"}) {
      put_feed_row(t, ServiceName::bind, {.kind = RowKind::rrset, .key = key, .content = "{}"});
    }
  });
  const auto count = [this](const std::string& prefix) {
    return read<std::size_t>(
        [&](Session& s) { return feed_rows(s, ServiceName::bind, RowKind::rrset, prefix).size(); });
  };
  EXPECT_EQ(count("a.test "), 2U);
  write([&](Transaction& t) { forget_feed_rows(t, ServiceName::bind, RowKind::rrset, "a.test "); });
  EXPECT_EQ(count("a.test "), 0U);
  EXPECT_EQ(count("a.testing "), 1U);
}

TEST_P(StoreContract, AliasesKeepTheirTargetsInOrder) {
  add_domain("a.test");
  Alias alias{9,    "all@a.test",   "a.test",       {"z@a.test", "b@c.test"},
              true, from_millis(1), from_millis(2), 3};
  write([&](Transaction& t) { insert_alias(t, alias); });
  EXPECT_EQ(read<std::optional<Alias>>([](Session& s) {
              return find_alias(s, std::string("all@a.test"));
            })->targets,
            alias.targets);
  alias.targets = {"only@a.test"};
  write([&](Transaction& t) { update_alias(t, alias); });
  EXPECT_EQ(read<std::optional<Alias>>([](Session& s) { return find_alias(s, 9); })->targets,
            alias.targets);
  EXPECT_EQ(
      read<std::vector<Alias>>([](Session& s) { return list_aliases(s, "a.test", 0, 5); }).size(),
      1U);
  write([&](Transaction& t) { delete_alias(t, 9); });
  EXPECT_FALSE(read<std::optional<Alias>>([](Session& s) { return find_alias(s, 9); }));
}

TEST_P(StoreContract, RevisionsStatesAndRefusals) {
  write([&](Transaction& t) {
    insert_revision(t,
                    {1, from_millis(5), "admin@a.test", "r1", "create user", {ServiceName::mail}});
    insert_revision(t, {2,
                        from_millis(6),
                        "admin@a.test",
                        "r2",
                        "create domain",
                        {ServiceName::apache, ServiceName::bind, ServiceName::mail}});
    put_agent_state(t, {ServiceName::mail}, {2, 1});
    put_agent_state(t, {ServiceName::mail}, {2, 2});
    put_agent_state(t, {ServiceName::mail, "second"}, {1, 1});
    insert_refusal(t, {.agent = {ServiceName::bind},
                       .first = 1,
                       .last = 2,
                       .stage = "check",
                       .daemon = "bind",
                       .message = "zone is bad",
                       .at = from_millis(7)});
  });
  EXPECT_EQ(read<std::optional<RevisionRow>>([](Session& s) {
              return find_revision(s, 2);
            })->services.size(),
            3U);
  EXPECT_EQ(read<Revision>([](Session& s) { return newest_revision(s, ServiceName::bind); }), 2U);
  EXPECT_EQ(
      read<std::vector<RevisionRow>>([](Session& s) { return list_revisions(s, 0, 1); }).at(0).id,
      2U);
  const auto states =
      read<std::map<AgentName, AgentState>>([](Session& s) { return agent_states(s); });
  EXPECT_EQ(states.at({ServiceName::mail}).running, 2U);
  EXPECT_EQ(states.at({ServiceName::mail, "second"}).settled, 1U) << "hosts are apart";
  EXPECT_EQ(read<std::optional<Refusal>>([](Session& s) {
              return find_refusal(s, {ServiceName::bind}, 2);
            })->message,
            "zone is bad");
  EXPECT_FALSE(read<std::optional<Refusal>>(
      [](Session& s) { return find_refusal(s, {ServiceName::bind}, 3); }));
  EXPECT_FALSE(read<std::optional<Refusal>>(
      [](Session& s) { return find_refusal(s, {ServiceName::mail}, 2); }));
}

TEST_P(StoreContract, TokensAuditAnswersSettingsSurviveAReopening) {
  add_domain("a.test");
  write([&](Transaction& t) {
    insert_user(t, user(1, "x@a.test"));
    insert_token(t, {.id = 9,
                     .hash = "hash",
                     .user_id = 1,
                     .name = "login",
                     .networks = {},
                     .created = from_millis(1),
                     .expires = from_millis(100)});
    insert_audit(t, {0, from_millis(1), "LOGIN_SUCCESS", "x@a.test", "x@a.test", "r", "127.0.0.1"});
    put_answer(t, "x@a.test", "key", {"h", 201, "{}"}, from_millis(1));
    keep_settings(t, {{"PODPLAY_DOMAIN", "a.test"}});
  });
  reopen();
  EXPECT_EQ(read<std::optional<Token>>([](Session& s) { return find_token(s, "hash"); })->user_id,
            1);
  EXPECT_EQ(read<std::vector<AuditRow>>([](Session& s) { return list_audit(s, 0, 5); }).at(0).event,
            "LOGIN_SUCCESS");
  EXPECT_EQ(read<std::optional<KeptAnswer>>([](Session& s) {
              return find_answer(s, "x@a.test", "key", from_millis(1));
            })->status,
            201);
  EXPECT_EQ((read<std::map<std::string, std::string>>([](Session& s) {
              return kept_settings(s);
            })).at("PODPLAY_DOMAIN"),
            "a.test");
  EXPECT_FALSE(read<std::optional<KeptAnswer>>([](Session& s) {
    return find_answer(s, "x@a.test", "key", from_millis(2));
  })) << "it is too old";
  write([&](Transaction& t) { put_answer(t, "x@a.test", "key", {"h2", 0, ""}, from_millis(3)); });
  EXPECT_EQ(read<std::optional<KeptAnswer>>([](Session& s) {
              return find_answer(s, "x@a.test", "key", from_millis(2));
            })->request_hash,
            "h2");
}

TEST_P(StoreContract, AFailureShowsNoValues) {
  add_domain("a.test");
  write([&](Transaction& t) { insert_user(t, user(1, "x@a.test")); });
  const auto twice = store_->write<bool>([&](Transaction& t) -> Result<bool> {
    insert_user(t, user(2, "x@a.test"));
    return true;
  });
  ASSERT_FALSE(twice);
  EXPECT_EQ(describe(twice.error()).find("argon2id"), std::string::npos) << describe(twice.error());
  EXPECT_TRUE(read<std::optional<User>>([](Session& s) { return find_user(s, "x@a.test"); }))
      << "and the store goes on";
}

TEST_P(StoreContract, WhatIsReadTogetherIsOneState) {
  add_domain("a.test");
  const auto counts = store_->read_together<std::pair<std::int64_t, std::int64_t>>([&](Session& s) {
    const std::int64_t before = count_users(s, "a.test");
    write([&](Transaction& t) { insert_user(t, user(1, "x@a.test")); });
    return std::pair{before, count_users(s, "a.test")};
  });
  ASSERT_TRUE(counts) << describe(counts.error());
  EXPECT_EQ(counts->first, counts->second);
  EXPECT_EQ(read<std::int64_t>([](Session& s) { return count_users(s, "a.test"); }), 1);
}

TEST_P(StoreContract, ARevisionOfRowsAloneIsNotOneOfFiles) {
  write([&](Transaction& t) {
    insert_revision(t, {1, from_millis(1), "a", "r", "rows", {ServiceName::mail}, {}});
    insert_revision(t, {2,
                        from_millis(1),
                        "a",
                        "r",
                        "files",
                        {ServiceName::bind, ServiceName::mail},
                        {ServiceName::bind}});
  });
  EXPECT_TRUE(read<std::optional<RevisionRow>>([](Session& s) {
                return find_revision(s, 1);
              })->snapshots.empty());
  EXPECT_EQ(
      read<std::optional<RevisionRow>>([](Session& s) { return find_revision(s, 2); })->snapshots,
      std::vector{ServiceName::bind});
}

TEST(SqliteStore, IsNobodyElsesToReadAndSaysWhenItIsDamaged) {
  const test::TestFolder folder;
  const std::string path = folder.path() + "/store.db";
  ASSERT_TRUE(Store::open(path, silent_logger()));
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U) << "it holds hashes of passwords";
  test::damage(path);
  const auto damaged = Store::open(path, silent_logger());
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, "store_damaged");
}

TEST(PostgresqlStore, IsOpenedByAUrlWithoutOptions) {
  std::string url = server().make_database("plain");
  const std::string option = "?host=";
  const std::size_t at = url.find(option);
  ASSERT_NE(at, url.npos);
  std::string folder = url.substr(at + option.size());
  for (std::size_t slash = 0; (slash = folder.find('/')) != folder.npos;) {
    folder.replace(slash, 1, "%2F");
  }
  const auto store = Store::open("postgresql://podplay@" + folder + "/plain", silent_logger());
  EXPECT_TRUE(store) << describe(store.error());
}

TEST(PostgresqlStore, SaysThatItsServerOnlyReadsOrTakesNobodyIn) {
  const std::string url = server().make_database("looked");
  const auto store = Store::open(url, silent_logger());
  ASSERT_TRUE(store) << describe(store.error());
  EXPECT_EQ((*store)->look().code, "");
  Session::Connection admin(url);
  admin.sql << "ALTER DATABASE looked SET default_transaction_read_only = on";
  EXPECT_EQ((*store)->look().code, "store_read_only");
  admin.sql << "ALTER DATABASE looked RESET default_transaction_read_only";
  EXPECT_EQ((*store)->look().code, "");
  admin.sql << "UPDATE pg_database SET datallowconn = false WHERE datname = 'looked'";
  const StoreHealth health = (*store)->look();
  EXPECT_EQ(health.code, "store");
  EXPECT_NE(health.words.find("not currently accepting connections"), std::string::npos)
      << health.words;
}

INSTANTIATE_TEST_SUITE_P(Both, StoreContract, kBothStores, name_of_store);

}  // namespace
}  // namespace podplay::store
