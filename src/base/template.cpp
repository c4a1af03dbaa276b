// Strict Mustache: the engine kainjow-mustache over a context that records every name it is asked
// for. The engine itself takes an unknown name for an empty value; the context remembers it, and
// rendering then fails.
#include "base/template.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <kainjow/mustache.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace podplay {
namespace {

namespace mustache = kainjow::mustache;
using Data = mustache::basic_data<std::string>;
using Json = nlohmann::json;

Data to_data(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object: {
      Data object{mustache::object{}};
      for (const auto& [name, member] : value.items()) {
        object.set(name, to_data(member));
      }
      return object;
    }
    case Json::value_t::array: {
      mustache::list list;
      for (const Json& element : value) {
        list.push_back(to_data(element));
      }
      return Data{list};
    }
    case Json::value_t::boolean: return Data{value.get<bool>()};
    case Json::value_t::string: return Data{value.get<std::string>()};
    default: return Data{value.dump()};
  }
}

// Looks names up from the innermost section outwards.
class StrictContext final : public mustache::basic_context<std::string> {
 public:
  explicit StrictContext(const Data* root) { stack_.push_back({root, ""}); }

  // The engine pushes a value that get() gave, or an element of a list that it gave, when it enters
  // a section.
  void push(const Data* data) override { stack_.push_back({data, name_of(data) + "."}); }
  void pop() override { stack_.pop_back(); }

  const Data* get(const std::string& name) const override {
    if (name == ".") {
      return stack_.back().data;
    }
    // In "certificate.name", "certificate" is looked up outwards and "name" is its member.
    const std::string first = name.substr(0, name.find('.'));
    for (auto level = stack_.rbegin(); level != stack_.rend(); ++level) {
      if (!level->data->is_object()) {
        continue;
      }
      if (const Data* found = level->data->get(first)) {
        note(found, level->prefix + first);
        return first.size() == name.size()
                   ? found
                   : member(found, name.substr(first.size() + 1), level->prefix + first, name);
      }
    }
    unknown_.insert(name);
    return nullptr;
  }
  const Data* get_partial(const std::string& name) const override {
    unknown_.insert("> " + name);
    return nullptr;
  }

  const std::set<std::string>& used() const { return used_; }
  const std::set<std::string>& unknown() const { return unknown_; }

 private:
  struct Scope {
    const Data* data;
    // Stands before the names in it: "domains."
    std::string prefix;
  };

  void note(const Data* found, const std::string& path) const {
    used_.insert(path);
    given_[found] = path;
    if (found->is_non_empty_list()) {
      lists_[&found->list_value().front()] = {&found->list_value().back(), path};
    }
  }

  const Data* member(const Data* object, const std::string& rest, const std::string& prefix,
                     const std::string& whole) const {
    const std::string first = rest.substr(0, rest.find('.'));
    const Data* found = object->is_object() ? object->get(first) : nullptr;
    if (found == nullptr) {
      unknown_.insert(whole);
      return nullptr;
    }
    note(found, prefix + "." + first);
    return first.size() == rest.size()
               ? found
               : member(found, rest.substr(first.size() + 1), prefix + "." + first, whole);
  }

  std::string name_of(const Data* data) const {
    const auto same = given_.find(data);
    if (same != given_.end()) {
      return same->second;
    }
    // The list before this position is the only one that `data` can be an element of.
    auto list = lists_.upper_bound(data);
    if (list == lists_.begin()) {
      return {};
    }
    --list;
    return std::less_equal<>()(data, list->second.first) ? list->second.second : std::string();
  }

  std::vector<Scope> stack_;
  // Values that get() returned, with their full names.
  mutable std::map<const Data*, std::string> given_;
  // The lists among them: first element -> last element and name.
  mutable std::map<const Data*, std::pair<const Data*, std::string>> lists_;
  mutable std::set<std::string> used_;
  mutable std::set<std::string> unknown_;
};

// The number of the line with a tag of this name; 0 when no tag is written like that.
std::size_t line_of(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find("{{"); at != text.npos; at = text.find("{{", at + 2)) {
    const std::size_t end = text.find("}}", at);
    if (end == text.npos) {
      break;
    }
    std::string_view tag = text.substr(at + 2, end - at - 2);
    tag.remove_prefix(std::min(tag.find_first_not_of("{#^/&> "), tag.size()));
    if (tag.substr(0, tag.find_first_of(" }")) == name) {
      return 1 + static_cast<std::size_t>(std::count(
                     text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    }
  }
  return 0;
}

void collect_names(const Json& value, const std::string& prefix, std::set<std::string>& names) {
  if (value.is_array()) {
    for (const Json& element : value) {
      collect_names(element, prefix, names);
    }
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      names.insert(prefix + name);
      collect_names(member, prefix + name + ".", names);
    }
  }
}

}  // namespace

Result<Rendered> render_template(std::string_view text, const Json& values,
                                 std::string_view label) {
  mustache::basic_mustache<std::string> engine{std::string(text)};
  if (!engine.is_valid()) {
    return fail(ErrorKind::invalid, "template_syntax",
                fmt::format("the template {} cannot be read: {}", label, engine.error_message()),
                "every {{#section}} needs its {{/section}}");
  }
  engine.set_custom_escape([](const std::string& plain) { return plain; });
  const Data root = to_data(values);
  StrictContext context(&root);
  Rendered rendered{engine.render(context), context.used()};
  if (context.unknown().empty()) {
    return rendered;
  }
  std::vector<Fault> faults;
  for (const std::string& name : context.unknown()) {
    faults.push_back(
        {std::string(label), "template_unknown_name",
         fmt::format("{} line {}: there is no value named '{}'", label, line_of(text, name), name),
         fmt::format("the values are: {}", fmt::join(all_names(values), " "))});
  }
  return fail_faults(std::move(faults));
}

std::set<std::string> names_in(std::string_view text) {
  std::set<std::string> names;
  for (std::size_t at = text.find("{{"); at != text.npos; at = text.find("{{", at + 2)) {
    std::string_view tag = text.substr(at + 2, text.find("}}", at) - at - 2);
    if (tag.starts_with('!')) {
      continue;
    }
    tag.remove_prefix(std::min(tag.find_first_not_of("{#^/&> "), tag.size()));
    names.emplace(tag.substr(0, tag.find_first_of(" }")));
  }
  return names;
}

std::set<std::string> all_names(const Json& values) {
  std::set<std::string> names;
  collect_names(values, "", names);
  return names;
}

}  // namespace podplay
