// Use-cases: what they refuse and with which words, what they leave behind, who may do what.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "base/encoding.hpp"
#include "control/answers.hpp"
#include "control/dns.hpp"
#include "control/domains.hpp"
#include "control/identity/users.hpp"
#include "control/mail/aliases.hpp"
#include "control/plane.hpp"
#include "store/directory.hpp"
#include "store/sessions.hpp"
#include "wire/snapshot.hpp"

namespace podplay::control {
namespace {

class Control : public testing::Test {
 protected:
  UserInput input(const std::string& email, const std::string& password = "password123") {
    UserInput result;
    result.email = email;
    result.password = Secret(password);
    return result;
  }
  std::string code(const auto& result) { return result ? "fine" : result.error().code; }

  test::Plane plane;
  Actor admin = plane.make_admin();
  const Actor stranger = Actor::anonymous("", "127.0.0.1");
  Context& context = plane.context();
};

TEST_F(Control, BootstrapOnlyOnce) {
  EXPECT_FALSE(plane.files.exists(plane.paths.state + "/bootstrap.secret"));
  EXPECT_EQ(code(bootstrap(context, stranger, "anything", input("b@example.test"), {})),
            "bootstrapped");
}

TEST(Bootstrap, AddsThePodsOwnDomainAndNoOther) {
  test::Plane plane;
  const std::string secret = plane.files.read(plane.paths.state + "/bootstrap.secret").value();
  UserInput input;
  input.password = Secret("password123");
  input.email = "me@elsewhere.test";
  const auto elsewhere = bootstrap(plane.context(), Actor::anonymous("", ""), secret, input, {});
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().faults.at(0).code, "domain_missing")
      << "an address of a provider does not make its domain ours";
  input.email = "me@example.test";
  ASSERT_TRUE(
      bootstrap(plane.context(), Actor::anonymous("", ""), secret, input, {.dry_run = true}));
  EXPECT_TRUE(plane.files.exists(plane.paths.state + "/bootstrap.secret"))
      << "a dry run uses nothing up";
  ASSERT_TRUE(bootstrap(plane.context(), Actor::anonymous("", ""), secret, input, {}));
  EXPECT_TRUE(get_domain(plane.context(), Actor::system(), "example.test"));
}

TEST_F(Control, CreateUserChecksEverything) {
  EXPECT_EQ(code(create_user(context, admin, input("x@missing.test"), {})), "domain_missing");
  UserInput bad = input("no address", "short");
  bad.role = "king";
  bad.quota = -1;
  bad.services = {"mail", "ftp"};
  const auto refused = create_user(context, admin, bad, {});
  ASSERT_FALSE(refused);
  std::vector<std::string> fields;
  for (const Fault& fault : refused.error().faults) {
    fields.push_back(fault.field);
  }
  EXPECT_EQ(fields, (std::vector<std::string>{"email", "role", "quota", "services", "password"}));
  EXPECT_EQ(code(create_user(context, admin, input("admin@example.test"), {})), "user_exists");
}

TEST_F(Control, AUserIsOneRevisionOneRowOneAuditEvent) {
  const auto made = create_user(context, admin, input("X.y@example.test"), {});
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_EQ(made->object.email, "x.y@example.test");
  EXPECT_EQ(made->object.username, "x.y");
  EXPECT_EQ(made->services, std::vector{ServiceName::mail});
  EXPECT_EQ(context.hub.newest(ServiceName::mail), made->revision);
  const auto rows = context.store.read<DirectoryBatch>(
      [](store::Session& s) { return store::read_directory(s, 0, 100); });
  EXPECT_EQ(rows->rows.back().key, "x.y@example.test");
  EXPECT_EQ(rows->rows.back().revision, made->revision);
  const auto audit = context.store.read<std::vector<store::AuditRow>>(
      [](store::Session& s) { return store::list_audit(s, 0, 1); });
  EXPECT_EQ(audit->at(0).event, "USER_CREATED");
}

TEST_F(Control, DryRunLeavesNothing) {
  const auto dry = create_user(context, admin, input("dry@example.test"), {.dry_run = true});
  ASSERT_TRUE(dry);
  ASSERT_TRUE(dry->dry_run);
  EXPECT_EQ(dry->dry_run->directory.at(0).key, "dry@example.test");
  EXPECT_EQ(code(get_user(context, admin, "dry@example.test")), "user_unknown");
}

TEST_F(Control, TheLastAdministratorStays) {
  UserInput demoted;
  demoted.role = "user";
  EXPECT_EQ(code(update_user(context, admin, "admin@example.test", demoted, {})), "last_admin");
  EXPECT_EQ(code(delete_user(context, admin, "admin@example.test", {})), "last_admin");
}

TEST_F(Control, RolesBoundWhatOneMayDo) {
  ASSERT_TRUE(create_domain(context, admin, "other.test", true, {}));
  UserInput helper = input("helper@example.test");
  helper.role = "domain-admin";
  const auto made = create_user(context, admin, helper, {});
  const Actor domain_admin = Actor::of(made->object);
  EXPECT_EQ(code(create_user(context, domain_admin, input("a@example.test"), {})), "fine");
  EXPECT_EQ(code(create_user(context, domain_admin, input("a@other.test"), {})), "not_your_domain");
  UserInput king = input("king@example.test");
  king.role = "admin";
  EXPECT_EQ(code(create_user(context, domain_admin, king, {})), "role_too_high");
  EXPECT_EQ(code(update_user(context, domain_admin, "admin@example.test", input(""), {})),
            "is_admin");
  EXPECT_EQ(code(list_users(context, domain_admin, "other.test", 0, 10)), "not_your_domain");
  const auto plain = create_user(context, admin, input("plain@example.test"), {});
  const Actor user = Actor::of(plain->object);
  EXPECT_EQ(code(get_user(context, user, "admin@example.test")), "user_unknown")
      << "a user does not learn who exists";
  EXPECT_EQ(code(get_user(context, user, "plain@example.test")), "fine");
  UserInput password;
  password.password = Secret("another password");
  EXPECT_EQ(code(update_user(context, user, "plain@example.test", password, {})), "fine");
  UserInput quota;
  quota.quota = 0;
  EXPECT_EQ(code(update_user(context, user, "plain@example.test", quota, {})), "only_the_password");
  EXPECT_EQ(code(update_user(context, user, "admin@example.test", password, {})), "user_unknown")
      << "nor by trying to change them";
  EXPECT_EQ(code(update_user(context, user, "nobody@example.test", password, {})), "user_unknown");
  EXPECT_EQ(code(get_domain(context, domain_admin, "other.test")), "domain_unknown");
}

TEST_F(Control, IfMatchGuardsChanges) {
  const auto made = create_user(context, admin, input("m@example.test"), {});
  UserInput change;
  change.quota = 5;
  EXPECT_EQ(code(update_user(context, admin, "m@example.test", change,
                             {.if_match = made->revision + 100})),
            "changed_meanwhile");
  EXPECT_EQ(
      code(update_user(context, admin, "m@example.test", change, {.if_match = made->revision})),
      "fine");
}

TEST_F(Control, LoginsAreTokensThatEnd) {
  EXPECT_EQ(code(login(context, "admin@example.test", Secret("wrong password"), stranger)),
            "login_failed");
  EXPECT_EQ(code(login(context, "nobody@example.test", Secret("wrong password"), stranger)),
            "login_failed");
  const auto first = login(context, "admin@example.test", Secret("password123"), stranger);
  ASSERT_TRUE(first);
  EXPECT_EQ(authenticate(context, first->token)->email(), "admin@example.test");
  EXPECT_EQ(code(authenticate(context, "nonsense")), "token_invalid");
  ASSERT_TRUE(logout(context, admin, first->token));
  EXPECT_EQ(code(authenticate(context, first->token)), "token_invalid");
  const auto second = login(context, "admin@example.test", Secret("password123"), stranger);
  UserInput password;
  password.password = Secret("a new password");
  ASSERT_TRUE(update_user(context, admin, "admin@example.test", password, {}));
  EXPECT_EQ(code(authenticate(context, second->token)), "token_invalid")
      << "a new password ends the old logins";
}

TEST_F(Control, FailedLoginsAreLimited) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(code(login(context, "admin@example.test", Secret("wrong password"), stranger)),
              "login_failed");
  }
  EXPECT_EQ(code(login(context, "admin@example.test", Secret("password123"), stranger)),
            "too_many_logins");
  const Actor elsewhere = Actor::anonymous("", "192.0.2.7");
  EXPECT_EQ(code(login(context, "admin@example.test", Secret("password123"), elsewhere)), "fine");
  for (int i = 0; i < 40; ++i) {
    login(context, "guess" + std::to_string(i) + "@example.test", Secret("wrong password"),
          stranger);
  }
  EXPECT_EQ(code(login(context, "another@example.test", Secret("password123"), stranger)),
            "too_many_logins")
      << "one client may not try every account";
  plane.clock.moved = std::chrono::minutes(61);
  EXPECT_EQ(code(login(context, "admin@example.test", Secret("password123"), stranger)), "fine");
}

