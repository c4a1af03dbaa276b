// The feed in the store: for each service every row once, with its newest sequence
// (model/feed.hpp). Rows of deleted things stay as markers, so that an agent hears of the deletion.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/feed.hpp"
#include "store/store.hpp"

namespace podplay::store {

// Puts rows in, each with the sequence that it is given; one prepared statement for many.
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

// Takes the next sequence for `row` and puts it in.
void put_feed_row(Transaction& transaction, ServiceName service, FeedRecord row);
void delete_feed(Transaction& transaction);

// At most `limit` rows after `seq`, in order. Generation and epoch are left to store/history.hpp.
FeedPage read_feed(Session& session, ServiceName service, std::uint64_t seq, std::int64_t limit);
std::uint64_t newest_sequence(Session& session, ServiceName service);

// A row that is not deleted.
std::optional<FeedRecord> find_feed_row(Session& session, ServiceName service, RowKind kind,
                                        const std::string& key);
// Takes rows of one kind whose keys begin with `prefix` out of the feed without a marker: an agent
// drops them with the row that they belong to.
void forget_feed_rows(Transaction& transaction, ServiceName service, RowKind kind,
                      const std::string& prefix);
// The rows of one kind that are not deleted and whose keys begin with `prefix`, in order of key.
std::vector<FeedRecord> feed_rows(Session& session, ServiceName service, RowKind kind,
                                  const std::string& prefix);

}  // namespace podplay::store
