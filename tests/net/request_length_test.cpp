// Whether a request has come whole is seen from its head alone.
#include "net/request_length.hpp"

#include <gtest/gtest.h>

namespace podplay::net {
namespace {

TEST(RequestLength, SaysWhenARequestHasCome) {
  const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(judge_arrival(""), Arrival::incomplete);
  EXPECT_EQ(judge_arrival(head), Arrival::incomplete);
  EXPECT_EQ(judge_arrival(head + "\r\n"), Arrival::whole) << "no body is announced";
  EXPECT_EQ(judge_arrival(head + "content-LENGTH:  3 \r\n\r\nab"), Arrival::incomplete);
  EXPECT_EQ(judge_arrival(head + "Content-Length: 3\r\n\r\nabc"), Arrival::whole);
  EXPECT_EQ(judge_arrival(head + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"),
            Arrival::expects);
  for (const char* more : {"Content-Length: 16385", "Content-Length: x", "Content-Length: -1",
                           "Transfer-Encoding: chunked"}) {
    EXPECT_EQ(judge_arrival(head + more + "\r\n\r\n"), Arrival::whole)
        << more << ": a thread reads or refuses it";
  }
  EXPECT_EQ(judge_arrival("GET /a HTTP/1.1\r\nContent-Length: 3\r\n\r\n"), Arrival::whole);
  EXPECT_EQ(judge_arrival(std::string(kLongestHead, 'a')), Arrival::too_long);
}

}  // namespace
}  // namespace podplay::net
