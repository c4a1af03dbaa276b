// One line of progress for the person who waits.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "base/print.hpp"
#include "pod/lifecycle.hpp"

namespace podplay::pod {

template <class... Arguments>
void say(const Lifecycle& lifecycle, fmt::format_string<Arguments...> format,
         Arguments&&... arguments) {
  print_to(lifecycle.out, format, std::forward<Arguments>(arguments)...);
  std::fputc('\n', lifecycle.out);
  std::fflush(lifecycle.out);
}

}  // namespace podplay::pod
