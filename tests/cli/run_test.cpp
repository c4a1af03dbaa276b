// The command line as a person uses it: what is sent, what is said, which exit code. The API behind
// it is a stand-in that keeps what it was asked; tests/pod runs the same commands against the real
// one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/test_folder.hpp"
#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "net/http.hpp"

namespace podplay::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::string text_of(std::FILE* file) {
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
    text += static_cast<char>(c);
  }
  return text;
}

struct Said {
  int code = 0;
  std::string out;
  std::string err;
};

class RunTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = net::HttpServer::start(
        {.threads = 2},
        [this](const net::HttpRequest& request) {
          asked_ = request;
          return answer_;
        },
        silent_logger());
    ASSERT_TRUE(started.has_value());
    server_ = std::move(*started);
  }

  Said run_words(std::vector<std::string> words, const std::string& input = "") {
    const File in(std::tmpfile());
    const File out(std::tmpfile());
    const File err(std::tmpfile());
    std::fputs(input.c_str(), in.get());
    std::rewind(in.get());
    World world{{{"XDG_CONFIG_HOME", folder_.path()}},
                files_,
                runner_,
                clock_,
                in.get(),
                out.get(),
                err.get(),
                "/usr/bin/podplay"};
    const int code = run(world, words);
    return {code, text_of(out.get()), text_of(err.get())};
  }
  // The same with our API.
  Said call(std::vector<std::string> words, const std::string& input = "") {
    words.insert(words.end(),
                 {"--base-url", "http://127.0.0.1:" + std::to_string(server_->port())});
    return run_words(std::move(words), input);
  }
  void refuse(int status, const std::string& code) {
    answer_ = {status,
               {{"Content-Type", "application/problem+json"}, {"X-Request-Id", "r-1"}},
               Json{{"status", status}, {"code", code}, {"detail", "no"}}.dump()};
  }

  test::TestFolder folder_;
  RealFiles files_;
  ProcessRunner runner_{silent_logger(), false};
  SystemClock clock_;
  net::HttpRequest asked_;
  net::HttpResponse answer_{200, {}, "{}"};
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(RunTest, EveryCommandExplainsItsOptions) {
  for (const CommandRow& row : commands()) {
    // "mail deleted" is two words.
    std::istringstream noun{std::string(row.noun)};
    std::vector<std::string> words{std::istream_iterator<std::string>(noun),
                                   std::istream_iterator<std::string>()};
    words.insert(words.end(), {std::string(row.verb), "--help"});
    const Said said = run_words(words);
    EXPECT_EQ(said.code, 0) << row.noun << " " << row.verb;
    EXPECT_THAT(said.out, HasSubstr(std::string(row.help)));
    for (const OptionRow& option : row.options) {
      EXPECT_THAT(said.out, HasSubstr(std::string(option.flag))) << row.noun << " " << row.verb;
    }
  }
}

TEST_F(RunTest, WrongWordsAreUsageErrors) {
  EXPECT_EQ(run_words({}).code, 2);
  EXPECT_THAT(run_words({"domains", "add"}).err,
              HasSubstr("there is no command 'domains add'; there are list, show, create"));
  EXPECT_THAT(run_words({"users", "crate"}).err, HasSubstr("did you mean users create?"));
  EXPECT_THAT(run_words({"users"}).err, HasSubstr("a command is missing"));
  EXPECT_THAT(run_words({"ps"}).err, HasSubstr("there is no command 'ps'; there are users"));
  EXPECT_THAT(run_words({"--jsn"}).err, HasSubstr("a command is missing"));
  EXPECT_EQ(run_words({"users", "frobnicate"}).code, 2);
  EXPECT_EQ(run_words({"help", "users"}).out, run_words({"users", "--help"}).out);
  const Said missing = run_words({"users", "create", "--password", "password123"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("--email"));
  EXPECT_THAT(missing.err, HasSubstr("podplay users create --help"));
  EXPECT_EQ(run_words({"users", "list", "--no-such-option"}).code, 2);
}

TEST_F(RunTest, CreatesAUserWithThePasswordFromStandardInput) {
  answer_ = {
      201,
      {},
      Json{{"email", "a@b.test"},
           {"revision", 7},
           {"applied",
            {{"state", "applied"}, {"services", {{{"service", "mail"}, {"state", "applied"}}}}}}}
          .dump()};
  const Said said = call({"users", "create", "--email", "a@b.test", "--password-stdin", "--quota",
                          "1G", "--services", "mail,www"},
                         "correct horse 1\n");
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out, "created user a@b.test; applied by mail (revision 7)\n");
  EXPECT_EQ(asked_.method + " " + asked_.path, "POST /api/users");
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"email", "a@b.test"},
                                            {"password", "correct horse 1"},
                                            {"quota", 1073741824},
                                            {"services", {"mail", "www"}}}));
  EXPECT_EQ(asked_.query["wait"].empty(), false);
  EXPECT_GE(asked_.header("Idempotency-Key").size(), 16U);
}

