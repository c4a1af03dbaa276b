// Rows are read one after the other, so that a large import is never in memory as a tree. Only
// YAML, which has no rows, is read as a whole.
#include "api/import_rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "api/users_yaml.hpp"
#include "base/ascii.hpp"
#include "base/nearest.hpp"
#include "base/numbers.hpp"
#include "wire/problem.hpp"
#include "wire/revisions.hpp"

namespace podplay::api {
namespace {

using wire::FieldRow;
using wire::FieldType;
using wire::Json;
using wire::Shape;
using enum wire::FieldType;

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == text.npos; }

class JsonLines final : public ImportRows {
 public:
  JsonLines(const Shape& shape, std::string_view body) : shape_(shape), rest_(body) {}

  Result<std::optional<ImportRow>> next() override {
    while (!rest_.empty()) {
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      const std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      ++number_;
      if (!is_blank(line)) {
        return ImportRow{number_, wire::read_body(shape_, line)};
      }
    }
    return std::nullopt;
  }

 private:
  const Shape& shape_;
  std::string_view rest_;
  std::int64_t number_ = 0;
};

// Records of fields. The first one has the names of the fields.
class CsvRows final : public ImportRows {
 public:
  CsvRows(const Shape& shape, std::string_view body) : shape_(shape), rest_(body) {
    // The mark of a file that says it is UTF-8.
    if (rest_.starts_with("\xEF\xBB\xBF")) {
      rest_.remove_prefix(3);
    }
  }

  Status read_head() {
    TRY(auto names, record());
    std::vector<std::string_view> known;
    for (const FieldRow& field : shape_.fields) {
      known.push_back(field.name);
    }
    std::vector<Fault> faults;
    for (const std::string& name : names) {
      const auto field = std::ranges::find(shape_.fields, name, &FieldRow::name);
      if (field == shape_.fields.end()) {
        const std::string near = nearest_name(name, known);
        faults.push_back({.field = name.substr(0, 40),
                          .code = "unknown_field",
                          .message = fmt::format("there is no field '{}' here", name.substr(0, 40)),
                          .remedy = near.empty()
                                        ? fmt::format("the fields are {}", fmt::join(known, ", "))
                                        : fmt::format("did you mean {}?", near)});
        continue;
      }
      columns_.push_back(&*field);
    }
    return no_faults(std::move(faults), "the first line names the fields");
  }

  Result<std::optional<ImportRow>> next() override {
    while (!rest_.empty()) {
      const std::int64_t number = line_ + 1;
      TRY(const auto fields, record());
      if (fields.size() > 1 || !is_blank(fields.front())) {
        return ImportRow{number, to_object(fields)};
      }
    }
    return std::nullopt;
  }

 private:
  // The fields of the next record (RFC 4180 section 2).
  Result<std::vector<std::string>> record() {
    std::vector<std::string> fields;
    std::string field;
    const std::int64_t begun = ++line_;
    bool quoted = false;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (quoted) {
        if (c == '"' && rest_.starts_with('"')) {
          field += '"';
          rest_.remove_prefix(1);
        } else if (c == '"') {
          quoted = false;
        } else {
          line_ += c == '\n' ? 1 : 0;
          field += c;
        }
      } else if (c == '"' && field.empty()) {
        quoted = true;
      } else if (c == ',') {
        fields.push_back(std::exchange(field, {}));
      } else if (c == '\n') {
        break;
      } else if (c != '\r' || !rest_.starts_with('\n')) {
        field += c;
      }
    }
    if (quoted) {
      return fail(ErrorKind::invalid, "bad_csv",
                  fmt::format("line {}: a quote is not closed", begun),
                  "close it, and write a quote within quotes twice");
    }
    fields.push_back(std::move(field));
    return fields;
  }

