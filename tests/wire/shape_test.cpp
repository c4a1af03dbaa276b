// Request bodies against their tables.
#include "wire/shape.hpp"

#include <gtest/gtest.h>

#include "wire/agents.hpp"
#include "wire/aliases.hpp"
#include "wire/domains.hpp"
#include "wire/logins.hpp"
#include "wire/mail.hpp"
#include "wire/services.hpp"
#include "wire/users.hpp"

namespace podplay::wire {
namespace {

TEST(Shape, AllFaultsAtOnce) {
  const auto body = read_body(kUserCreate, R"({"emial":"x","quota":"big","enabled":1})");
  ASSERT_FALSE(body);
  std::vector<std::string> codes;
  for (const Fault& fault : body.error().faults) {
    codes.push_back(fault.field + " " + fault.code);
  }
  EXPECT_EQ(codes,
            (std::vector<std::string>{"email missing", "password missing", "enabled bad_type",
                                      "quota bad_type", "emial unknown_field"}));
  EXPECT_EQ(body.error().faults.back().remedy, "did you mean email?");
  EXPECT_EQ(read_body(kUserCreate, "[]").error().code, "bad_json");
  EXPECT_EQ(read_body(kUserCreate, "{").error().code, "bad_json");
}

TEST(Shape, EveryExampleIsJson) {
  for (const Shape* shape :
       {&kUserCreate,   &kUserUpdate,  &kUserImport,  &kDomainCreate, &kDomainImport,
        &kDomainUpdate, &kAliasCreate, &kAliasUpdate, &kLogin,        &kBootstrap,
        &kRestart,      &kMailSend,    &kMailTest,    &kMailRestore,  &kSiteRestore,
        &kEnrol,        &kRenew,       &kWork,        &kCommands,     &kReport,
        &kCommandResult}) {
    EXPECT_EQ(openapi_schema(*shape)["properties"].size(), shape->fields.size()) << shape->name;
  }
}

}  // namespace
}  // namespace podplay::wire