TEST_F(RunTest, APasswordIsNeverGuessed) {
  const Said said = call({"users", "create", "--email", "a@b.test"});
  EXPECT_EQ(said.code, 3);
  EXPECT_THAT(said.err, HasSubstr("--password-stdin"));
  EXPECT_EQ(asked_.path, "") << "nothing was sent";
}

TEST_F(RunTest, DryRunAsksForOneAndShowsTheVerdicts) {
  answer_.body = Json{{"dry_run", true},
                      {"services",
                       {{{"service", "bind"},
                         {"ok", false},
                         {"words", "named.conf:3: unknown option"},
                         {"diff", "+zone\n"}}}}}
                     .dump();
  const Said said = call({"domains", "create", "--name", "b.test", "--dry-run"});
  EXPECT_EQ(asked_.query["dry_run"], "1");
  EXPECT_EQ(said.code, 7) << "a checker refused it";
  EXPECT_EQ(said.out,
            "dry run: nothing was changed\nbind: refused: named.conf:3: unknown option\n+zone\n");
}

TEST_F(RunTest, ExitCodesTellKindsOfFailureApart) {
  for (const auto& [status, code, exit] :
       std::initializer_list<std::tuple<int, const char*, int>>{{400, "invalid", 3},
                                                                {401, "not_logged_in", 4},
                                                                {403, "forbidden", 4},
                                                                {404, "not_found", 5},
                                                                {409, "exists", 6},
                                                                {412, "changed", 6},
                                                                {422, "refused", 7},
                                                                {429, "too_many_logins", 4},
                                                                {503, "unavailable", 8}}) {
    refuse(status, code);
    const Said said = call({"users", "show", "a@b.test"});
    EXPECT_EQ(said.code, exit) << status;
    EXPECT_THAT(said.err, HasSubstr("request r-1"));
  }
  EXPECT_EQ(run_words({"users", "list", "--base-url", "http://127.0.0.1:1"}).code, 8);
}

TEST_F(RunTest, PathsAreEncodedAndProgramsGetJson) {
  answer_.body = R"({"email":"a/b@b.test","id":3})";
  const Said said = call({"users", "show", "a/b@b.test", "--json"});
  EXPECT_EQ(asked_.path, "/api/users/a/b@b.test") << "decoded by the server from %2F";
  EXPECT_EQ(Json::parse(said.out)["id"], 3);
  refuse(404, "not_found");
  EXPECT_EQ(Json::parse(call({"users", "show", "x", "--json"}).out)["code"], "not_found");
}

TEST_F(RunTest, TablesForPeopleSayHowToGoOn) {
  answer_.body = Json{{"items",
                       {{{"id", 1},
                         {"email", "a@b.test"},
                         {"role", "user"},
                         {"enabled", true},
                         {"quota", 524288000},
                         {"services", {"mail"}}}}},
                      {"next", "abc"}}
                     .dump();
  const Said said = call({"users", "list", "--limit", "1"});
  EXPECT_EQ(asked_.query["limit"], "1");
  EXPECT_THAT(said.out, ContainsRegex("ID +EMAIL +ROLE"));
  EXPECT_THAT(said.out, ContainsRegex("1 +a@b.test +user +yes +500M +mail"));
  EXPECT_THAT(said.out, HasSubstr("more: --cursor abc"));
}

TEST_F(RunTest, WhatContradictsOrIsEmptyIsNotSent) {
  EXPECT_EQ(call({"users", "update", "a@b.test", "--enable", "--disable"}).code, 2);
  EXPECT_EQ(call({"users", "update", "a@b.test", "--quota", ""}).code, 3);
  EXPECT_EQ(call({"users", "show", ""}).code, 3);
  EXPECT_EQ(asked_.path, "");
}

TEST_F(RunTest, AStatusThatIsNotReadyIsNoSuccess) {
  answer_.body = Json{{"ready", false}, {"version", "1"}, {"services", Json::array()}}.dump();
  EXPECT_EQ(call({"status"}).code, 8);
  answer_.body = Json{{"ready", true}, {"version", "1"}, {"services", Json::array()}}.dump();
  EXPECT_EQ(call({"status"}).code, 0);
}

TEST_F(RunTest, TheQueueSaysForEachRecipientWhatItWaitsFor) {
  const Json late{{"address", "a@far.test"}, {"delay_reason", "connection refused"}};
  answer_.body = Json{
      {"messages",
       {{{"queue_id", "B7"},
         {"arrival_time", 1795597804},
         {"message_size", 2048},
         {"sender", "me@b.test"},
         {"recipients", {late, {{"address", "c@far.test"}}}}}}},
      {"truncated",
       true}}.dump();
  const Said said = call({"mail", "queue"});
  EXPECT_THAT(
      said.out,
      ContainsRegex("B7 +2026-11-25 [0-9:]+ +2K +me@b.test +a@far.test +connection refused"));
  EXPECT_THAT(said.out, ContainsRegex("c@far.test +not tried yet"));
  EXPECT_THAT(said.out, HasSubstr("not all"));
}

