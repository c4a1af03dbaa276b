// Templates are strict: an unknown name is an error with its line.
#include "base/template.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace podplay {
namespace {

using Json = nlohmann::json;

TEST(Template, RendersWithoutEscaping) {
  const auto done = render_template("a={{a}} b={{{b}}}\n", Json{{"a", "x & <y>"}, {"b", 7}}, "t");
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(done->text, "a=x & <y> b=7\n");
}

TEST(Template, SectionsOverListsAndBooleans) {
  const Json values{{"top", "T"},
                    {"on", true},
                    {"off", false},
                    {"none", Json::array()},
                    {"list", {{{"name", "a"}}, {{"name", "b"}}}}};
  const auto done = render_template(
      "{{#list}}\n{{name}} "
      "{{top}}\n{{/list}}\n{{#on}}\nyes\n{{/on}}\n{{#off}}\nno\n{{/off}}\n{{^none}}\nempty\n{{/"
      "none}}\n",
      values, "t");
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(done->text, "a T\nb T\nyes\n\nempty\n")
      << "a section that is left out leaves its line empty";
  EXPECT_TRUE(done->used.contains("list.name"));
  EXPECT_TRUE(done->used.contains("top"));
}

TEST(Template, UnknownNamesAreErrorsWithTheirLine) {
  const auto done = render_template("fine\n{{#list}}{{nmae}}{{/list}}\n",
                                    Json{{"list", {{{"name", "a"}}}}}, "main.cf.tmpl");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "template_unknown_name");
  EXPECT_EQ(done.error().message, "main.cf.tmpl line 2: there is no value named 'nmae'");
}

TEST(Template, UnclosedSectionsAreErrors) {
  EXPECT_FALSE(render_template("{{#a}}", Json{{"a", true}}, "t"));
}

TEST(Template, AllNames) {
  EXPECT_EQ(all_names(Json{{"a", 1}, {"b", {{{"c", 1}}}}}),
            (std::set<std::string>{"a", "b", "b.c"}));
}

}  // namespace
}  // namespace podplay
