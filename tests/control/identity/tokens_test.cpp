// A token is never more than who made it.
#include "control/identity/tokens.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "control/control_test.hpp"
#include "control/identity/log_in.hpp"
#include "store/answers.hpp"
#include "store/tokens.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;

class TokensTest : public test::ControlTest {
 protected:
  Login begin(const LoginWish& wish = {}) {
    return test::log_in(context, "admin@example.test", Secret("password123"),
                        Actor::anonymous("r", test::kHome), wish)
        .value();
  }
  Actor actor(const std::string& token, const std::string& address = test::kHome) {
    return authenticate(context, token, address).value();
  }
  static TokenInput named(const std::string& name) {
    TokenInput input;
    input.name = name;
    return input;
  }
  // The codes of the faults.
  static std::string faults_of(const auto& result) {
    std::string codes;
    if (!result) {
      for (const Fault& fault : result.error().faults) {
        codes += fault.field + " " + fault.code + ";";
      }
    }
    return codes;
  }
};

TEST_F(TokensTest, HaveAPrefixAndAreKeptAsTheirHash) {
  const auto made = create_token(context, actor(begin().token), named("backup"));
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->text.starts_with("pp_"));
  EXPECT_EQ(made->text.size(), 3U + 43U) << "256 bits";
  const auto row = context.store.read<std::optional<Token>>(
      [&](store::Session& session) { return store::find_token(session, made->token.id); });
  EXPECT_EQ((**row).hash, sha256_hex(made->text));
  EXPECT_EQ((**row).name, "backup");
}

TEST_F(TokensTest, MayDoWhatTheirScopesSay) {
  TokenInput input = named("reader");
  input.scopes = {"users:read"};
  const auto made = create_token(context, actor(begin().token), input);
  ASSERT_TRUE(made);
  const Actor program = actor(made->text);
  EXPECT_EQ(code(program.may_use(Scope{Area::users, Access::read})), "fine");
  EXPECT_EQ(code(program.may_use(Scope{Area::users, Access::write})), "scope_missing");
  EXPECT_EQ(code(program.may_use(Scope{Area::audit, Access::read})), "scope_missing");
}

TEST_F(TokensTest, ComeFromWhereTheyMay) {
  TokenInput input = named("office");
  input.networks = {"198.51.100.0/24", "2001:db8::/32"};
  const auto made = create_token(context, actor(begin().token), input);
  ASSERT_TRUE(made);
  EXPECT_EQ(code(authenticate(context, made->text, "198.51.100.9")), "fine");
  EXPECT_EQ(code(authenticate(context, made->text, "2001:db8::9")), "fine");
  EXPECT_EQ(code(authenticate(context, made->text, "192.0.2.1")), "token_address")
      << "also when it is known already";
  EXPECT_EQ(code(authenticate(context, made->text, "")), "token_address");
}

TEST_F(TokensTest, EndByTime) {
  TokenInput input = named("short");
  input.lifetime = 120;
  const auto made = create_token(context, actor(begin().token), input);
  plane.clock.moved += 119s;
  EXPECT_EQ(code(authenticate(context, made->text, test::kHome)), "fine");
  plane.clock.moved += 1s;
  EXPECT_EQ(code(authenticate(context, made->text, test::kHome)), "token_invalid");
}

TEST_F(TokensTest, NeverMakeAStrongerOne) {
  TokenInput input = named("parent");
  input.scopes = {"account:write", "users:read"};
  input.networks = {"192.0.2.0/24"};
  input.lifetime = 3600;
  const auto parent = create_token(context, actor(begin().token), input);
  ASSERT_TRUE(parent);
  const Actor program = actor(parent->text);
  TokenInput more = named("child");
  more.scopes = {"users:write"};
  EXPECT_EQ(faults_of(create_token(context, program, more)), "scopes too_strong;");
  more.scopes = {"users:read"};
  more.networks = std::vector<std::string>{};
  EXPECT_EQ(faults_of(create_token(context, program, more)), "networks too_strong;");
  more.networks = {"192.0.0.0/16"};
  EXPECT_EQ(faults_of(create_token(context, program, more)), "networks too_strong;");
  more.networks = {"192.0.2.7"};
  more.lifetime = 7200;
  EXPECT_EQ(code(create_token(context, program, more)), "proof_needed");
  more.lifetime = std::nullopt;
  const auto child = create_token(context, program, more);
  ASSERT_TRUE(child) << describe(child.error());
  EXPECT_EQ(child->token.expires, parent->token.expires);
  EXPECT_EQ(child->token.parent, parent->token.id);
  EXPECT_EQ(create_token(context, program, named("heir"))->token.networks, parent->token.networks);
}

