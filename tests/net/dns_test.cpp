// A query gets an answer or an error in its time.
#include "net/dns.hpp"

#include <gtest/gtest.h>

namespace podplay::net {
namespace {

using namespace std::chrono_literals;

TEST(Dns, NoServerIsAnError) {
  const auto answer = dns_query("127.0.0.1", 1, "example.com", "SOA", true, 200ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(dns_query("localhost", 53, "example.com", "SOA", false, 200ms))
      << "a name is no address: nothing is resolved";
  EXPECT_FALSE(dns_query("127.0.0.1", 53, "example.com", "NOPE", false, 200ms));
}

}  // namespace
}  // namespace podplay::net
