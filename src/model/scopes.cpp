// Writing implies reading: a set never has an area's write bit without its read bit.
#include "model/scopes.hpp"

#include <fmt/format.h>

#include "model/closed_set.hpp"

namespace podplay {
namespace {

constexpr Spelling<Area> kAreaWords[] = {
    {Area::account, "account"}, {Area::users, "users"}, {Area::domains, "domains"},
    {Area::dns, "dns"},         {Area::mail, "mail"},   {Area::certificates, "certificates"},
    {Area::system, "system"},   {Area::audit, "audit"},
};
constexpr std::string_view kAll = "all";
constexpr std::string_view kReadAll = "read";

std::uint32_t bit(Area area, Access access) {
  return 1U << (2U * static_cast<unsigned>(area) + (access == Access::write ? 1U : 0U));
}

Fault bad_scope(const std::string& word, std::string_view field) {
  return {.field = std::string(field),
          .code = "unknown_word",
          .message = fmt::format("'{}' is no scope", word.substr(0, 40)),
          .remedy =
              "use all, read, or an area with :read or :write, such as users:read; areas are "
              "account, users, domains, dns, mail, certificates, system, audit"};
}

}  // namespace

std::string_view to_text(Area area) { return word_of(kAreaWords, area); }
Result<Area> parse_area(std::string_view text, std::string_view field) {
  return value_of(kAreaWords, text, field);
}

std::string to_text(Scope scope) {
  return fmt::format("{}:{}", to_text(scope.area),
                     scope.access == Access::write ? "write" : "read");
}

Scopes Scopes::all() {
  Scopes scopes;
  for (const auto& row : kAreaWords) {
    scopes.add({row.value, Access::write});
  }
  return scopes;
}

Scopes Scopes::of(Area area) {
  Scopes scopes;
  scopes.add({area, Access::write});
  return scopes;
}

Result<Scopes> Scopes::parse(const std::vector<std::string>& words, std::string_view field) {
  Scopes scopes;
  std::vector<Fault> faults;
  for (const std::string& word : words) {
    if (word == kAll) {
      scopes = all();
      continue;
    }
    if (word == kReadAll) {
      for (const auto& row : kAreaWords) {
        scopes.add({row.value, Access::read});
      }
      continue;
    }
    const std::size_t colon = std::min(word.find(':'), word.size());
    const auto area = parse_area(word.substr(0, colon));
    const std::string access = word.substr(colon);
    if (!area || (access != ":read" && access != ":write")) {
      faults.push_back(bad_scope(word, field));
      continue;
    }
    scopes.add({*area, access == ":write" ? Access::write : Access::read});
  }
  TRY(no_faults(std::move(faults)));
  return scopes;
}

std::vector<std::string> Scopes::words() const {
  if (*this == all()) {
    return {std::string(kAll)};
  }
  std::vector<std::string> words;
  for (const auto& row : kAreaWords) {
    for (const Access access : {Access::write, Access::read}) {
      if (allows({row.value, access})) {
        words.push_back(to_text(Scope{row.value, access}));
        break;
      }
    }
  }
  return words;
}

void Scopes::add(Scope scope) {
  bits_ |= bit(scope.area, Access::read) | bit(scope.area, scope.access);
}

bool Scopes::allows(Scope scope) const { return (bits_ & bit(scope.area, scope.access)) != 0; }

Scopes Scopes::operator&(const Scopes& other) const {
  Scopes both;
  both.bits_ = bits_ & other.bits_;
  return both;
}

}  // namespace podplay
