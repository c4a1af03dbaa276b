// Lines of daemons are split, rated, formatted and kept, and that is cheap at high rates.
#include "supervise/line_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "base/collect.hpp"
#include "base/metrics.hpp"

namespace podplay::supervise {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(SeverityOf, ReadsTheDaemonsOwnWords) {
  EXPECT_EQ(severity_of("postfix/smtpd[12]: warning: hostname does not resolve"), Level::warn);
  EXPECT_EQ(severity_of("postfix/master[1]: fatal: bind 0.0.0.0 port 25: Address already in use"),
            Level::error);
  EXPECT_EQ(severity_of("postfix/cleanup[9]: panic: no memory"), Level::error);
  EXPECT_EQ(severity_of("imap-login: Error: SSL failed"), Level::error);
  EXPECT_EQ(severity_of("24-Nov-2026 12:00:00.000 general: error: zone x/IN: loading failed"),
            Level::error);
  EXPECT_EQ(
      severity_of("[Tue Nov 24 12:00:00 2026] [ssl:warn] [pid 1] AH01909: server name mismatch"),
      Level::warn);
  EXPECT_EQ(severity_of("[Tue Nov 24 12:00:00 2026] [core:debug] [pid 1] x"), Level::debug);
  EXPECT_EQ(severity_of("postfix/smtpd[12]: connect from localhost[127.0.0.1]"), Level::info);
  EXPECT_EQ(severity_of("an error is only a word here"), Level::info);
  EXPECT_EQ(severity_of(""), Level::info);
}

TEST(LineLog, JoinsPiecesAndKeepsOneLineOneLine) {
  auto sink = std::make_shared<Collect>();
  LineLog log({.service = "mail", .daemon = "postfix", .sinks = {sink}});
  log.feed("first\nsec");
  log.feed("ond\r\n\nwith \x1b[31mcolour: warning: x");
  log.end();
  EXPECT_THAT(sink->text, HasSubstr("[INFO] [mail.postfix] first\n"));
  EXPECT_THAT(sink->text, HasSubstr("[INFO] [mail.postfix] second\n"));
  EXPECT_THAT(sink->text, HasSubstr("[WARN] [mail.postfix] with ?[31mcolour: warning: x\n"));
  EXPECT_EQ(log.lines(), 3U);
  EXPECT_EQ(log.last_words(), "first\nsecond\nwith \x1b[31mcolour: warning: x");
}

TEST(LineLog, KeepsTheLast20AndDropsWhatIsBelowTheLevel) {
  auto sink = std::make_shared<Collect>();
  LineLog log({.service = "dns",
               .daemon = "named",
               .sinks = {sink},
               .level = share_level(Level::warn),
               .format = LogFormat::json});
  for (int i = 0; i < 50; ++i) {
    log.feed("line " + std::to_string(i) + "\n");
  }
  EXPECT_EQ(sink->text, "");
  log.feed("error: \"quoted\" \xff\n");
  EXPECT_THAT(
      sink->text,
      HasSubstr(R"("level":"ERROR","component":"dns.named","message":"error: \"quoted\" )"));
  EXPECT_THAT(log.last_words(), testing::StartsWith("line 31\n"));
  EXPECT_THAT(log.last_words(), HasSubstr("line 49\nerror:"));
}

TEST(LineLog, WritesABatchAtOnce) {
  auto sink = std::make_shared<Collect>();
  LineLog log({.service = "mail", .daemon = "postfix", .sinks = {sink}});
  std::string batch;
  while (batch.size() < 32000) {
    batch += "postfix/smtpd[1234]: 4bFx1: client=localhost[127.0.0.1], sasl_method=PLAIN\n";
  }
  for (int i = 0; i < 100; ++i) {
    log.feed(batch);
  }
  EXPECT_EQ(sink->writes, 100) << "not one for each line";
}

TEST(LineLog, EveryLineGoesToTheLogThatItsReaderNames) {
  auto all = std::make_shared<Collect>();
  std::map<std::string, std::shared_ptr<Collect>> files;
  LineLogOptions options{.service = "mail", .daemon = "postfix", .sinks = {all}};
  options.file = [&](const std::string& name) { return files[name] = std::make_shared<Collect>(); };
  options.read_line = [](std::string_view line) {
    return line.starts_with("login ") ? DaemonLine{"auth", Level::warn, line.substr(6)}
                                      : DaemonLine{{}, Level::info, line};
  };
  LineLog log(std::move(options));
  log.feed("one\nlogin failed\ntwo\n");
  EXPECT_THAT(all->text,
              testing::ContainsRegex("postfix\\] one\n.*auth\\] failed\n.*postfix\\] two\n"));
  ASSERT_EQ(files.size(), 2U);
  EXPECT_THAT(files["auth"]->text, HasSubstr("[WARN] [mail.auth] failed\n"));
  EXPECT_EQ(files["auth"]->writes, 1);
  EXPECT_THAT(files["postfix"]->text, testing::AllOf(HasSubstr("] one\n"), HasSubstr("] two\n"),
                                                     testing::Not(HasSubstr("failed"))));
}

TEST(LineLog, HidesSecretsBeforeAnySink) {
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    auto all = std::make_shared<Collect>();
    auto file = std::make_shared<Collect>();
    LineLog log({.service = "mail",
                 .daemon = "dovecot",
                 .sinks = {all},
                 .file = [&](const std::string&) { return file; },
                 .format = format});
    log.feed("auth: Info: passdb failed: pass=PLANTED (given password: \"PLANTED\")\n");
    EXPECT_THAT(all->text, testing::Not(HasSubstr("PLANTED")));
    EXPECT_THAT(file->text, testing::Not(HasSubstr("PLANTED")));
    EXPECT_THAT(log.last_words(), testing::Not(HasSubstr("PLANTED")));
    EXPECT_THAT(file->text, HasSubstr("[hidden]"));
  }
}

