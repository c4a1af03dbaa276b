// libyaml finds the events; the tree that is made of them has a limited depth and size, and aliases
// of YAML are refused, since a few lines of them can stand for gigabytes.
#include "api/users_yaml.hpp"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <memory>

#include "base/ascii.hpp"
#include "base/numbers.hpp"

namespace podplay::api {
namespace {

using wire::Json;

// domains, a domain, users, a user, aliases: five levels.
constexpr int kDeepest = 12;

struct ParserEnd {
  void operator()(yaml_parser_t* parser) const {
    yaml_parser_delete(parser);
    delete parser;
  }
};

struct EventEnd {
  yaml_event_t event{};
  EventEnd() = default;
  ~EventEnd() { yaml_event_delete(&event); }
  EventEnd(const EventEnd&) = delete;
  EventEnd& operator=(const EventEnd&) = delete;
};

std::unexpected<Error> bad_yaml(std::size_t line, std::string_view why) {
  return fail(ErrorKind::invalid, "bad_yaml", fmt::format("users.yaml, line {}: {}", line, why),
              "write domains: [{name: example.com, users: [{username: test, password: ...}]}]");
}

// What is between quotes is text; without them true, false and whole numbers are what they look
// like, and nothing, ~ and null are null.
Json plain_value(const std::string& text) {
  const std::string word = lower(text);
  if (text.empty() || text == "~" || word == "null") {
    return nullptr;
  }
  if (word == "true" || word == "yes" || word == "on") {
    return true;
  }
  if (word == "false" || word == "no" || word == "off") {
    return false;
  }
  if (const auto number = parse_number<std::int64_t>(text)) {
    return *number;
  }
  return text;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : parser_(new yaml_parser_t{}) {
    yaml_parser_initialize(parser_.get());
    yaml_parser_set_input_string(parser_.get(), reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }

  // The first document; null when there is none.
  Result<Json> document() {
    for (;;) {
      EventEnd holder;
      TRY(next(holder.event));
      switch (holder.event.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_START_EVENT: break;
        case YAML_STREAM_END_EVENT:
        case YAML_DOCUMENT_END_EVENT: return Json();
        default: return node(holder.event, 0);
      }
    }
  }

 private:
  Status next(yaml_event_t& event) {
    if (yaml_parser_parse(parser_.get(), &event) == 1) {
      return {};
    }
    const char* why = parser_->problem == nullptr ? "it is no YAML" : parser_->problem;
    return bad_yaml(parser_->problem_mark.line + 1, why);
  }

  static std::size_t line_of(const yaml_event_t& event) { return event.start_mark.line + 1; }

  Result<Json> node(const yaml_event_t& event, int depth) {
    if (depth > kDeepest) {
      return bad_yaml(line_of(event), "it is nested too deeply");
    }
    switch (event.type) {
      case YAML_SCALAR_EVENT: return scalar(event);
      case YAML_SEQUENCE_START_EVENT: return sequence(depth);
      case YAML_MAPPING_START_EVENT: return mapping(depth);
      case YAML_ALIAS_EVENT: return bad_yaml(line_of(event), "anchors and aliases are not read");
      default: return bad_yaml(line_of(event), "a value is missing");
    }
  }

  static Result<Json> scalar(const yaml_event_t& event) {
    const auto& found = event.data.scalar;
    const std::string text(reinterpret_cast<const char*>(found.value), found.length);
    return found.style == YAML_PLAIN_SCALAR_STYLE ? plain_value(text) : Json(text);
  }

  Result<Json> sequence(int depth) {
    Json list = Json::array();
    for (;;) {
      EventEnd holder;
      TRY(next(holder.event));
      if (holder.event.type == YAML_SEQUENCE_END_EVENT) {
        return list;
      }
      TRY(auto element, node(holder.event, depth + 1));
      list.push_back(std::move(element));
    }
  }

  Result<Json> mapping(int depth) {
    Json object = Json::object();
    for (;;) {
      EventEnd key;
      TRY(next(key.event));
      if (key.event.type == YAML_MAPPING_END_EVENT) {
        return object;
      }
      if (key.event.type != YAML_SCALAR_EVENT) {
        return bad_yaml(line_of(key.event), "a name is not plain text");
      }
      const auto& found = key.event.data.scalar;
      std::string name(reinterpret_cast<const char*>(found.value), found.length);
      EventEnd value;
      TRY(next(value.event));
      TRY(auto member, node(value.event, depth + 1));
      object[std::move(name)] = std::move(member);
    }
  }

  std::unique_ptr<yaml_parser_t, ParserEnd> parser_;
};

// The member as a list: a single text is a list of one, nothing an empty one.
Json list_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) {
    return Json::array();
  }
  return found->is_array() ? *found : Json::array({*found});
}

// A text that looked like a number or a word of YAML is a text again.
Json as_text(const Json& value) {
  return value.is_number() || value.is_boolean() ? Json(value.dump()) : value;
}

std::string with_domain(const std::string& local, const std::string& domain) {
  return local.find('@') == local.npos ? local + "@" + domain : local;
}

Json to_row(const Json& user, const std::string& domain) {
  Json row = user;
  const Json name = as_text(user.value("username", Json()));
  if (name.is_string()) {
    row["email"] = with_domain(name.get<std::string>(), domain);
    // The part before @ of an address given in full.
    const std::string text = name.get<std::string>();
    row["username"] = text.substr(0, text.find('@'));
  }
  for (const char* field : {"password", "password_hash"}) {
    if (row.contains(field)) {
      row[field] = as_text(row[field]);
    }
  }
  if (row.contains("quota") && row["quota"].is_string()) {
    if (const auto bytes = parse_bytes(row["quota"].get<std::string>())) {
      row["quota"] = *bytes;
    }
  }
  if (row.contains("services")) {
    row["services"] = list_of(user, "services");
  }
  if (row.contains("aliases")) {
    Json aliases = Json::array();
    for (const Json& alias : list_of(user, "aliases")) {
      const Json text = as_text(alias);
      aliases.push_back(text.is_string() ? Json(with_domain(text.get<std::string>(), domain))
                                         : text);
    }
    row["aliases"] = std::move(aliases);
  }
  return row;
}

}  // namespace

Result<std::vector<Json>> read_users_yaml(std::string_view text) {
  TRY(const auto document, Reader(text).document());
  if (!document.is_object() || !document.contains("domains") || !document["domains"].is_array()) {
    return bad_yaml(1, "there is no list `domains`");
  }
  std::vector<Json> rows;
  for (const Json& domain : document["domains"]) {
    const Json name =
        domain.is_object() ? as_text(domain.value("name", domain.value("domain", Json()))) : Json();
    if (!name.is_string()) {
      return bad_yaml(1, "a domain has no `name`");
    }
    for (const Json& user : list_of(domain, "users")) {
      if (!user.is_object()) {
        return bad_yaml(1, fmt::format("a user of {} is no mapping", name.get<std::string>()));
      }
      rows.push_back(to_row(user, name.get<std::string>()));
    }
  }
  return rows;
}

}  // namespace podplay::api