TEST_F(RunTest, ATokenIsKeptPrivatelyAndGoesOnlyToTheServerThatGaveIt) {
  answer_.body = R"({"token":"secret-token"})";
  const Said in = call({"login", "--email", "a@b.test", "--password-stdin"}, "correct horse 1\n");
  EXPECT_EQ(in.code, 0) << in.err;
  EXPECT_THAT(in.out + in.err, Not(HasSubstr("secret-token")));
  struct stat info{};
  ASSERT_EQ(::stat((folder_.path() + "/podplay/sessions/default.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);

  answer_.body = R"({"items":[]})";
  EXPECT_EQ(run_words({"users", "list"}).code, 0);
  EXPECT_EQ(asked_.header("Authorization"), "Bearer secret-token");
  EXPECT_EQ(run_words({"users", "list", "--base-url",
                       "http://localhost:" + std::to_string(server_->port())})
                .code,
            0);
  EXPECT_EQ(asked_.header("Authorization"), "") << "another name is another server";
}

TEST(SessionFolder, BelowSudoItIsThePersons) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can be called by sudo";
  }
  const passwd* person = ::getpwnam("nobody");
  ASSERT_NE(person, nullptr);
  EXPECT_EQ(session_folder({{"HOME", "/root"}, {"SUDO_UID", std::to_string(person->pw_uid)}}),
            std::string(person->pw_dir) + "/.config/podplay/sessions");
  EXPECT_EQ(session_folder({{"HOME", "/root"}}), "/root/.config/podplay/sessions");
}

TEST_F(RunTest, ADryRunNeverActs) {
  for (const auto* command : {"login", "logout", "wait"}) {
    const Said said = call({command, "--dry-run"});
    EXPECT_EQ(said.code, 2) << command;
    EXPECT_THAT(said.err, HasSubstr("--dry-run is not possible"));
    EXPECT_EQ(asked_.path, "") << command << ": nothing was sent";
  }
}

TEST_F(RunTest, AnImportEndsLikeEveryOtherWrite) {
  ASSERT_TRUE(files_.write_atomic(folder_.path() + "/users", "{}\n", 0600, {}));
  answer_.body =
      R"({"created":3,"revision":9,"applied":{"state":"pending","services":[{"service":"mail","state":"pending"}]}})";
  EXPECT_EQ(call({"users", "import", folder_.path() + "/users"}).code, 8);
  answer_.body = R"({"dry_run":true,"object":{"created":3},"services":[],"directory":[]})";
  const Said dry = call({"users", "import", folder_.path() + "/users", "--dry-run"});
  EXPECT_EQ(dry.code, 0);
  EXPECT_THAT(dry.out, HasSubstr("dry run: nothing was changed"));
}

TEST_F(RunTest, APendingChangeIsNoSuccess) {
  answer_ = {
      202,
      {},
      Json{{"name", "b.test"},
           {"revision", 9},
           {"applied",
            {{"state", "pending"}, {"services", {{{"service", "bind"}, {"state", "pending"}}}}}}}
          .dump()};
  const Said said = call({"domains", "create", "--name", "b.test"});
  EXPECT_EQ(said.code, 8);
  EXPECT_THAT(said.out, HasSubstr("not yet applied by bind"));
}

TEST_F(RunTest, CompletionKnowsEveryCommandAndIsValidBash) {
  const std::string script = run_words({"completion", "bash"}).out;
  for (const CommandRow& row : commands()) {
    EXPECT_THAT(script, HasSubstr(std::string(row.verb)));
  }
  const auto checked = runner_.run({{"/bin/bash", "-n"}, script});
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(checked->exit_code, 0) << checked->words();
  const auto asked = runner_.run(
      {{"/bin/bash"},
       script +
           "\nCOMP_WORDS=(podplay users cr); COMP_CWORD=2; _podplay; echo \"${COMPREPLY[@]}\"\n"});
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->out, "create\n");
  const auto third = runner_.run({{"/bin/bash"},
                                  script + "\nCOMP_WORDS=(podplay mail deleted re); COMP_CWORD=3; "
                                           "_podplay; echo \"${COMPREPLY[@]}\"\n"});
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(third->out, "restore\n");
  const auto options = runner_.run({{"/bin/bash"},
                                    script + "\nCOMP_WORDS=(podplay login --pass); COMP_CWORD=2; "
                                             "_podplay; echo \"${COMPREPLY[@]}\"\n"});
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->out, "--password --password-stdin\n");
  EXPECT_EQ(run_words({"completion", "csh"}).code, 3);
}

}  // namespace
}  // namespace podplay::cli
