// The way from an order to a certificate, with a crash after every step, and every way to fail.
#include "acme/issuance.hpp"

#include <gtest/gtest.h>

#include "acme/fake_authority.hpp"

namespace podplay::acme {
namespace {

using namespace std::chrono_literals;
using test::FakeAuthority;

// Keeps what is placed, as a web or name server would.
class MemorySolver final : public Solver {
 public:
  std::vector<ChallengeType> types_for(const Identifier&) override { return types; }
  Status place(const Placement& placement) override {
    placed[placement.token] = placement;
    return {};
  }
  Result<bool> is_visible(const Placement& placement) override {
    ++looks;
    return visible && placed.contains(placement.token);
  }
  Status remove(const Placement& placement) override {
    placed.erase(placement.token);
    return {};
  }

  std::vector<ChallengeType> types{ChallengeType::dns_01, ChallengeType::http_01};
  bool visible = true;
  int looks = 0;
  std::map<std::string, Placement> placed;
};

// An authority with one order for a.test and *.a.test that behaves as RFC 8555 section 7.1.6 says.
class OneOrder : public FakeAuthority {
 public:
  OneOrder() {
    handlers["/newOrder"] = [this](const Asked&) {
      ++orders;
      return json(201, order(), {{"Location", url("/order")}});
    };
    handlers["/order"] = [this](const Asked&) {
      if (lost) {
        return problem(404, "malformed", "no such order");
      }
      if (order_status == "processing") {
        order_status = "valid";
        return json(200, {{"status", "processing"}, {"finalize", url("/finalize")}},
                    {{"Retry-After", "7"}});
      }
      return json(200, order());
    };
    for (const std::string name : {"1", "2"}) {
      handlers["/authz/" + name] = [this, name](const Asked&) { return authorization(name); };
      handlers["/challenge/" + name] = [this, name](const Asked&) {
        if (away > 0) {
          --away;
          return problem(503, "serverInternal", "", {{"Retry-After", "30"}});
        }
        ++answered[name];
        return json(200, Json::object());
      };
    }
    handlers["/finalize"] = [this](const Asked& asked) {
      const std::string der = from_base64url(asked.payload["csr"].get<std::string>()).value();
      certificate = net::sign_request(ca,
                                      "-----BEGIN CERTIFICATE REQUEST-----\n" + base64(der) +
                                          "\n-----END CERTIFICATE REQUEST-----\n",
                                      "leaf", {"*.a.test", "a.test"}, 1h, clock.now())
                        .value();
      order_status = "processing";
      ++finalized;
      return json(200, {{"status", "processing"}, {"finalize", url("/finalize")}});
    };
    handlers["/certificate"] = [this](const Asked&) {
      return net::HttpResponse{200, {}, certificate + ca.certificate};
    };
  }

  Json order() {
    if (order_status == "pending" && answered.size() == 2 && fails.empty()) {
      order_status = "ready";
    }
    Json body{{"status", order_status},
              {"authorizations", {url("/authz/1"), url("/authz/2")}},
              {"finalize", url("/finalize")}};
    if (order_status == "valid") {
      body["certificate"] = url("/certificate");
    }
    return body;
  }
  net::HttpResponse authorization(const std::string& name) {
    Json challenge{{"type", "dns-01"},
                   {"url", url("/challenge/" + name)},
                   {"status", "pending"},
                   {"token", token + name}};
    std::string status = "pending";
    if (answered.contains(name)) {
      status = fails == name ? "invalid" : "valid";
      challenge["status"] = status;
    }
    if (status == "invalid") {
      challenge["error"] = {{"type", "urn:ietf:params:acme:error:dns"}, {"detail", "NXDOMAIN"}};
    }
    return json(200,
                {{"status", status},
                 {"identifier", {{"type", "dns"}, {"value", "a.test"}}},
                 {"wildcard", name == "2"},
                 {"challenges", {challenge}}},
                {{"Retry-After", "5"}});
  }

