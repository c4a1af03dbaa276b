// Lines of a text.
#pragma once

#include <string_view>
#include <vector>

namespace podplay {

// Without their ends. A text that ends with a line end has no empty line after it. The lines are
// parts of `text`, which must outlive them.
inline std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == text.npos) {
      break;
    }
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace podplay
