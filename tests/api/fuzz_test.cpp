// Requests that are made at random from the table of routes and its shapes: each answer is one that
// the description allows, and none is a defect. The same seed gives the same requests.
//
// `make test` runs a few of them with a fixed seed; `make fuzz` runs them for PODPLAY_FUZZ_SECONDS
// with a new PODPLAY_FUZZ_SEED, which a failure prints.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "api/contract_fixture.hpp"
#include "base/json_text.hpp"
#include "base/numbers.hpp"

namespace podplay::api {
namespace {

using wire::FieldRow;
using wire::FieldType;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : parse_number<std::uint64_t>(text).value_or(otherwise);
}

// Values at random. Most are right, so that requests get past the first check.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(engine_);
  }
  bool once_in(std::size_t count) { return below(count) == 0; }
  template <class List>
  const auto& one_of(const List& list) {
    return list[below(std::size(list))];
  }

  std::string text() {
    static const std::string kTexts[] = {
        "",
        " ",
        "test@example.test",
        "ursula@example.test",
        "info@example.test",
        "example.test",
        "a@b",
        "@example.test",
        "x\r\nSubject: y",
        "' OR 1=1 --",
        "../../etc/passwd",
        "${jndi:x}",
        "<b>",
        "%s%n",
        std::string(70000, 'a'),
        std::string(300, 'b'),
        "\xe2\x82\xac\xf0\x9f\x98\x80",
        "\x01\x02",
        "null",
        "-1",
        "0",
        "xn--nxasmq6b.test",
        "admin",
        "mail",
        "2026-01-31T12:00:00Z",
    };
    if (!once_in(4)) {
      return one_of(kTexts);
    }
    std::string random;
    for (std::size_t i = below(40); i > 0; --i) {
      random += static_cast<char>(below(128));
    }
    return random;
  }

  Json number() {
    switch (below(6)) {
      case 0: return 0;
      case 1: return -1;
      case 2: return INT64_MAX;
      case 3: return INT64_MIN;
      case 4: return 1.5;
      default: return below(1'000'000);
    }
  }

  Json any(int depth = 0) {
    switch (below(depth > 3 ? 4 : 6)) {
      case 0: return nullptr;
      case 1: return once_in(2);
      case 2: return number();
      case 3: return text();
      case 4: {
        Json list = Json::array();
        for (std::size_t i = below(4); i > 0; --i) {
          list.push_back(any(depth + 1));
        }
        return list;
      }
      default: {
        Json object = Json::object();
        for (std::size_t i = below(4); i > 0; --i) {
          object[text().substr(0, 40)] = any(depth + 1);
        }
        return object;
      }
    }
  }

  Json value_of(const FieldRow& field) {
    // No authority is ever asked.
    if (field.name == "directory") {
      return "https://127.0.0.1:9/directory";
    }
    if (once_in(6)) {
      return any();
    }
    if (once_in(2) && !field.example.empty()) {
      return Json::parse(field.example);
    }
    switch (field.type) {
      case FieldType::text: return text();
      case FieldType::boolean: return once_in(2);
      case FieldType::integer: return number();
      case FieldType::text_list: return Json::array({text(), text()});
      case FieldType::object: return field.of == nullptr ? any() : object_of(*field.of);
      case FieldType::object_list:
        return Json::array({field.of == nullptr ? Json::object() : object_of(*field.of)});
    }
    return nullptr;
  }

  Json object_of(const wire::Shape& shape) {
    Json object = Json::object();
    for (const FieldRow& field : shape.fields) {
      if (field.required ? !once_in(12) : once_in(2)) {
        object[std::string(field.name)] = value_of(field);
      }
    }
    if (once_in(15)) {
      object[text().substr(0, 40)] = any();
    }
    return object;
  }

  std::string body_of(const Route& route) {
    std::string body = json_text(object_of(*route.body));
    if (route.body_kind == BodyKind::rows && once_in(2)) {
      body += "\n" + json_text(object_of(*route.body));
    }
    if (once_in(12)) {
      body.resize(below(body.size() + 1));
    }
    if (once_in(12) && !body.empty()) {
      body[below(body.size())] = static_cast<char>(below(256));
    }
    return body;
  }

  std::string query_value(std::string_view name) {
    // Nothing answers here, so a wait would only take its time.
    if (name == "wait") {
      return once_in(2) ? "0" : "x";
    }
    // A stream goes on for minutes.
    if (name == "follow") {
      return once_in(2) ? "0" : "x";
    }
    static const std::string kValues[] = {"1", "0", "50", "-id", "id", "email", "example.test"};
    return once_in(2) ? one_of(kValues) : text().substr(0, 500);
  }

 private:
  std::mt19937_64 engine_;
};

