// A sink that keeps the lines that were written to it. Not for two threads at once.
#pragma once

#include <string>
#include <string_view>

#include "base/log.hpp"

namespace podplay {

struct Collect final : LogSink {
  void write(std::string_view line) override {
    text.append(line).append("\n");
    ++writes;
  }
  std::string text{};
  int writes = 0;
};

}  // namespace podplay
