// The rows of an import, whatever form they come in: JSON lines, CSV (RFC 4180) or the earlier
// users.yaml. Every form gives JSON objects, which are checked against the same shape.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wire/shape.hpp"

namespace podplay::api {

struct ImportRow {
  // JSON lines: the line. CSV: the line on which the record begins. YAML: the number of the user.
  // From 1.
  std::int64_t number = 0;
  // An object of the shape, or what is wrong with the row.
  Result<wire::Json> object;
};

class ImportRows {
 public:
  virtual ~ImportRows() = default;
  // The next row; nothing after the last one. An error is one after which no row can be found.
  virtual Result<std::optional<ImportRow>> next() = 0;
};

// `type` is application/x-ndjson, text/csv or application/yaml. `body` must outlive the rows.
Result<std::unique_ptr<ImportRows>> open_import(const wire::Shape& shape, std::string_view type,
                                                std::string_view body);

// What a body of this type looks like, for text/csv and application/yaml.
std::string rows_example(const wire::Shape& shape, std::string_view type);

// One line of an answer that comes while an import goes on.
extern const wire::Shape kImportLine;

}  // namespace podplay::api
