// Every operation has the same on all surfaces: a command, a permission and scope, shapes, an audit
// event if it writes, words about its problems, and a test that names it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "api/openapi.hpp"
#include "api/routes.hpp"
#include "cli/commands.hpp"

namespace podplay::api {
namespace {

namespace fs = std::filesystem;

std::string name_of(const Route& route) {
  return std::string(route.method) + " " + std::string(route.path);
}

// Pages and documents for browsers and mail clients, and what they are asked by. Only a browser
// asks a passkey or goes to an outside provider, and only other programs ask the OpenID provider.
bool is_for_people(const Route& route) {
  static constexpr std::array<std::string_view, 14> kPaths{
      "/livez",
      "/startupz",
      "/api/openapi.json",
      "/api/csrf",
      "/mail-setup/outlook",
      "/api/passkeys/options",
      "/api/passkeys/question",
      "/api/login/passkey",
      "/api/login/outside",
      "/api/login/outside/begin",
      "/api/openid/.well-known/openid-configuration",
      "/api/openid/keys",
      "/api/openid/authorize",
      "/api/openid/token",
  };
  if (route.path == "/api/passkeys" && route.method == "POST") {
    return true;
  }
  return std::ranges::find(kPaths, route.path) != kPaths.end() ||
         route.answer_form == AnswerForm::document;
}

// All tests that ask the API, as one text.
const std::string& all_tests() {
  static const std::string text = [] {
    std::ostringstream all;
    for (const char* folder : {"tests/api", "tests/control", "tests/pod", "tests/ui"}) {
      if (!fs::is_directory(folder)) {
        continue;
      }
      for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string kind = entry.path().extension().string();
        const bool test = kind == ".cpp" || kind == ".py" || kind == ".ts";
        if (test && entry.path().filename() != "parity_test.cpp") {
          all << std::ifstream(entry.path()).rdbuf() << '\n';
        }
      }
    }
    return all.str();
  }();
  return text;
}

// Whether `path` with any parameter stands at `at`, and ends there.
bool stands_at(const std::string& text, std::size_t at, std::string_view path) {
  const std::size_t brace = path.find('{');
  const std::string_view before = path.substr(0, brace);
  if (text.compare(at, before.size(), before) != 0) {
    return false;
  }
  std::size_t end = at + before.size();
  if (brace != path.npos) {
    const std::string_view after = path.substr(path.find('}') + 1);
    const std::size_t stop = text.find_first_of("/\"'`?\n", end);
    // "/api/users/" + id is a path with a parameter, too.
    if (stop == text.npos || (stop == end && text[stop] != '"')) {
      return false;
    }
    end = stop;
    if (after.empty()) {
      return text[end] != '/';
    }
    if (text[end] == '"') {
      const std::size_t more = text.find(after, end);
      return more != text.npos && more - end < 60;
    }
    if (text.compare(end, after.size(), after) != 0) {
      return false;
    }
    end += after.size();
  }
  return end < text.size() && std::string_view("\"'`?").find(text[end]) != std::string_view::npos;
}

// A test asks for the path by this method: both stand in it, near to each other.
bool is_named(const Route& route) {
  const std::string& text = all_tests();
  const std::string_view before = route.path.substr(0, route.path.find('{'));
  const std::string method = "\"" + std::string(route.method) + "\"";
  const std::string function = "." + [&] {
    std::string lower_case(route.method);
    std::ranges::transform(lower_case, lower_case.begin(),
                           [](char c) { return static_cast<char>(c - 'A' + 'a'); });
    return lower_case;
  }() + "(";
  for (std::size_t at = text.find(before); at != text.npos; at = text.find(before, at + 1)) {
    const std::size_t from = at > 120 ? at - 120 : 0;
    const std::string near = text.substr(from, at - from);
    const bool asked = near.find(method) != near.npos || near.find(function) != near.npos;
    if (asked && stands_at(text, at, route.path)) {
      return true;
    }
  }
  return false;
}

TEST(Parity, EveryOperationIsACommand) {
  for (const Route& route : routes()) {
    if (is_for_people(route)) {
      continue;
    }
    ASSERT_FALSE(route.command.empty()) << name_of(route) << " has no command";
    EXPECT_TRUE(std::ranges::any_of(
        cli::commands(), [&](const auto& row) { return cli::command_words(row) == route.command; }))
        << name_of(route) << ": there is no `podplay " << route.command << "`";
  }
}

TEST(Parity, EveryOperationSaysWhoMayDoIt) {
  for (const Route& route : routes()) {
    EXPECT_EQ(route.area.has_value(), route.permission != Permission::anyone)
        << name_of(route) << ": a login needs a scope for it";
  }
}

TEST(Parity, EveryOperationHasShapes) {
  for (const Route& route : routes()) {
    if (route.path == "/api/openapi.json" || route.answer_form == AnswerForm::document) {
      continue;
    }
    ASSERT_NE(route.answer, nullptr) << name_of(route);
    for (const wire::Shape* shape : {route.body, route.answer, route.dry_run}) {
      if (shape == nullptr) {
        continue;
      }
      EXPECT_FALSE(shape->help.empty()) << shape->name;
      for (const wire::FieldRow& field : shape->fields) {
        EXPECT_FALSE(field.help.empty()) << shape->name << "." << field.name;
        EXPECT_TRUE(field.of != nullptr || !field.example.empty() ||
                    field.type == wire::FieldType::object)
            << shape->name << "." << field.name << " has no example";
      }
    }
  }
}

TEST(Parity, EveryWriteLeavesAnEvent) {
  for (const Route& route : routes()) {
    EXPECT_EQ(route.audit_event.empty(), route.effect == Effect::reads) << name_of(route);
    EXPECT_TRUE(std::ranges::all_of(
        route.audit_event,
        [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9'); }))
        << name_of(route) << ": " << route.audit_event;
  }
}

TEST(Parity, EveryObjectThatMayBeMissingSaysSo) {
  for (const Route& route : routes()) {
    const auto codes = codes_of(route);
    EXPECT_TRUE(route.path.find('{') == route.path.npos || codes.contains(404)) << name_of(route);
  }
}

TEST(Parity, EveryOperationIsNamedByATest) {
  for (const Route& route : routes()) {
    // A merge patch is a PUT in another form, which tests/api/contract_test.cpp walks.
    EXPECT_TRUE(route.method == "PATCH" || is_named(route))
        << "no test asks for " << name_of(route);
  }
}

}  // namespace
}  // namespace podplay::api
