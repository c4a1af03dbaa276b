// The daemons' own forms become metrics; what is missing or broken is left out.
#include "agent/metrics/daemon_figures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/test_folder.hpp"

namespace podplay::agent {
namespace {

using testing::HasSubstr;

TEST(ApacheFigures, AreItsCountersAndItsScoreboard) {
  MetricText text({{"service", "apache"}});
  add_apache_figures(text,
                     "127.0.0.1\nServerVersion: Apache\nTotal Accesses: 12\nTotal kBytes: 3\n"
                     "ConnsTotal: 2\nScoreboard: __WK.R.\n");
  const std::string found = text.take();
  EXPECT_THAT(found, HasSubstr("podplay_apache_requests_total{service=\"apache\"} 12\n"));
  EXPECT_THAT(found, HasSubstr("podplay_apache_sent_bytes_total{service=\"apache\"} 3072\n"));
  EXPECT_THAT(found, HasSubstr("podplay_apache_connections{service=\"apache\"} 2\n"));
  EXPECT_THAT(found, HasSubstr("podplay_apache_workers{service=\"apache\",state=\"waiting\"} 2\n"));
  EXPECT_THAT(found, HasSubstr("podplay_apache_workers{service=\"apache\",state=\"sending\"} 1\n"));
  MetricText nothing;
  add_apache_figures(nothing, "");
  EXPECT_EQ(nothing.take(), "");
}

TEST(BindFigures, AreWrittenEvenWhileTheyAreNone) {
  MetricText text;
  add_bind_figures(text, R"({"rcodes": {"NOERROR": 5, "REFUSED": 2}, "nsstats": {"QryUDP": 7}})");
  const std::string found = text.take();
  EXPECT_THAT(found, HasSubstr("podplay_bind_responses_total{rcode=\"noerror\"} 5\n"));
  EXPECT_THAT(found, HasSubstr("podplay_bind_responses_total{rcode=\"nxdomain\"} 0\n"));
  EXPECT_THAT(found, HasSubstr("podplay_bind_queries_total{protocol=\"udp\"} 7\n"));
  EXPECT_THAT(found, HasSubstr("podplay_bind_queries_total{protocol=\"tcp\"} 0\n"));
  for (const char* broken :
       {"", "[]", "{", R"({"rcodes": 1})", R"({"rcodes": {}, "nsstats": 3})"}) {
    MetricText nothing;
    add_bind_figures(nothing, broken);
  }
}

TEST(DovecotFigures, AreReadByTheirNames) {
  MetricText text;
  add_dovecot_figures(text,
                      "# TYPE dovecot_auth_successes counter\ndovecot_auth_successes_total 4\n"
                      "dovecot_auth_failures_total 1\n"
                      "dovecot_sessions_total{service=\"imap\"} 3\n"
                      "dovecot_sessions_duration_seconds_total{service=\"imap\"} 1.5\n");
  const std::string found = text.take();
  EXPECT_THAT(found, HasSubstr("podplay_dovecot_logins_total{result=\"success\"} 4\n"));
  EXPECT_THAT(found, HasSubstr("podplay_dovecot_logins_total{result=\"failure\"} 1\n"));
  EXPECT_THAT(found, HasSubstr("podplay_dovecot_sessions_ended_total{protocol=\"imap\"} 3\n"));
  EXPECT_THAT(found, HasSubstr("podplay_dovecot_session_seconds_total{protocol=\"imap\"} 1.5\n"));
}

TEST(QueueFigures, CountFilesAndTellTheAgeOfTheOldest) {
  const test::TestFolder folder;
  for (const char* path : {"active", "deferred/A", "deferred/B"}) {
    std::filesystem::create_directories(folder.path() + "/" + path);
  }
  for (const char* path : {"active/A1", "deferred/A/A2", "deferred/B/B3"}) {
    std::ofstream(folder.path() + "/" + path) << "x";
  }
  const QueueFigures queue = read_queue(folder.path());
  EXPECT_EQ(queue.messages.at("active"), 1U);
  EXPECT_EQ(queue.messages.at("deferred"), 2U);
  EXPECT_EQ(queue.messages.at("hold"), 0U);
  MetricText text;
  add_queue_figures(text, queue, queue.oldest + std::chrono::seconds(90));
  const std::string found = text.take();
  EXPECT_THAT(found, HasSubstr("podplay_postfix_queue_messages{queue=\"deferred\"} 2\n"));
  if (queue.oldest != WallTime{}) {
    EXPECT_THAT(found, HasSubstr("podplay_postfix_queue_oldest_seconds 90\n"));
  }
}

}  // namespace
}  // namespace podplay::agent
