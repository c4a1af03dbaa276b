// The feed in the store. For each service it has every row once, with its newest sequence
// (model/feed.hpp). Deleted rows stay as markers, so that an agent learns of the deletion.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/feed.hpp"
#include "store/store.hpp"

namespace podplay::store {

// Writes rows, each with the sequence that its record has. One prepared statement serves many rows.
// Owned by the thread of the transaction.
class FeedWriter {
 public:
  explicit FeedWriter(Transaction& transaction);
  ~FeedWriter();
  FeedWriter(const FeedWriter&) = delete;
  FeedWriter& operator=(const FeedWriter&) = delete;
  void put(ServiceName service, const FeedRecord& row);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Takes the next sequence for `row` and writes it.
void put_feed_row(Transaction& transaction, ServiceName service, FeedRecord row);
void delete_feed(Transaction& transaction);

// At most `limit` rows after `seq`, in order. Generation and epoch come from store/history.hpp.
FeedPage read_feed(Session& session, ServiceName service, std::uint64_t seq, std::int64_t limit);
std::uint64_t newest_sequence(Session& session, ServiceName service);

// A row that is not deleted.
std::optional<FeedRecord> find_feed_row(Session& session, ServiceName service, RowKind kind,
                                        const std::string& key);
// Removes the rows of one kind whose keys begin with `prefix`, without a marker: an agent drops
// them with the row that they belong to.
void forget_feed_rows(Transaction& transaction, ServiceName service, RowKind kind,
                      const std::string& prefix);
// The rows of one kind that are not deleted and whose keys begin with `prefix`, in order of key.
std::vector<FeedRecord> feed_rows(Session& session, ServiceName service, RowKind kind,
                                  const std::string& prefix);

}  // namespace podplay::store
