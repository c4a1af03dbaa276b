// The fixture of the store's contract tests: the same tests run on SQLite and on a real PostgreSQL
// server.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/test_folder.hpp"
#include "store/postgresql_server.hpp"
#include "store/store.hpp"

namespace podplay::store {

// One server for all tests of this program.
inline const test::PostgresqlServer& server() {
  static const test::PostgresqlServer one;
  return one;
}

// An empty store, whose kind is the test's parameter.
class StoreContractBase : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    static std::atomic<int> number{0};
    url_ = GetParam() == "sqlite" ? folder_.path() + "/store.db"
                                  : server().make_database("test" + std::to_string(number++));
    reopen();
  }
  void reopen() {
    store_.reset();
    auto opened = Store::open(url_, silent_logger());
    ASSERT_TRUE(opened) << describe(opened.error());
    store_ = std::move(*opened);
  }
  void write(const std::function<void(Transaction&)>& work) {
    const auto done = store_->write<bool>([&](Transaction& transaction) -> Result<bool> {
      work(transaction);
      return true;
    });
    ASSERT_TRUE(done) << describe(done.error());
  }
  template <class T>
  T read(const std::function<T(Session&)>& work) {
    auto value = store_->read<T>(work);
    if (!value) {
      throw std::runtime_error(describe(value.error()));
    }
    return std::move(*value);
  }
  test::TestFolder folder_;
  std::string url_;
  std::unique_ptr<Store> store_;
};

inline const auto kBothStores = testing::Values("sqlite", "postgresql");

inline std::string name_of_store(const testing::TestParamInfo<std::string>& kind) {
  return kind.param;
}

}  // namespace podplay::store