TEST_F(TokensTest, EndWithTheTokenThatMadeThem) {
  const auto parent = create_token(context, actor(begin().token), named("parent"));
  const auto child = create_token(context, actor(parent->text), named("child"));
  const auto grandchild = create_token(context, actor(child->text), named("grandchild"));
  ASSERT_TRUE(grandchild);
  EXPECT_EQ(code(authenticate(context, grandchild->text, test::kHome)), "fine");
  ASSERT_TRUE(revoke_token(context, actor(begin().token), parent->token.id));
  EXPECT_EQ(code(authenticate(context, parent->text, test::kHome)), "token_invalid");
  EXPECT_EQ(code(authenticate(context, child->text, test::kHome)), "token_invalid");
  EXPECT_EQ(code(authenticate(context, grandchild->text, test::kHome)), "token_invalid");
}

TEST_F(TokensTest, AnOldLoginNeedsThePassword) {
  const Login session = begin(test::browser());
  plane.clock.moved += 11min;
  const Actor person = test::actor_of(context, session).value();
  EXPECT_EQ(code(create_token(context, person, named("late"))), "proof_needed");
  TokenInput input = named("late");
  input.current_password = Secret("wrong password");
  EXPECT_EQ(code(create_token(context, person, input)), "wrong_password");
  input.current_password = Secret("password123");
  const auto made = create_token(context, person, input);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->token.parent, 0) << "it is a person's own";
}

TEST_F(TokensTest, APersonSeesAndEndsOnlyTheirOwn) {
  ASSERT_TRUE(create_user(context, admin, input("ann@example.test", "correct horse 1"), {}));
  const Login ann =
      test::log_in(context, "ann@example.test", Secret("correct horse 1"), stranger).value();
  const auto mine = create_token(context, actor(begin().token), named("mine"));
  const Actor person = actor(ann.token);
  EXPECT_EQ(list_tokens(context, person)->size(), 1U) << "that of the login";
  EXPECT_EQ(code(revoke_token(context, person, mine->token.id)), "token_unknown");
  EXPECT_EQ(code(revoke_token(context, person, ann.id)), "fine");
  EXPECT_EQ(code(authenticate(context, ann.token, test::kHome)), "token_invalid");
}

TEST_F(TokensTest, EveryFaultOfTheInputIsNamed) {
  TokenInput input = named(" ");
  input.scopes = {"users"};
  input.networks = {"example.com"};
  input.lifetime = 1;
  EXPECT_EQ(faults_of(create_token(context, actor(begin().token), input)),
            "name bad_name;scopes unknown_word;networks bad_network;lifetime out_of_range;");
  TokenInput nothing = named("x");
  nothing.scopes = std::vector<std::string>{};
  EXPECT_EQ(faults_of(create_token(context, actor(begin().token), nothing)), "scopes missing;");
  EXPECT_EQ(code(create_token(context, Actor::system(), named("x"))), "forbidden");
}

TEST_F(TokensTest, TokensOfBeforeTheChangeOfRolesHaveWhatTheirUserHas) {
  ASSERT_TRUE(create_user(context, admin, input("ann@example.test", "correct horse 1"), {}));
  const Login ann =
      test::log_in(context, "ann@example.test", Secret("correct horse 1"), stranger).value();
  EXPECT_EQ(actor(ann.token).role(), Role::user);
  UserInput change;
  change.role = "admin";
  ASSERT_TRUE(update_user(context, admin, "ann@example.test", change, {}));
  EXPECT_EQ(actor(ann.token).role(), Role::admin);
}

}  // namespace
}  // namespace podplay::control
