// Nothing here throws, whatever the JSON is.
#include "acme/reading.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace podplay::acme {
namespace {

const Json* member(const Json& json, std::string_view name) {
  const auto found = json.is_object() ? json.find(std::string(name)) : json.end();
  return found == json.end() ? nullptr : &*found;
}

// One link of a header: <target>; name=value; name="value".
struct Link {
  std::string target;
  std::string relations;
};

void skip(std::string_view& rest, std::string_view characters) {
  rest.remove_prefix(std::min(rest.find_first_not_of(characters), rest.size()));
}

std::string_view take_until(std::string_view& rest, std::string_view ends) {
  const std::size_t end = std::min(rest.find_first_of(ends), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(end);
  return taken;
}

// A token, or a text in quotes.
std::string take_value(std::string_view& rest) {
  if (!rest.starts_with('"')) {
    return std::string(take_until(rest, ";, \t"));
  }
  rest.remove_prefix(1);
  std::string value(take_until(rest, "\""));
  rest.remove_prefix(std::min<std::size_t>(rest.size(), 1));
  return value;
}

Link take_link(std::string_view& rest) {
  Link link;
  rest.remove_prefix(1);
  link.target = take_until(rest, ">");
  rest.remove_prefix(std::min<std::size_t>(rest.size(), 1));
  for (skip(rest, " \t"); rest.starts_with(';'); skip(rest, " \t")) {
    skip(rest, "; \t");
    const std::string name(take_until(rest, "=;, \t"));
    std::string value;
    if (rest.starts_with('=')) {
      rest.remove_prefix(1);
      value = take_value(rest);
    }
    if (name == "rel" && link.relations.empty()) {
      link.relations = " " + value + " ";
    }
  }
  return link;
}

}  // namespace

std::string text_at(const Json& json, std::string_view name) {
  const Json* found = member(json, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : "";
}

int number_at(const Json& json, std::string_view name) {
  const Json* found = member(json, name);
  return found != nullptr && found->is_number_integer() ? found->get<int>() : 0;
}

bool flag_at(const Json& json, std::string_view name) {
  const Json* found = member(json, name);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

const Json& part_at(const Json& json, std::string_view name) {
  static const Json kNothing = Json::array();
  const Json* found = member(json, name);
  return found != nullptr && found->is_structured() ? *found : kNothing;
}

std::vector<std::string> texts_at(const Json& json, std::string_view name) {
  std::vector<std::string> texts;
  for (const Json& one : part_at(json, name)) {
    if (one.is_string()) {
      texts.push_back(one.get<std::string>());
    }
  }
  return texts;
}

std::map<std::string, std::string> map_at(const Json& json, std::string_view name) {
  std::map<std::string, std::string> texts;
  const Json& part = part_at(json, name);
  if (part.is_object()) {
    for (const auto& [key, value] : part.items()) {
      texts.emplace(key, value.is_string() ? value.get<std::string>() : "");
    }
  }
  return texts;
}

std::vector<std::string> links(std::string_view header, std::string_view relation) {
  std::vector<std::string> targets;
  const std::string wanted = " " + std::string(relation) + " ";
  while (!header.empty()) {
    skip(header, ", \t");
    if (!header.starts_with('<')) {
      take_until(header, ",");
      continue;
    }
    Link link = take_link(header);
    if (link.relations.find(wanted) != std::string::npos) {
      targets.push_back(std::move(link.target));
    }
  }
  return targets;
}

}  // namespace podplay::acme
