// A value that must not reach a log, a process list or an answer. It has no formatter and no stream
// operator, so writing one does not compile. Its memory is wiped when it is destroyed.
#pragma once

#include <string>
#include <string_view>

namespace podplay {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) noexcept = default;
  ~Secret();

  // The only way to the value, so searching for reveal() finds every use.
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace podplay
