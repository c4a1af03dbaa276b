// The directory's feed in the store (model/directory.hpp): each row once, with its newest sequence.
#pragma once

#include <memory>

#include "model/directory.hpp"
#include "store/store.hpp"

namespace podplay::store {

// Puts rows in, each with the sequence it is given; one prepared statement for many.
class DirectoryWriter {
 public:
  explicit DirectoryWriter(Transaction& transaction);
  ~DirectoryWriter();
  void put(const DirectoryRow& row);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Takes the next sequence for `row` and puts it in.
void put_directory_row(Transaction& transaction, DirectoryRow row);
// At most `limit` rows after `seq`, in order.
DirectoryBatch read_directory(Session& session, std::uint64_t seq, std::int64_t limit);

std::uint64_t newest_sequence(Session& session);

}  // namespace podplay::store
