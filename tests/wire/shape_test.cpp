// Bodies are checked against their tables. Inner objects are checked by their path and described by
// reference.
#include "wire/shape.hpp"

#include <gtest/gtest.h>

#include "wire/agents.hpp"
#include "wire/aliases.hpp"
#include "wire/audit.hpp"
#include "wire/deleted.hpp"
#include "wire/domains.hpp"
#include "wire/jobs.hpp"
#include "wire/logins.hpp"
#include "wire/logs.hpp"
#include "wire/mail.hpp"
#include "wire/revisions.hpp"
#include "wire/services.hpp"
#include "wire/settings.hpp"
#include "wire/users.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kItemRows[] = {
    {.name = "id", .type = integer, .required = true, .help = "A number", .example = "1"},
};
constexpr Shape kItem{.name = "Item", .help = "One of many", .fields = kItemRows};
constexpr FieldRow kBoxRows[] = {
    {.name = "lid",
     .type = object,
     .required = true,
     .help = "On top",
     .example = "{}",
     .of = &kItem},
    {.name = "items",
     .type = object_list,
     .required = true,
     .help = "In it",
     .example = "[]",
     .of = &kItem},
    {.name = "label", .type = text, .help = "Any", .example = R"("x")"},
};
constexpr Shape kBox{.name = "Box", .help = "Holds items", .fields = kBoxRows};

constexpr FieldRow kErrandRows[] = {
    {.name = "ended",
     .type = text,
     .required = true,
     .help = "When",
     .example = R"("now")",
     .nullable = true},
};
constexpr Shape kErrand{.name = "Errand", .help = "Ends once", .fields = kErrandRows};

std::vector<std::string> fields_of(const std::vector<Fault>& faults) {
  std::vector<std::string> fields;
  for (const Fault& fault : faults) {
    fields.push_back(fault.field + " " + fault.code);
  }
  return fields;
}

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
  EXPECT_EQ(read_body(kUserCreate, std::string("{}\0", 3)).error().code, "bad_json");
  EXPECT_EQ(read_body(kUserCreate, std::string("{}\0{", 4)).error().code, "bad_json");
}

TEST(Shape, EveryExampleIsJson) {
  for (const Shape* shape :
       {&kUserCreate,   &kUserUpdate,  &kUserImport,  &kDomainCreate, &kDomainImport,
        &kDomainUpdate, &kAliasCreate, &kAliasUpdate, &kLogin,        &kBootstrap,
        &kRestart,      &kMailSend,    &kMailTest,    &kMailRestore,  &kSiteRestore,
        &kEnrol,        &kRenew,       &kWork,        &kCommands,     &kReport,
        &kCommandResult}) {
    Json schemas = Json::object();
    add_openapi_schema(*shape, Members::exactly, schemas);
    EXPECT_EQ(schemas[shape->name]["properties"].size(), shape->fields.size()) << shape->name;
  }
}

TEST(InnerObjects, AreCheckedByTheirPath) {
  EXPECT_TRUE(check_shape(kBox, {{"lid", {{"id", 1}}}, {"items", Json::array()}}).empty());
  const Json wrong{{"lid", {{"id", "one"}}},
                   {"items", Json::array({{{"id", 1}}, {{"di", 2}}})},
                   {"label", nullptr}};
  EXPECT_EQ(fields_of(check_shape(kBox, wrong)),
            (std::vector<std::string>{"lid.id bad_type", "items[1].id missing",
                                      "items[1].di unknown_field"}));
}