  Result<Json> to_object(const std::vector<std::string>& fields) const {
    if (fields.size() != columns_.size()) {
      return fail(ErrorKind::invalid, "bad_csv",
                  fmt::format("the record has {} fields, and the first line names {}",
                              fields.size(), columns_.size()),
                  "put texts with commas or line ends between quotes");
    }
    Json object = Json::object();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      // An empty field is one that is not there.
      if (!fields[i].empty()) {
        object[std::string(columns_[i]->name)] = to_value(columns_[i]->type, fields[i]);
      }
    }
    TRY(no_faults(wire::check_shape(shape_, object)));
    return object;
  }

  // What is none of its type stays a text, which the shape refuses.
  static Json to_value(FieldType type, const std::string& text) {
    if (type == boolean && (same_word(text, "true") || text == "1")) {
      return true;
    }
    if (type == boolean && (same_word(text, "false") || text == "0")) {
      return false;
    }
    if (type == integer) {
      const auto bytes = parse_bytes(text);
      return bytes ? Json(*bytes) : Json(text);
    }
    if (type == text_list) {
      return words_of(text);
    }
    return text;
  }

  // "mail www", "mail;www"
  static Json words_of(std::string_view text) {
    Json words = Json::array();
    while (!text.empty()) {
      const std::size_t end = std::min(text.find_first_of(" ;"), text.size());
      if (end > 0) {
        words.push_back(text.substr(0, end));
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
  }

  const Shape& shape_;
  std::string_view rest_;
  std::vector<const FieldRow*> columns_;
  // The line that was read last.
  std::int64_t line_ = 0;
};

class YamlRows final : public ImportRows {
 public:
  YamlRows(const Shape& shape, std::vector<Json> rows) : shape_(shape), rows_(std::move(rows)) {}

  Result<std::optional<ImportRow>> next() override {
    if (at_ == rows_.size()) {
      return std::nullopt;
    }
    Json row = std::move(rows_[at_++]);
    const auto number = static_cast<std::int64_t>(at_);
    if (auto checked = no_faults(wire::check_shape(shape_, row)); !checked) {
      return ImportRow{number, std::unexpected(std::move(checked).error())};
    }
    return ImportRow{number, std::move(row)};
  }

 private:
  const Shape& shape_;
  std::vector<Json> rows_;
  std::size_t at_ = 0;
};

constexpr FieldRow kImportLineFields[] = {
    {.name = "row",
     .type = integer,
     .required = true,
     .help = "The row of the body: its line, or its number in YAML; 0: the total",
     .example = "1"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "created, would_be_created (of a dry run), failed, or total",
     .example = R"("created")"},
    {.name = "email", .type = text, .help = "Of the row", .example = R"("test@example.com")"},
    {.name = "id", .type = integer, .help = "Of the user that was created", .example = "7"},
    {.name = "problem", .type = object, .help = "Why the row failed", .of = &wire::kProblem},
    {.name = "created", .type = integer, .help = "Of the total", .example = "1"},
    {.name = "failed", .type = integer, .help = "Of the total", .example = "0"},
    {.name = "applied",
     .type = object,
     .help = "Of the total, with ?wait: the outcome of the last change at the services",
     .of = &wire::kApplied},
};

}  // namespace

const Shape kImportLine{.name = "ImportLine",
                        .help = "What became of one row of an import, or of all of them",
                        .fields = kImportLineFields};

Result<std::unique_ptr<ImportRows>> open_import(const Shape& shape, std::string_view type,
                                                std::string_view body) {
  if (same_word(type, "text/csv")) {
    auto rows = std::make_unique<CsvRows>(shape, body);
    TRY(rows->read_head());
    return rows;
  }
  if (same_word(type, "application/yaml")) {
    TRY(auto rows, read_users_yaml(body));
    return std::make_unique<YamlRows>(shape, std::move(rows));
  }
  return std::make_unique<JsonLines>(shape, body);
}

std::string rows_example(const Shape& shape, std::string_view type) {
  if (type == "application/yaml") {
    return "domains:\n  - name: example.com\n    users:\n      - username: test\n"
           "        password: correct horse\n        aliases: [info, sales]\n"
           "        quota: 500M\n        enabled: true\n        services: [mail, www]\n";
  }
  std::string names;
  std::string values;
  for (const FieldRow& field : shape.fields) {
    if (field.type == text && !field.example.empty() && field.name != "password_hash") {
      names += (names.empty() ? "" : ",") + std::string(field.name);
      values += (values.empty() ? "" : ",") + Json::parse(field.example).get<std::string>();
    }
  }
  return names + "\n" + values + "\n";
}

}  // namespace podplay::api