TEST_F(Control, TriesAtTheSameTimeAreCountedAtOnce) {
  std::atomic<int> tried = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 30; ++i) {
    threads.emplace_back([&] {
      if (login(context, "admin@example.test", Secret("wrong password"), stranger).error().code ==
          "login_failed") {
        ++tried;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(tried, 10);
}

TEST(TokenCache, DoesNotKeepWhatWasForgottenMeanwhile) {
  TokenCache cache;
  const WallTime now = SystemClock{}.now();
  // before the store is read
  const std::uint64_t epoch = cache.epoch();
  // deleted meanwhile
  cache.forget_user(1);
  const Actor actor =
      Actor::of({.id = 1, .email = "x@a.test", .domain = "a.test", .role = Role::admin});
  cache.put("hash", actor, now + std::chrono::hours(1), epoch);
  EXPECT_FALSE(cache.find("hash", now));
  cache.put("hash", actor, now + std::chrono::hours(1), cache.epoch());
  EXPECT_TRUE(cache.find("hash", now));
}

TEST_F(Control, AKeyIsCarriedOutOnceWhateverBecomesOfItsAnswer) {
  Answers answers;
  int done = 0;
  const KeyedRequest request{"key-1", "/api/mail/send", "{}", true};
  const auto late = [&]() -> Result<store::KeptAnswer> {
    ++done;
    return fail(ErrorKind::timeout, "agent_timeout", "it may have been sent");
  };
  EXPECT_EQ(code(answers.once(context, admin, request, late)), "agent_timeout");
  EXPECT_EQ(code(answers.once(context, admin, request, late)), "outcome_unknown");
  EXPECT_EQ(done, 1) << "or the message would go out twice";
  const KeyedRequest refused{"key-2", "/api/users", "{}", false};
  const auto fails = [&]() -> Result<store::KeptAnswer> {
    ++done;
    return fail(ErrorKind::invalid, "invalid", "nothing was done");
  };
  EXPECT_EQ(code(answers.once(context, admin, refused, fails)), "invalid");
  EXPECT_EQ(code(answers.once(context, admin, refused, fails)), "invalid");
  EXPECT_EQ(done, 3) << "what left nothing may be repeated";
  const KeyedRequest thrown{"key-3", "/api/users", "{}", false};
  EXPECT_THROW(static_cast<void>(answers.once(
                   context, admin, thrown,
                   []() -> Result<store::KeptAnswer> { throw std::runtime_error("x"); })),
               std::runtime_error);
  EXPECT_EQ(code(answers.once(context, admin, thrown, fails)), "outcome_unknown")
      << "and the key is not under way for ever";
  EXPECT_EQ(code(answers.once(context, admin, {"ke\ny", "/", "", false}, fails)),
            "bad_idempotency_key");
}

TEST_F(Control, AMailboxNameHasNoSubaddress) {
  for (const char* email : {"a+b@example.test", "host!user@example.test"}) {
    EXPECT_EQ(create_user(context, admin, input(email), {}).error().faults.at(0).code,
              "bad_mailbox_name")
        << email;
  }
  AliasInput alias;
  alias.address = "info+x@example.test";
  alias.targets = {"a+b@elsewhere.test"};
  EXPECT_EQ(create_alias(context, admin, alias, {}).error().faults.at(0).code, "bad_mailbox_name");
  alias.address = "info@example.test";
  EXPECT_EQ(code(create_alias(context, admin, alias, {})), "fine") << "targets may be anybody's";
}

TEST_F(Control, ACommandBelongsToItsServiceAndToOneInstanceOfItsAgent) {
  const auto seen = [&] {
    give_work(context, ServiceName::mail, {{}, "x", 1'000'000, "first", 0});
  };
  seen();
  std::thread asking([&] {
    const auto answer =
        context.hub.command(ServiceName::mail, "queue", "{}", "r", std::chrono::seconds(10));
    EXPECT_EQ(answer.value_or("nothing"), "mine");
  });
  std::vector<AgentCommand> taken;
  while (taken.empty()) {
    taken = context.hub.take_commands(ServiceName::mail, "first");
  }
  EXPECT_TRUE(context.hub.take_commands(ServiceName::mail, "first").empty()) << "it has it";
  EXPECT_EQ(context.hub.take_commands(ServiceName::mail, "second").at(0).id, taken.at(0).id)
      << "the first one died with it";
  EXPECT_TRUE(context.hub.take_commands(ServiceName::apache, "third").empty());
  context.hub.finish_command(ServiceName::apache, {taken.at(0).id, true, "forged"});
  context.hub.finish_command(ServiceName::mail, {"c1", true, "guessed"});
  context.hub.finish_command(ServiceName::mail, {taken.at(0).id, true, "mine"});
  asking.join();
}

TEST_F(Control, AliasesThatWouldGoRoundAreRefused) {
  const auto make = [&](const std::string& address, std::vector<std::string> targets) {
    AliasInput alias;
    alias.address = address;
    alias.targets = std::move(targets);
    return code(create_alias(context, admin, alias, {}));
  };
  EXPECT_EQ(make("one@example.test", {"two@example.test", "far@else.test"}), "fine");
  EXPECT_EQ(make("two@example.test", {"three@example.test"}), "fine");
  EXPECT_EQ(make("three@example.test", {"far@else.test", "one+x@example.test"}), "alias_loop");
  EXPECT_EQ(make("three@example.test", {"far@else.test"}), "fine");
  AliasInput change;
  change.targets = {"one@example.test"};
  EXPECT_EQ(code(update_alias(context, admin, "three@example.test", change, {})), "alias_loop");
  EXPECT_EQ(make("@example.test", {"nobody@example.test"}), "alias_loop")
      << "who is not there is the catch-all's again";
  EXPECT_EQ(make("@example.test", {"two@example.test"}), "fine");
}

TEST_F(Control, AnAgentThatNeverReportedIsAwayOnlyAfterAWhile) {
  EXPECT_EQ(context.hub.statuses().front().state, "starting") << "nothing is wrong yet";
  plane.clock.moved += std::chrono::seconds(41);
  EXPECT_EQ(context.hub.statuses().front().state, "away");
}

TEST_F(Control, ARefusalOfFilesIsNoneOfRowsAndEndsWhenTheyComeThrough) {
  for (const ServiceName service : kServices) {
    context.hub.settle(service, context.hub.newest(service));
  }
  const auto rows = create_user(context, admin, input("rows@example.test"), {});
  const auto files = create_domain(context, admin, "late.test", true, {});
  ASSERT_TRUE(
      take_report(context, ServiceName::mail,
                  {files->revision, ApplyState::refused, Stage::check, "postfix", "fatal", 1}));
  EXPECT_EQ(get_revision(context, admin, rows->revision, {})->state, ApplyState::applied)
      << "its row is in use";
  EXPECT_EQ(get_revision(context, admin, files->revision, {})->state, ApplyState::refused);
  ASSERT_TRUE(
      take_report(context, ServiceName::mail,
                  {files->revision, ApplyState::applied, Stage::report, "", "", files->revision}));
  EXPECT_EQ(get_revision(context, admin, files->revision, {})->services.at(2).state,
            ApplyState::applied);
  ASSERT_TRUE(take_report(
      context, ServiceName::mail,
      {files->revision, ApplyState::refused, Stage::probe, "postfix", "a bad start", 1}));
  EXPECT_EQ(get_revision(context, admin, files->revision, {})->services.at(2).state,
            ApplyState::applied)
      << "settled is settled";
}

TEST_F(Control, ADomainBelowAnotherIsItsOwnSite) {
  ASSERT_TRUE(create_domain(context, admin, "www.example.test", true, {}));
  const auto work = give_work(context, ServiceName::apache, {{}, "", 0, "", 0});
  for (const ApacheSite& site : std::get<ApacheSnapshot>(work->snapshot->body).sites) {
    EXPECT_EQ(std::ranges::find(site.aliases, "www.example.test"), site.aliases.end()) << site.name;
  }
}

TEST_F(Control, AliasesAreCheckedAgainstMailboxesAndLoops) {
  const auto alias = [](std::string address, std::vector<std::string> targets) {
    return AliasInput{std::move(address), std::move(targets), {}};
  };
  EXPECT_EQ(
      code(create_alias(context, admin,
                        alias("info@example.test", {"admin@example.test", "else@where.org"}), {})),
      "fine");
  EXPECT_EQ(
      code(create_alias(context, admin, alias("info@example.test", {"admin@example.test"}), {})),
      "alias_exists");
  EXPECT_EQ(code(create_alias(context, admin, alias("admin@example.test", {"x@example.test"}), {})),
            "user_exists");
  EXPECT_EQ(
      code(create_alias(context, admin, alias("loop@example.test", {"loop@example.test"}), {})),
      "alias_loop");
  EXPECT_EQ(code(create_alias(context, admin, alias("none@example.test", {}), {})), "missing");
  EXPECT_EQ(code(create_alias(context, admin, alias("x@missing.test", {"admin@example.test"}), {})),
            "domain_missing");
  EXPECT_EQ(code(create_user(context, admin, input("info@example.test"), {})), "alias_exists");
}

TEST_F(Control, DomainsInUseStay) {
  EXPECT_EQ(code(delete_domain(context, admin, "example.test", {})), "domain_in_use");
  ASSERT_TRUE(create_domain(context, admin, "empty.test", true, {}));
  EXPECT_TRUE(plane.files.exists(plane.paths.certificates + "/empty.test/fullchain.pem"));
  EXPECT_EQ(code(delete_domain(context, admin, "empty.test", {})), "fine");
  EXPECT_EQ(code(create_domain(context, admin, "mail.example.test", true, {})),
            "server_name_is_domain");
}

TEST_F(Control, ImportIsAllOrNothing) {
  const std::string hash = hash_password(Secret("password123")).value();
  int line = 0;
  const auto source = [&](int bad) -> ImportSource {
    line = 0;
    return [&line, bad, hash]() -> Result<std::optional<ImportLine>> {
      if (++line > 1200) {
        return std::optional<ImportLine>();
      }
      UserInput one;
      one.email = line == bad ? "u5@example.test" : "u" + std::to_string(line) + "@example.test";
      one.password_hash = hash;
      return std::optional(ImportLine{line, one});
    };
  };
  const auto refused = import_users(context, admin, source(700), {});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.starts_with("line 700: ")) << refused.error().message;
  EXPECT_EQ(code(get_user(context, admin, "u1@example.test")), "user_unknown");
  EXPECT_EQ(code(import_users(context, admin, source(700 - 697), {})), "user_twice")
      << "u5 comes as line 3 and as line 5";
  const auto done = import_users(context, admin, source(0), {});
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(done->object, 1200);
  EXPECT_EQ(code(get_user(context, admin, "u1200@example.test")), "fine");
}

TEST_F(Control, WorkGoesToTheServiceItConcerns) {
  wire::WorkQuestion question;
  question.wait = 0;
  const auto first = give_work(context, ServiceName::apache, question);
  ASSERT_TRUE(first) << describe(first.error());
  ASSERT_TRUE(first->snapshot);
  EXPECT_EQ(std::get<ApacheSnapshot>(first->snapshot->body).sites.at(0).name, "example.test");
  EXPECT_FALSE(first->directory) << "accounts are mail's alone";
  question.snapshot_hash = first->snapshot_hash;
  ASSERT_TRUE(
      take_report(context, ServiceName::apache,
                  {first->revision, ApplyState::applied, Stage::report, "", "", first->revision}));
  EXPECT_FALSE(give_work(context, ServiceName::apache, question)->snapshot);
  const auto mail = give_work(context, ServiceName::mail, {{}, "", 0, "", 0});
  ASSERT_TRUE(mail->directory);
  EXPECT_EQ(mail->directory->rows.size(), 2U);
}

TEST_F(Control, AccountsAskForNoSnapshot) {
  for (const ServiceName service : kServices) {
    context.hub.settle(service, context.hub.newest(service));
  }
  ASSERT_TRUE(create_user(context, admin, input("rows@example.test"), {}));
  EXPECT_FALSE(context.hub.wants_snapshot(ServiceName::mail))
      << "or an account would cost as much as there are domains";
  const auto made = create_domain(context, admin, "files.test", true, {});
  ASSERT_TRUE(made);
  EXPECT_TRUE(context.hub.wants_snapshot(ServiceName::mail));
  context.hub.settle(ServiceName::mail, made->revision);
  EXPECT_FALSE(context.hub.wants_snapshot(ServiceName::mail));
}

TEST_F(Control, CertificatesThatGrowOldAreARevision) {
  ASSERT_TRUE(ensure_certificates(context));
  context.certificates.announced(context.certificates.issued());
  const auto before = give_work(context, ServiceName::mail, {{}, "", 0, "", 0});
  for (const ServiceName service : kServices) {
    context.hub.settle(service, context.hub.newest(service));
  }
  EXPECT_FALSE(renew_certificates(context).value()) << "they are new";
  plane.clock.moved = std::chrono::days(61);
  EXPECT_TRUE(renew_certificates(context).value());
  EXPECT_FALSE(renew_certificates(context).value()) << "once is enough";
  EXPECT_TRUE(context.hub.wants_snapshot(ServiceName::apache) &&
              context.hub.wants_snapshot(ServiceName::mail));
  const auto after = give_work(context, ServiceName::mail, {{}, before->snapshot_hash, 0, "", 0});
  ASSERT_TRUE(after->snapshot);
  EXPECT_NE(std::get<MailSnapshot>(after->snapshot->body).certificate.fingerprint,
            std::get<MailSnapshot>(before->snapshot->body).certificate.fingerprint);
}

TEST_F(Control, ARefusalIsToldWithItsWords) {
  for (const ServiceName service : kServices) {
    context.hub.settle(service, context.hub.newest(service));
  }
  const auto made = create_domain(context, admin, "bad.test", true, {});
  ASSERT_TRUE(made);
  ASSERT_TRUE(take_report(
      context, ServiceName::bind,
      {made->revision, ApplyState::refused, Stage::check, "bind", "zone bad.test: not good", 1}));
  ASSERT_TRUE(
      take_report(context, ServiceName::mail,
                  {made->revision, ApplyState::applied, Stage::report, "", "", made->revision}));
  const auto pending = get_revision(context, admin, made->revision, std::chrono::milliseconds(0));
  EXPECT_EQ(pending->services.at(0).state, ApplyState::pending);
  EXPECT_EQ(pending->state, ApplyState::refused);
  EXPECT_EQ(pending->services.at(1).message, "zone bad.test: not good");
  EXPECT_EQ(pending->services.at(2).state, ApplyState::applied);
}

TEST_F(Control, ACommitWakesTheWaitingAgentAtOnce) {
  context.hub.settle(ServiceName::mail, context.hub.newest(ServiceName::mail));
  const auto seen = context.store.read<std::uint64_t>(
      [](store::Session& s) { return store::newest_sequence(s); });
  const auto idle = give_work(context, ServiceName::mail, {{}, "", 0, "", 0});
  std::chrono::steady_clock::time_point woken;
  std::thread agent([&] {
    const auto work =
        give_work(context, ServiceName::mail, {{}, idle->snapshot_hash, *seen, "", 20});
    woken = std::chrono::steady_clock::now();
    EXPECT_EQ(work->directory->rows.at(0).key, "fast@example.test");
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ASSERT_TRUE(create_user(context, admin, input("fast@example.test"), {}));
  const auto committed = std::chrono::steady_clock::now();
  agent.join();
  EXPECT_LT(woken - committed, std::chrono::seconds(2));
}

TEST_F(Control, EnrolmentNeedsTheServicesOwnSecret) {
  ASSERT_TRUE(prepare_enrolment(context));
  const Secret secret(plane.files.read(plane.paths.enrolment + "/mail/secret").value());
  const std::string request =
      net::make_signing_request(net::make_private_key().value(), "x").value();
  const auto enrolment = enrol(context, "mail", secret, request);
  ASSERT_TRUE(enrolment) << describe(enrolment.error());
  EXPECT_EQ(net::read_certificate(enrolment->certificate)->common_name, "mail");
  EXPECT_EQ(code(enrol(context, "bind", secret, request)), "secret_refused");
  EXPECT_EQ(code(enrol(context, "../mail", secret, request)), "unknown_word");
}

// A change that was answered is there after a kill -9 at any moment.
TEST(ControlCrash, WhatWasAnsweredIsThere) {
  test::Plane plane;
  const Actor admin = plane.make_admin();
  const std::string hash = hash_password(Secret("password123")).value();
  const std::string answers = plane.folder.path() + "/answered";
  plane.made.reset();
  plane.store.reset();
  for (int round = 0; round < 5; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = store::Store::open(plane.paths.state + "/podplay.db", silent_logger()).value();
      Context context{*store,      plane.clock,        plane.files,  plane.settings,
                      plane.paths, plane.certificates, plane.tokens, plane.logins,
                      plane.hub,   plane.log};
      std::ofstream out(answers, std::ios::app);
      for (int i = 0;; ++i) {
        UserInput input;
        input.email = "r" + std::to_string(round) + "-" + std::to_string(i) + "@example.test";
        input.password_hash = hash;
        if (create_user(context, admin, input, {})) {
          out << input.email << std::endl;
        }
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(60 + 37 * round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  auto store = store::Store::open(plane.paths.state + "/podplay.db", silent_logger()).value();
  Context context{*store,      plane.clock,        plane.files,  plane.settings,
                  plane.paths, plane.certificates, plane.tokens, plane.logins,
                  plane.hub,   plane.log};
  std::ifstream in(answers);
  int count = 0;
  for (std::string email; std::getline(in, email); ++count) {
    EXPECT_TRUE(get_user(context, admin, email)) << email;
  }
  EXPECT_GT(count, 5);
}

TEST(Dns, AZoneHasWhatMailAndWebNeed) {
  const Zone zone = make_zone("example.test", {"mail.example.test", "first.last@example.test",
                                               "192.0.2.1", "2001:db8::1", 42});
  EXPECT_EQ(zone.serial, 42U);
  EXPECT_EQ(zone.contact, "first\\.last.example.test");
  const auto has = [&](const std::string& name, const std::string& type, const std::string& data) {
    return std::ranges::any_of(zone.records, [&](const ZoneRecord& r) {
      return r.name == name && r.type == type && r.data == data;
    });
  };
  EXPECT_TRUE(has("@", "MX", "10 mail.example.test."));
  EXPECT_TRUE(has("@", "TXT", "\"v=spf1 mx -all\""));
  EXPECT_TRUE(has("mail", "A", "192.0.2.1"));
  EXPECT_TRUE(has("@", "AAAA", "2001:db8::1"));
  EXPECT_TRUE(has("_imaps._tcp", "SRV", "0 1 993 mail.example.test."));
  const auto reverse =
      make_reverse_zones({"mail.example.test", "a@example.test", "192.0.2.1", "2001:db8::1", 42});
  ASSERT_EQ(reverse.size(), 2U);
  EXPECT_EQ(reverse[0].name, "2.0.192.in-addr.arpa");
  EXPECT_EQ(reverse[1].name, "0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  EXPECT_EQ(reverse[1].records[0].name, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0");
}

}  // namespace
}  // namespace podplay::control