TEST(Shape, ATextIsOneLineUnlessItsRowSaysOtherwise) {
  static constexpr FieldRow kRows[] = {
      {.name = "name", .type = text, .help = "One line", .example = R"("x")"},
      {.name = "names", .type = text_list, .help = "Each one line", .example = R"(["x"])"},
      {.name = "inner", .type = object, .help = "A box", .example = "{}", .of = &kBox},
      {.name = "words", .type = text, .help = "Lines", .example = R"("x")", .lines = true},
  };
  constexpr Shape kShape{.name = "Shape", .help = "Has texts", .fields = kRows};
  EXPECT_EQ(fields_of(find_control_characters(kShape, {{"name", "a\nb"},
                                                       {"names", Json::array({"a", "b\x7f"})},
                                                       {"inner", {{"label", "a\tb"}}},
                                                       {"words", "a\r\nb"}})),
            (std::vector<std::string>{"name control_character", "names control_character",
                                      "inner.label control_character"}));
  EXPECT_TRUE(
      find_control_characters(kShape, {{"name", "größer"}, {"names", Json::array()}}).empty());
}

TEST(InnerObjects, AreDescribedByReference) {
  Json schemas = Json::object();
  add_openapi_schema(kBox, Members::at_least, schemas);
  EXPECT_EQ(schemas["Box"]["properties"]["lid"]["$ref"], "#/components/schemas/Item");
  EXPECT_EQ(schemas["Box"]["properties"]["items"]["items"]["$ref"], "#/components/schemas/Item");
  EXPECT_EQ(schemas["Item"]["required"], Json::array({"id"}));
  EXPECT_FALSE(schemas["Box"].contains("additionalProperties")) << "answers may grow";
}

TEST(AnswerShapes, ANullableMemberMayBeNullAndNotMissing) {
  EXPECT_TRUE(check_shape(kErrand, {{"ended", nullptr}}).empty());
  EXPECT_TRUE(check_shape(kErrand, {{"ended", "now"}}).empty());
  EXPECT_EQ(fields_of(check_shape(kErrand, Json::object())),
            std::vector<std::string>{"ended missing"});
  Json schemas = Json::object();
  add_openapi_schema(kErrand, Members::at_least, schemas);
  EXPECT_EQ(schemas["Errand"]["properties"]["ended"]["type"], Json::array({"string", "null"}));
}

TEST(AnswerShapes, EveryExampleIsJson) {
  Json schemas = Json::object();
  for (const Shape* shape :
       {&kUser,          &kDomain,          &kAlias,      &kLoginDone,   &kLogoutDone,
        &kUsersImported, &kDomainsImported, &kJob,        &kDeletedItem, &kErased,
        &kRevision,      &kSetting,         &kAuditEvent, &kLive,        &kReadiness,
        &kSystemStatus,  &kRestarted,       &kLogLine,    &kMailSent,    &kHealthChange,
        &kMailTested,    &kApplied,         &kDryRun}) {
    add_openapi_schema(*shape, Members::at_least, schemas);
    EXPECT_EQ(schemas[shape->name]["properties"].size(), shape->fields.size()) << shape->name;
  }
}

TEST(Patch, NullIsTheDefaultAndNothingIsRequired) {
  const auto read = [](std::string_view body) { return read_patch(kUserUpdate, body); };
  EXPECT_EQ(*read("{}"), Json::object());
  EXPECT_EQ((*read(R"({"quota": null, "enabled": null})")),
            (Json{{"quota", 524288000}, {"enabled", true}}));
  const auto refused = read(R"({"password": null, "quota": "x", "nonsense": null})");
  ASSERT_FALSE(refused);
  std::vector<std::string> found;
  for (const Fault& fault : refused.error().faults) {
    found.push_back(fault.field + " " + fault.code);
  }
  EXPECT_EQ(found, (std::vector<std::string>{"password cannot_be_removed", "quota bad_type",
                                             "nonsense unknown_field"}));
  EXPECT_EQ(read_patch(kDomainUpdate, "{}")->size(), 0U) << "a required field may be left out";
}

TEST(Body, AFaultOfJsonSaysWhereAndNotWhat) {
  const auto refused = read_body(kUserUpdate, R"({"password": "secret-word", "x": })");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "bad_json");
  EXPECT_NE(refused.error().message.find("octet 34 of 34"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(refused.error().message.find("secret-word"), std::string::npos);
}

}  // namespace
}  // namespace podplay::wire
