// A service from the inside and a support bundle, on the command line.
#include "cli/command_line.hpp"
#include "cli/show/diag.hpp"

namespace podplay::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(DiagText, EachLookIsATable) {
  const Json diag = Json::parse(R"({
    "service": "mail",
    "processes": {"processes": [
        {"pid": 1, "parent": 0, "depth": 0, "user": "root", "state": "S", "cpu_permille": 15,
         "cpu_ms": 1500, "memory": 8388608, "files": 12, "age_ms": 5, "name": "podplay-agent",
         "command": "podplay-agent run mail"},
        {"pid": 7, "parent": 1, "depth": 1, "user": "root", "state": "S", "cpu_permille": 0,
         "cpu_ms": 0, "memory": 0, "files": -1, "age_ms": 5, "name": "master",
         "command": "master"}],
      "memory_used": 104857600, "memory_limit": 1073741824, "oom_kills": 0},
    "smtp": {"dialogues": [{"port": 25, "ok": false, "ms": 3, "error": "Connection refused",
                            "tls": "", "steps": []},
                           {"port": 587, "ok": true, "ms": 9, "error": "", "tls": "",
                            "steps": [{"sent": "EHLO localhost.localdomain",
                                       "answer": "250-a\n250 b", "ms": 2}]}]},
    "dns": {"questions": [{"server": "127.0.0.1", "port": 53, "name": "example.com", "type": "MX",
                           "rcode": "NOERROR", "authoritative": true, "recursive": false,
                           "tcp": false, "ms": 1, "answers": ["example.com MX 10 mail"],
                           "error": ""}]},
    "sockets": {"note": "some are of another container"}
  })");
  const std::string text = diag_text(diag);
  EXPECT_THAT(text, HasSubstr("== mail processes"));
  EXPECT_THAT(text, HasSubstr("1.5%"));
  EXPECT_THAT(text, HasSubstr("  master"));
  EXPECT_THAT(text, HasSubstr("container: 100M of 1G used"));
  EXPECT_THAT(text, HasSubstr("port 25: Connection refused"));
  EXPECT_THAT(text, HasSubstr("  > EHLO localhost.localdomain\n  < 250-a\n  < 250 b\n"));
  EXPECT_THAT(text, HasSubstr("example.com MX @127.0.0.1:53  NOERROR authoritative"));
  EXPECT_THAT(text, HasSubstr("note: some are of another container"));
}

TEST_F(CommandLineTest, DiagSendsItsLooksAsAList) {
  answer_.body = R"({"service": "mail"})";
  const Said said = call({"diag", "mail", "processes", "tls", "--port", "993"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(asked_.path, "/api/system/diag/mail");
  EXPECT_EQ(asked_.query["what"], "processes,tls");
  EXPECT_EQ(asked_.query["port"], "993");
}

TEST_F(CommandLineTest, DebugReadsItsOwnWords) {
  EXPECT_THAT(run_words({"debug", "--help"}).out, HasSubstr("podplay debug [SERVICE]"));
  EXPECT_EQ(run_words({"debug", "mail", "ps"}).code, 3) << "a command stands behind --";
}

}  // namespace
}  // namespace podplay::cli