// A control plane with its people, which is thrown away after some hundred requests: by then the
// logins have ended, and the passwords are other ones.
class World : public test::ContractTest {
 public:
  World() { SetUp(); }
  // Sends a request and checks its answer. Returns the status.
  int ask_at_random(Dice& dice, std::string& asked) {
    const net::HttpRequest request = make(dice);
    asked = request.method + " " + request.path + " " + request.body.substr(0, 2000);
    return send(request).status;
  }

 private:
  void TestBody() override {}

  net::HttpRequest make(Dice& dice) {
    const Route& route = dice.one_of(routes());
    net::HttpRequest request{.method = std::string(route.method), .path = path_of(route)};
    const std::size_t brace = route.path.find('{');
    if (brace != route.path.npos && dice.once_in(3)) {
      request.path = std::string(route.path);
      request.path.replace(brace, route.path.find('}') - brace + 1,
                           net::url_encode(dice.text().substr(0, 200)));
    }
    for (const QueryRow& row : query_rows(route)) {
      if (dice.once_in(4)) {
        request.query[std::string(row.name)] = dice.query_value(row.name);
      }
    }
    add_headers(dice, request);
    if (route.body != nullptr) {
      request.body = dice.body_of(route);
      request.headers["Content-Type"] =
          dice.once_in(20) ? dice.text().substr(0, 40)
                           : std::string(dice.one_of(media_types(route.body_kind)));
    }
    return request;
  }

  void add_headers(Dice& dice, net::HttpRequest& request) {
    static const std::string kRoles[] = {"admin", "admin", "admin", "domain-admin", "user"};
    if (!dice.once_in(20)) {
      request.headers["Authorization"] = "Bearer " + tokens_.at(dice.one_of(kRoles));
    }
    static const std::string kTags[] = {"*", "\"0\"", "\"5\"", "W/\"5\"", "5", ","};
    static const std::string kKeys[] = {"a", "b", "c", "with space"};
    if (dice.once_in(10)) {
      request.headers["If-Match"] = dice.one_of(kTags);
    }
    // The client's library waits for the body that a 304 does not have.
    if (dice.once_in(10) && request.method != "GET") {
      request.headers["If-None-Match"] = dice.one_of(kTags);
    }
    if (dice.once_in(6)) {
      request.headers["Idempotency-Key"] = dice.one_of(kKeys);
    }
    // A header cannot have what ends its line.
    for (auto& [name, value] : request.headers) {
      std::erase_if(value, [](char c) { return c < ' ' || c == 0x7f; });
    }
  }
};

constexpr int kRequestsOfAWorld = 300;

int failures() {
  return testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
}

TEST(ApiFuzz, NoRequestIsEverADefect) {
  auto seed = from_environment("PODPLAY_FUZZ_SEED", 20261126);
  const auto seconds = from_environment("PODPLAY_FUZZ_SECONDS", 0);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const auto first = seed;
  std::map<int, int> statuses;
  int count = 0;
  do {
    Dice dice(seed);
    World world;
    for (int i = 0; i < kRequestsOfAWorld; ++i, ++count) {
      const int before = failures();
      std::string asked;
      ++statuses[world.ask_at_random(dice, asked)];
      if (failures() > before) {
        ADD_FAILURE() << "with PODPLAY_FUZZ_SEED=" << seed << ", request " << i << ": " << asked;
      }
    }
    ++seed;
  } while (std::chrono::steady_clock::now() < end && failures() < 60);
  std::string text;
  for (const auto& [status, times] : statuses) {
    text += fmt::format(" {}: {}", status, times);
  }
  std::printf("%d requests with the seeds %llu to %llu; answers:%s\n", count,
              static_cast<unsigned long long>(first), static_cast<unsigned long long>(seed - 1),
              text.c_str());
}

}  // namespace
}  // namespace podplay::api
