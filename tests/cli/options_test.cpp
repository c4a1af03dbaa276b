// The values of options: their sources, and the values that are refused before anything is sent.
#include <gmock/gmock.h>

#include "cli/command_line.hpp"

namespace podplay::cli {
namespace {

using testing::HasSubstr;

TEST_F(CommandLineTest, CreatesAUserWithThePasswordFromStandardInput) {
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

TEST_F(CommandLineTest, ANumberInABodyIsSentAsANumber) {
  EXPECT_EQ(call({"domains", "serial", "a.test", "many"}).code, 3);
  EXPECT_EQ(asked_.path, "") << "nothing was sent";
  call({"domains", "serial", "a.test", "2026112501"});
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"serial", 2026112501}}));
}

TEST_F(CommandLineTest, APasswordIsNeverGuessed) {
  const Said said = call({"users", "create", "--email", "a@b.test"});
  EXPECT_EQ(said.code, 3);
  EXPECT_THAT(said.err, HasSubstr("--password-stdin"));
  EXPECT_EQ(asked_.path, "") << "nothing was sent";
}

TEST_F(CommandLineTest, WhatContradictsOrIsEmptyIsNotSent) {
  EXPECT_EQ(call({"users", "update", "a@b.test", "--enable", "--disable"}).code, 2);
  EXPECT_EQ(call({"users", "update", "a@b.test", "--quota", ""}).code, 3);
  EXPECT_EQ(call({"users", "show", ""}).code, 3);
  EXPECT_EQ(asked_.path, "");
}

}  // namespace
}  // namespace podplay::cli