  net::CertificateAuthority ca =
      net::make_authority("fake issuer", std::chrono::days(2), clock.now()).value();
  std::string order_status = "pending";
  std::string token = "token";
  std::map<std::string, int> answered;
  // The authorization that fails.
  std::string fails;
  std::string certificate;
  int orders = 0;
  int finalized = 0;
  // So many answers to challenges are 503.
  int away = 0;
  bool lost = false;
};

struct Walk {
  OneOrder authority;
  std::unique_ptr<Client> client = authority.client();
  MemorySolver solver;
  Secret key = net::make_private_key().value();
  Issuance issuance{.request = {.identifiers = parse_identifiers({"a.test", "*.a.test"}).value()}};
  std::vector<std::string> steps;
  std::vector<std::chrono::milliseconds> waits;

  bool over() const { return issuance.step == Step::done || issuance.step == Step::failed; }
  // What a caller keeps, read again.
  static Issuance kept(const Issuance& one) {
    auto read = issuance_from(Json::parse(to_json(one).dump()));
    EXPECT_TRUE(read) << describe(read.error());
    EXPECT_EQ(to_json(*read), to_json(one));
    return std::move(*read);
  }
  void step() {
    const auto waited = advance(*client, solver, key, issuance);
    ASSERT_TRUE(waited) << describe(waited.error());
    steps.emplace_back(to_text(issuance.step));
    waits.push_back(*waited);
  }
  void to_the_end() {
    for (int i = 0; i < 100 && !over(); ++i) {
      step();
    }
    EXPECT_TRUE(over()) << to_text(issuance.step);
  }
};

TEST(Issuance, EndsWithAChainAndWithoutChallenges) {
  Walk walk;
  walk.to_the_end();
  EXPECT_EQ(walk.steps,
            (std::vector<std::string>{"authorizing", "placing", "looking", "answering",
                                      "validating", "finalizing", "finalizing", "finalizing",
                                      "clearing", "downloading", "done"}));
  EXPECT_EQ(walk.waits[7], 7s) << "the authority's Retry-After";
  EXPECT_EQ(walk.issuance.chain.size(), 2U);
  EXPECT_TRUE(walk.solver.placed.empty());
  EXPECT_EQ(walk.authority.finalized, 1);
}

TEST(Issuance, GoesOnAfterACrashInEveryStep) {
  Walk walk;
  for (int i = 0; i < 100 && !walk.over(); ++i) {
    // The step is made, and then the program is killed before it kept the outcome.
    Issuance forgotten = Walk::kept(walk.issuance);
    if (walk.issuance.step != Step::ordering) {
      ASSERT_TRUE(advance(*walk.client, walk.solver, walk.key, forgotten));
    }
    walk.issuance = Walk::kept(walk.issuance);
    walk.step();
  }
  ASSERT_EQ(walk.issuance.step, Step::done);
  EXPECT_EQ(walk.issuance.chain.size(), 2U);
  EXPECT_TRUE(walk.solver.placed.empty());
  EXPECT_EQ(walk.authority.orders, 1);
  EXPECT_EQ(walk.authority.finalized, 1) << "the authority is asked whether it was sent";
}

TEST(Issuance, AFailedNameIsNamedAndCleared) {
  Walk walk;
  walk.authority.fails = "2";
  walk.to_the_end();
  ASSERT_EQ(walk.issuance.step, Step::failed);
  EXPECT_EQ(walk.issuance.failure->code, "acme_dns");
  EXPECT_EQ(walk.issuance.failure->message,
            "cannot validate *.a.test with dns-01: the authority says: NXDOMAIN");
  EXPECT_EQ(walk.issuance.failure->faults.at(0).field, "*.a.test");
  EXPECT_TRUE(walk.solver.placed.empty());
  Walk::kept(walk.issuance);
}

TEST(Issuance, PollsNoFasterThanTheAuthorityAsks) {
  Walk walk;
  while (walk.issuance.step != Step::validating) {
    walk.step();
  }
  walk.authority.answered.erase("2");
  walk.step();
  EXPECT_EQ(walk.issuance.step, Step::validating);
  EXPECT_EQ(walk.waits.back(), 5s);
}

TEST(Issuance, WhatCannotBeSeenHereIsNotShownToTheAuthority) {
  Walk walk;
  walk.solver.visible = false;
  walk.to_the_end();
  ASSERT_EQ(walk.issuance.step, Step::failed);
  EXPECT_EQ(walk.issuance.failure->faults.size(), 2U);
  EXPECT_EQ(walk.issuance.failure->message, "not every challenge can be seen from here");
  EXPECT_EQ(walk.issuance.failure->faults.at(0).code, "acme_challenge_not_seen");
  EXPECT_TRUE(walk.authority.answered.empty());
  EXPECT_TRUE(walk.solver.placed.empty());
  EXPECT_EQ(walk.waits[3], 250ms);
  EXPECT_EQ(walk.waits[4], 500ms);
  EXPECT_EQ(*std::ranges::max_element(walk.waits), 10s);
}

TEST(Issuance, AnAuthorityThatIsAwayIsAskedAgain) {
  Walk walk;
  walk.authority.away = 1;
  while (walk.issuance.step != Step::answering) {
    walk.step();
  }
  const auto away = advance(*walk.client, walk.solver, walk.key, walk.issuance);
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().retry_after, 30s);
  EXPECT_EQ(walk.issuance.step, Step::answering);
  walk.to_the_end();
  EXPECT_EQ(walk.issuance.step, Step::done);
}

TEST(Issuance, AnOrderThatIsLostFails) {
  Walk walk;
  while (walk.issuance.step != Step::validating) {
    walk.step();
  }
  walk.authority.lost = true;
  walk.to_the_end();
  ASSERT_EQ(walk.issuance.step, Step::failed);
  EXPECT_EQ(walk.issuance.failure->code, "acme_malformed");
  EXPECT_TRUE(walk.solver.placed.empty());
}

TEST(Issuance, AnOrderThatFallsBackLeavesNoChallengeBehind) {
  Walk walk;
  while (walk.issuance.step != Step::finalizing) {
    walk.step();
  }
  // Its authorizations have expired, and new ones have other challenges.
  walk.authority.order_status = "pending";
  walk.authority.answered.clear();
  walk.authority.token = "other";
  walk.step();
  EXPECT_EQ(walk.issuance.step, Step::authorizing);
  EXPECT_EQ(walk.waits.back(), 2s);
  walk.to_the_end();
  EXPECT_EQ(walk.issuance.step, Step::done);
  EXPECT_TRUE(walk.solver.placed.empty());
}

TEST(Issuance, ANameThatNothingCanAnswerForFailsBeforeAnythingIsPlaced) {
  Walk walk;
  walk.solver.types = {ChallengeType::http_01};
  walk.to_the_end();
  ASSERT_EQ(walk.issuance.step, Step::failed);
  EXPECT_EQ(walk.issuance.failure->faults.size(), 2U);
  EXPECT_EQ(walk.issuance.failure->faults[1].message,
            "nothing here can answer a challenge for *.a.test; the authority offers dns-01");
}

TEST(Issuance, ACertificateForAnotherKeyIsNotTaken) {
  Walk walk;
  while (walk.issuance.step != Step::downloading) {
    walk.step();
  }
  walk.key = net::make_private_key().value();
  walk.to_the_end();
  ASSERT_EQ(walk.issuance.step, Step::failed);
  EXPECT_EQ(walk.issuance.failure->code, "key_mismatch");
  EXPECT_TRUE(walk.issuance.chain.empty());
}

TEST(Issuance, AbandonedOnesLeaveNothingBehind) {
  Walk walk;
  while (walk.issuance.step != Step::validating) {
    walk.step();
  }
  EXPECT_EQ(walk.solver.placed.size(), 2U);
  EXPECT_TRUE(abandon(walk.solver, walk.issuance));
  EXPECT_TRUE(walk.solver.placed.empty());
  EXPECT_TRUE(abandon(walk.solver, walk.issuance));
}

TEST(Issuance, EveryStepHasAWord) {
  for (int i = 0; i <= static_cast<int>(Step::failed); ++i) {
    const auto step = static_cast<Step>(i);
    EXPECT_EQ(parse_step(to_text(step)), step);
  }
  EXPECT_FALSE(parse_step("sleeping"));
}

}  // namespace
}  // namespace podplay::acme
