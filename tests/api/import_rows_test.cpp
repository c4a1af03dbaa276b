// The three forms of an import give the same rows, and what is wrong with one is said of that one.
#include "api/import_rows.hpp"

#include <gtest/gtest.h>

#include "wire/users.hpp"

namespace podplay::api {
namespace {

struct Read {
  // Objects, or codes of what is wrong.
  std::vector<std::string> rows;
  std::vector<std::int64_t> numbers;
  std::string error;
};

Read read_all(std::string_view type, std::string_view body) {
  Read read;
  const auto rows = open_import(wire::kUserImport, type, body);
  if (!rows) {
    read.error = rows.error().code;
    return read;
  }
  for (;;) {
    const auto row = (*rows)->next();
    if (!row) {
      read.error = row.error().code;
      return read;
    }
    if (!*row) {
      return read;
    }
    read.numbers.push_back((*row)->number);
    read.rows.push_back((*row)->object ? (*row)->object->dump() : (*row)->object.error().code);
  }
}

using Texts = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

TEST(ImportRows, AreTheSameInEachForm) {
  const std::string expected =
      R"({"aliases":["info@a.test"],"email":"test@a.test","enabled":false,)"
      R"("password":"correct, horse","quota":10485760,)"
      R"("services":["mail","www"],"username":"test"})";
  const Read lines = read_all("application/x-ndjson", "\n" + expected + "\n\n");
  EXPECT_EQ(lines.rows, Texts{expected});
  EXPECT_EQ(lines.numbers, Numbers{2});
  const Read csv =
      read_all("text/csv",
               "email,username,password,quota,enabled,services,aliases\r\n"
               "test@a.test,test,\"correct, horse\",10M,false,mail;www,info@a.test\r\n");
  EXPECT_EQ(csv.rows, Texts{expected});
  EXPECT_EQ(csv.numbers, Numbers{2});
  const Read yaml = read_all("application/yaml",
                             "domains:\n- name: a.test\n  users:\n  - username: test\n"
                             "    password: correct, horse\n    quota: 10M\n    enabled: no\n"
                             "    services: [mail, www]\n    aliases: info\n");
  EXPECT_EQ(yaml.rows, Texts{expected});
  EXPECT_EQ(yaml.numbers, Numbers{1});
}

TEST(ImportRows, ARowWithAFaultDoesNotEndTheOthers) {
  const Read lines = read_all("application/x-ndjson",
                              "{\"email\":\"a@a.test\"}\nnonsense\n{\"emial\":\"b@a.test\"}\n");
  EXPECT_EQ(lines.rows, (Texts{R"({"email":"a@a.test"})", "bad_json", "invalid"}));
  const Read csv = read_all("text/csv", "email,quota\na@a.test,many\nb@a.test\nc@a.test,1\n");
  EXPECT_EQ(csv.rows, (Texts{"bad_type", "bad_csv", R"({"email":"c@a.test","quota":1})"}));
  EXPECT_EQ(csv.numbers, (Numbers{2, 3, 4}));
}

TEST(ImportRows, QuotesOfCsvHoldCommasQuotesAndLines) {
  const Read csv = read_all("text/csv",
                            "\xEF\xBB\xBF"
                            "email,password\n\"a@a.test\",\"one \"\"two\"\"\nthree, four\"\n"
                            "b@a.test,plain");
  EXPECT_EQ(csv.rows, (Texts{R"({"email":"a@a.test","password":"one \"two\"\nthree, four"})",
                             R"({"email":"b@a.test","password":"plain"})"}));
  EXPECT_EQ(csv.numbers, (Numbers{2, 4}));
  EXPECT_EQ(read_all("text/csv", "email\n\"a@a.test\n").error, "bad_csv");
  EXPECT_EQ(read_all("text/csv", "emial\n").error, "unknown_field");
}

TEST(ImportRows, YamlIsReadWithoutItsTricks) {
  const auto error = [](std::string_view text) { return read_all("application/yaml", text).error; };
  EXPECT_EQ(error("a: &a [x, x]\ndomains: [*a, *a]\n"), "bad_yaml");
  EXPECT_EQ(error(std::string(10000, '[')), "bad_yaml");
  EXPECT_EQ(error("domains: [\n"), "bad_yaml");
  EXPECT_EQ(error("users: []\n"), "bad_yaml");
  EXPECT_EQ(error(""), "bad_yaml");
  // A password that looks like a number or a word of YAML is text.
  const Read read = read_all("application/yaml",
                             "domains:\n- name: a.test\n  users:\n"
                             "  - {username: one, password: 12345678}\n"
                             "  - {username: two@a.test, password: 'true'}\n");
  EXPECT_EQ(read.rows, (Texts{R"({"email":"one@a.test","password":"12345678","username":"one"})",
                              R"({"email":"two@a.test","password":"true","username":"two"})"}));
}

}  // namespace
}  // namespace podplay::api