TEST(LineLog, CountsLinesThatItDoesNotLog) {
  static constexpr MetricFamily kFamily{.name = "delivered_total", .help = "Lines"};
  const auto sink = std::make_shared<Collect>();
  int counted = 0;
  LineLog log({.service = "mail",
               .daemon = "dovecot",
               .sinks = {sink},
               .level = share_level(Level::warn),
               .read_line =
                   [](std::string_view line) {
                     return DaemonLine{.level = Level::info,
                                       .message = line,
                                       .counted = line == "saved" ? &kFamily : nullptr};
                   },
               .count =
                   [&](const MetricFamily& family) {
                     EXPECT_EQ(&family, &kFamily);
                     ++counted;
                   }});
  log.feed("saved\nother\nsaved\n");
  EXPECT_EQ(counted, 2);
  EXPECT_EQ(sink->text, "");
}

TEST(LineLog, ALevelChangesAtOnce) {
  auto sink = std::make_shared<Collect>();
  const SharedLevel level = share_level(Level::info);
  LineLog log({.service = "mail", .daemon = "postfix", .sinks = {sink}, .level = level});
  log.feed("x: debug: one\n");
  level->store(Level::debug);
  log.feed("x: debug: two\n");
  EXPECT_THAT(sink->text, testing::Not(HasSubstr("one")));
  EXPECT_THAT(sink->text, HasSubstr("[DEBUG] [mail.postfix] x: debug: two\n"));
}

TEST(LineLog, WhatADaemonSaysOfItselfNamesTheRequest) {
  auto sink = std::make_shared<Collect>();
  const auto request = std::make_shared<logs::CurrentRequest>();
  LineLogOptions options{.service = "mail", .daemon = "postfix", .sinks = {sink}};
  options.request = request;
  options.read_line = [](std::string_view line) {
    return DaemonLine{{}, Level::info, line, line.starts_with("master")};
  };
  LineLog log(std::move(options));
  log.feed("master[1]: reload\n");
  request->begin("r7");
  log.feed("master[1]: reload\nsmtpd[2]: connect\n");
  EXPECT_THAT(sink->text, HasSubstr("] master[1]: reload\n"));
  EXPECT_THAT(sink->text, HasSubstr("] master[1]: reload request=r7\n"));
  EXPECT_THAT(sink->text, HasSubstr("] smtpd[2]: connect\n"));
}

TEST(LineLog, CutsALineWithoutEnd) {
  LineLog log({.service = "x", .daemon = "x"});
  for (int i = 0; i < 1000; ++i) {
    log.feed(std::string(4096, 'x'));
  }
  log.end();
  EXPECT_EQ(log.lines(), 1U);
  EXPECT_LE(log.last_words().size(), 500U);
}

}  // namespace
}  // namespace podplay::supervise
