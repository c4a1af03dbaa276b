// Each type of row is one macro line. A missing member is an error: control plane and agents are
// built together, and the migration of an older store makes its feed again.
#include "wire/feed.hpp"

#include <fmt/format.h>

#include "base/json_text.hpp"
#include "wire/guarded.hpp"

namespace podplay {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DomainRow, enabled)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MailboxRow, enabled, password_hash, quota, owner)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AliasRow, enabled, targets)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CertificateRow, version, names)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SiteRow, enabled, aliases, certificate)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RrsetRow, ttl, data)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ZoneRow, serial, primary, contact)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ChallengeRow, type, identifier, key_authorization)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AppPasswordRow, email, owner, hash, protocols)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NumberMarks, revision, id)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FeedPosition, generation, epoch, seq, marks)

namespace wire {
namespace {

Json content_json(const RowContent& content) {
  return std::visit([](const auto& one) { return Json(one); }, content);
}

// A content of this kind with nothing in it.
template <std::size_t... kIndex>
RowContent empty_content(RowKind kind, std::index_sequence<kIndex...>) {
  RowContent content;
  const auto index = static_cast<std::size_t>(kind);
  static_cast<void>(((index == kIndex && (content.emplace<kIndex>(), true)) || ...));
  return content;
}

RowContent content_from_json(RowKind kind, const Json& value, bool deleted) {
  auto content = empty_content(kind, std::make_index_sequence<std::variant_size_v<RowContent>>());
  if (!deleted) {
    std::visit([&](auto& one) { value.get_to(one); }, content);
  }
  return content;
}

Json without_content(const FeedRow& row) {
  return {{"seq", row.seq},
          {"revision", row.revision},
          {"kind", to_text(row.kind())},
          {"key", row.key},
          {"deleted", row.deleted}};
}

}  // namespace

std::string content_text(const RowContent& content) { return json_text(content_json(content)); }

Result<RowContent> content_from_text(RowKind kind, std::string_view text, bool deleted) {
  return guarded("row's content", [&]() -> Result<RowContent> {
    return content_from_json(kind, deleted ? Json() : Json::parse(text), deleted);
  });
}

Json to_json(const FeedRow& row) {
  Json value = without_content(row);
  if (!row.deleted) {
    value["content"] = content_json(row.content);
  }
  return value;
}

Json to_public_json(const FeedRow& row) {
  Json value = to_json(row);
  if (!row.deleted) {
    for (const char* hidden : {"password_hash", "hash", "owner"}) {
      value["content"].erase(hidden);
    }
  }
  return value;
}

Result<FeedRow> feed_row_from_json(const Json& value) {
  return guarded("row of the feed", [&]() -> Result<FeedRow> {
    TRY(const auto kind, parse_row_kind(value.at("kind").get<std::string>()));
    FeedRow row;
    value.at("seq").get_to(row.seq);
    value.at("revision").get_to(row.revision);
    value.at("key").get_to(row.key);
    value.at("deleted").get_to(row.deleted);
    row.content = content_from_json(kind, row.deleted ? Json() : value.at("content"), row.deleted);
    return row;
  });
}

Json to_json(const FeedPosition& position) { return Json(position); }

Result<FeedPosition> position_from_json(const Json& value) {
  return guarded("position in the feed",
                 [&]() -> Result<FeedPosition> { return value.get<FeedPosition>(); });
}

std::string page_text(const FeedPage& page) {
  const Json rest{
      {"generation", page.generation}, {"epoch", page.epoch},       {"seq", page.seq},
      {"complete", page.complete},     {"revision", page.revision}, {"marks", page.marks}};
  std::string text = json_text(rest);
  // In place of the closing brace.
  text.back() = ',';
  text += R"("rows":[)";
  bool first = true;
  for (const FeedRecord& row : page.rows) {
    fmt::format_to(std::back_inserter(text),
                   R"({}{{"seq":{},"revision":{},"kind":"{}","key":{},"deleted":{})",
                   first ? "" : ",", row.seq, row.revision, to_text(row.kind),
                   json_text(Json(row.key)), row.deleted);
    if (!row.deleted) {
      text += R"(,"content":)";
      text += row.content;
    }
    text += '}';
    first = false;
  }
  text += "]}";
  return text;
}

Result<FeedBatch> batch_from_json(const Json& value) {
  return guarded("batch of the feed", [&]() -> Result<FeedBatch> {
    FeedBatch batch;
    for (const Json& element : value.at("rows")) {
      TRY(auto row, feed_row_from_json(element));
      batch.rows.push_back(std::move(row));
    }
    value.at("generation").get_to(batch.generation);
    value.at("epoch").get_to(batch.epoch);
    value.at("seq").get_to(batch.seq);
    value.at("complete").get_to(batch.complete);
    value.at("revision").get_to(batch.revision);
    value.at("marks").get_to(batch.marks);
    return batch;
  });
}

}  // namespace wire
}  // namespace podplay
