// Rows of the feed as JSON and back. The store keeps the content of a row as the text that goes
// over the link, so nothing is parsed or printed when rows are given to an agent.
#pragma once

#include <string>

#include "model/feed.hpp"
#include "wire/shape.hpp"

namespace podplay {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CertificateRef, name, version)
}  // namespace podplay

namespace podplay::wire {

// The content alone, with everything that its agent needs, such as a mailbox's password hash.
std::string content_text(const RowContent& content);
// The text is not read when the row is `deleted`.
Result<RowContent> content_from_text(RowKind kind, std::string_view text, bool deleted = false);

Json to_json(const FeedRow& row);
Result<FeedRow> feed_row_from_json(const Json& value);
// For people: without secrets.
Json to_public_json(const FeedRow& row);

Json to_json(const FeedPosition& position);
Result<FeedPosition> position_from_json(const Json& value);
// A page as the text of the JSON object that batch_from_json() reads.
std::string page_text(const FeedPage& page);
Result<FeedBatch> batch_from_json(const Json& value);

}  // namespace podplay::wire
