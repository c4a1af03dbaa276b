// Sessions, tokens, grants and tickets, on both stores.
#include <gtest/gtest.h>

#include "store/domains.hpp"
#include "store/grants.hpp"
#include "store/login_tickets.hpp"
#include "store/retention.hpp"
#include "store/sessions.hpp"
#include "store/store_contract.hpp"
#include "store/tokens.hpp"
#include "store/users.hpp"

namespace podplay::store {
namespace {

class IdentityContract : public StoreContractBase {
 protected:
  void SetUp() override {
    StoreContractBase::SetUp();
    write([&](Transaction& t) {
      insert_domain(t, {t.next("id"), "a.test", true, from_millis(1), from_millis(2), 1});
      for (int id = 1; id <= 3; ++id) {
        insert_user(t, user(id, Role::user));
      }
    });
  }
  static User user(std::int64_t id, Role role, std::set<std::string> domains = {}) {
    User user;
    user.id = id;
    user.email = "u" + std::to_string(id) + "@a.test";
    user.domain = "a.test";
    user.role = role;
    user.domains = std::move(domains);
    return user;
  }
  static BrowserSession session(std::int64_t id, std::int64_t user_id) {
    return {.id = id,
            .hash = "s" + std::to_string(id),
            .user_id = user_id,
            .strength = Strength::multi_factor,
            .agent = "Firefox",
            .address = "192.0.2.1",
            .created = from_millis(10),
            .proven = from_millis(20),
            .expires = from_millis(100 * id),
            .last_used = from_millis(30),
            .last_address = "192.0.2.2"};
  }
  static Token token(std::int64_t id, std::int64_t user_id, std::int64_t parent = 0) {
    return {.id = id,
            .hash = "t" + std::to_string(id),
            .user_id = user_id,
            .parent = parent,
            .name = "n",
            .scopes = Scopes::parse({"users:write", "audit:read"}).value(),
            .networks = {"192.0.2.0/24", "2001:db8::/32"},
            .strength = Strength::single_factor,
            .address = "192.0.2.1",
            .created = from_millis(10),
            .proven = from_millis(20),
            .expires = from_millis(1000)};
  }
  std::optional<BrowserSession> session_of(std::int64_t id) {
    return read<std::optional<BrowserSession>>([&](Session& s) { return find_session(s, id); });
  }
  std::optional<Token> token_of(std::int64_t id) {
    return read<std::optional<Token>>([&](Session& s) { return find_token(s, id); });
  }
};

TEST_P(IdentityContract, ASessionComesBackAsItWas) {
  write([&](Transaction& t) { insert_session(t, session(7, 1)); });
  const auto found =
      read<std::optional<BrowserSession>>([](Session& s) { return find_session(s, "s7"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, 7);
  EXPECT_EQ(found->user_id, 1);
  EXPECT_EQ(found->strength, Strength::multi_factor);
  EXPECT_EQ(found->agent, "Firefox");
  EXPECT_EQ(found->proven, from_millis(20));
  EXPECT_EQ(found->last_address, "192.0.2.2");
  EXPECT_FALSE(
      read<std::optional<BrowserSession>>([](Session& s) { return find_session(s, "s"); }));
}

TEST_P(IdentityContract, SessionsEndByUserButOne) {
  write([&](Transaction& t) {
    for (int id = 1; id <= 3; ++id) {
      insert_session(t, session(id, 1));
    }
    insert_session(t, session(4, 2));
  });
  EXPECT_EQ(read<std::vector<BrowserSession>>([](Session& s) {
              return list_sessions(s, 1, from_millis(150));
            }).size(),
            2U)
      << "without the expired one";
  write([&](Transaction& t) { EXPECT_EQ(delete_sessions_of(t, 1, 2), 2); });
  EXPECT_FALSE(session_of(1));
  EXPECT_TRUE(session_of(2));
  EXPECT_TRUE(session_of(4));
  write([&](Transaction& t) { EXPECT_EQ(delete_sessions_expired(t, from_millis(201), 9), 1); });
  EXPECT_FALSE(session_of(2));
}

TEST_P(IdentityContract, ARenewedSessionHasAnotherHash) {
  write([&](Transaction& t) {
    insert_session(t, session(7, 1));
    BrowserSession again = session(7, 1);
    again.hash = "other";
    again.proven = from_millis(99);
    renew_session(t, again);
  });
  EXPECT_FALSE(
      read<std::optional<BrowserSession>>([](Session& s) { return find_session(s, "s7"); }));
  EXPECT_EQ(session_of(7)->proven, from_millis(99));
}

TEST_P(IdentityContract, ATokenComesBackAsItWas) {
  write([&](Transaction& t) { insert_token(t, token(7, 1)); });
  const auto found = read<std::optional<Token>>([](Session& s) { return find_token(s, "t7"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->parent, 0);
  EXPECT_EQ(found->scopes.words(), (std::vector<std::string>{"users:write", "audit:read"}));
  EXPECT_EQ(found->networks, (std::vector<std::string>{"192.0.2.0/24", "2001:db8::/32"}));
  EXPECT_EQ(found->last_used, WallTime{});
}

TEST_P(IdentityContract, ATokenEndsWithTheOneThatMadeIt) {
  write([&](Transaction& t) {
    insert_token(t, token(1, 1));
    insert_token(t, token(2, 1, 1));
    insert_token(t, token(3, 1, 2));
    insert_token(t, token(4, 1));
    delete_token(t, 1);
  });
  EXPECT_FALSE(token_of(2));
  EXPECT_FALSE(token_of(3));
  EXPECT_TRUE(token_of(4));
}

TEST_P(IdentityContract, TheKeptTokenOutlivesItsMaker) {
  write([&](Transaction& t) {
    insert_token(t, token(1, 1));
    insert_token(t, token(2, 1, 1));
    delete_tokens_of(t, 1, 2);
  });
  EXPECT_FALSE(token_of(1));
  EXPECT_TRUE(token_of(2));
}

TEST_P(IdentityContract, LoginsEndWithTheirUser) {
  write([&](Transaction& t) {
    insert_session(t, session(1, 1));
    insert_token(t, token(2, 1));
    insert_login_ticket(t, {.hash = "h", .user_id = 1, .wish = "{}"});
    delete_user(t, 1);
  });
  EXPECT_FALSE(session_of(1));
  EXPECT_FALSE(token_of(2));
  EXPECT_FALSE(
      read<std::optional<LoginTicket>>([](Session& s) { return find_login_ticket(s, "h"); }));
}

TEST_P(IdentityContract, ADomainsLoginsEndButThoseOfAdministrators) {
  write([&](Transaction& t) {
    insert_user(t, user(9, Role::admin));
    insert_session(t, session(1, 1));
    insert_session(t, session(2, 9));
    insert_token(t, token(3, 1));
    insert_token(t, token(4, 9));
    delete_sessions_in(t, "a.test");
    delete_tokens_in(t, "a.test");
  });
  EXPECT_FALSE(session_of(1));
  EXPECT_TRUE(session_of(2));
  EXPECT_FALSE(token_of(3));
  EXPECT_TRUE(token_of(4));
}

TEST_P(IdentityContract, TheLaterUseStays) {
  write([&](Transaction& t) {
    insert_session(t, session(1, 1));
    insert_token(t, token(2, 1));
    note_session_uses(t, {{.id = 1, .at = from_millis(50), .address = "192.0.2.9"},
                          {.id = 77, .at = from_millis(50), .address = ""}});
    note_session_uses(t, {{.id = 1, .at = from_millis(40), .address = "192.0.2.8"}});
    note_token_uses(t, {{.id = 2, .at = from_millis(60), .address = "192.0.2.7"}});
  });
  EXPECT_EQ(session_of(1)->last_used, from_millis(50));
  EXPECT_EQ(session_of(1)->last_address, "192.0.2.9");
  EXPECT_EQ(token_of(2)->last_used, from_millis(60));
}

TEST_P(IdentityContract, EachChangeOfLoginsIsSeen) {
  std::set<std::int64_t> seen;
  const auto look = [&] {
    return seen.insert(read<std::int64_t>([](Session& s) { return login_changes(s); })).second;
  };
  EXPECT_TRUE(look());
  EXPECT_FALSE(look());
  for (int i = 0; i < 3; ++i) {
    write([&](Transaction& t) { note_login_change(t); });
    EXPECT_TRUE(look());
  }
  write([&](Transaction& t) { gather_login_changes(t); });
  EXPECT_TRUE(look());
}

TEST_P(IdentityContract, ATicketIsUsedOnce) {
  write([&](Transaction& t) {
    insert_login_ticket(t, {.hash = "h",
                            .user_id = 1,
                            .wish = R"({"kind":"token"})",
                            .created = from_millis(1),
                            .expires = from_millis(9)});
    count_login_ticket_failure(t, "h");
  });
  const auto ticket =
      read<std::optional<LoginTicket>>([](Session& s) { return find_login_ticket(s, "h"); });
  EXPECT_EQ(ticket->failures, 1);
  EXPECT_EQ(ticket->wish, R"({"kind":"token"})");
  write([&](Transaction& t) {
    EXPECT_TRUE(delete_login_ticket(t, "h"));
    EXPECT_FALSE(delete_login_ticket(t, "h"));
    insert_login_ticket(t, {.hash = "old", .user_id = 1, .wish = "{}", .expires = from_millis(5)});
    EXPECT_EQ(delete_login_tickets_expired(t, from_millis(6), 9), 1);
  });
}

TEST_P(IdentityContract, GrantsFollowTheUser) {
  write([&](Transaction& t) { insert_user(t, user(9, Role::domain_admin, {"a.test", "b.test"})); });
  const auto found = [&](std::int64_t id) {
    return read<std::optional<User>>([&](Session& s) { return find_user(s, id); }).value();
  };
  EXPECT_EQ(found(9).domains, (std::set<std::string>{"a.test", "b.test"}));
  User changed = user(9, Role::admin, {"b.test"});
  changed.updated = from_millis(77);
  write([&](Transaction& t) { update_user(t, changed); });
  const auto grants = read<std::vector<Grant>>([](Session& s) { return list_grants(s, 9); });
  ASSERT_EQ(grants.size(), 2U);
  EXPECT_EQ(grants[0].role, Role::admin);
  EXPECT_EQ(grants[0].created, from_millis(77));
  EXPECT_EQ(grants[1].scope, "b.test");
  EXPECT_EQ(grants[1].created, WallTime{}) << "it stays the one it was";
  EXPECT_EQ(read<std::vector<User>>([](Session& s) { return list_domain_admins(s, "b.test"); })
                .at(0)
                .email,
            "u9@a.test");
  EXPECT_TRUE(
      read<std::vector<User>>([](Session& s) { return list_domain_admins(s, "a.test"); }).empty());
}

TEST_P(IdentityContract, ADeletedDomainHasNoAdministrators) {
  write([&](Transaction& t) {
    insert_user(t, user(8, Role::domain_admin, {"b.test"}));
    insert_user(t, user(9, Role::domain_admin, {"b.test", "c.test"}));
    delete_grants_in(t, "b.test");
  });
  const auto found = [&](std::int64_t id) {
    return read<std::optional<User>>([&](Session& s) { return find_user(s, id); }).value();
  };
  EXPECT_EQ(found(8).role, Role::user);
  EXPECT_EQ(found(9).role, Role::domain_admin);
  EXPECT_EQ(found(9).domains, std::set<std::string>{"c.test"});
}

INSTANTIATE_TEST_SUITE_P(Both, IdentityContract, kBothStores, name_of_store);

}  // namespace
}  // namespace podplay::store
