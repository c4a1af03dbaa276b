// Text for a person or a pipe. A failure is not thrown: it stays in the stream, and the end of the
// program looks for it (ferror).
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

namespace podplay {

inline void print_text(std::FILE* to, std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), to));
}

template <class... Arguments>
void print_to(std::FILE* to, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  print_text(to, fmt::format(format, std::forward<Arguments>(arguments)...));
}

}  // namespace podplay
