// cpp-httplib's server as the parser and router of one request. Internal to net.
#pragma once

#include <httplib.h>

#include <functional>
#include <string>

namespace podplay::net {

class OneRequestServer : public httplib::Server {
 protected:
  using SetUp = std::function<void(httplib::Request&)>;

  // Reads a request, answers it, and says whether the connection is to end.
  bool answer_one(httplib::Stream& stream, const std::string& address, bool& ends,
                  const SetUp& set_up) {
    return answer_one(*this, stream, address, ends, set_up);
  }

 private:
  // Debian 12's library wants fewer arguments than Debian 13's.
  template <class Library>
  static bool answer_one(Library& library, httplib::Stream& stream, const std::string& address,
                         bool& ends, const SetUp& set_up) {
    if constexpr (requires { library.process_request(stream, false, ends, set_up); }) {
      return library.process_request(stream, false, ends, set_up);
    } else {
      return library.process_request(stream, address, 0, std::string(), 0, false, ends, set_up);
    }
  }
};

}  // namespace podplay::net
