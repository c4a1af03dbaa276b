// A unified diff of two texts by their longest common subsequence. Meant for configuration files of
// some hundred lines: time and memory grow with the product of both lengths, so texts that are too
// different and too long are shown as replaced.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/files.hpp"
#include "base/lines.hpp"

namespace podplay {
namespace {

// Lines shown around a change.
constexpr std::size_t kContext = 3;
// Of the table of common lengths, four bytes each. Beyond that, the middle is shown as replaced.
constexpr std::size_t kMostCells = 16U << 20;

struct Step {
  // ' ' kept, '-' removed, '+' added.
  char mark;
  std::string_view line;
};

// The changes between a and b without their common start and end.
void compare_middle(std::vector<Step>& steps, std::span<const std::string_view> a,
                    std::span<const std::string_view> b) {
  const std::size_t width = b.size() + 1;
  if ((a.size() + 1) * width > kMostCells) {
    for (const auto line : a) {
      steps.push_back({'-', line});
    }
    for (const auto line : b) {
      steps.push_back({'+', line});
    }
    return;
  }
  std::vector<std::uint32_t> common((a.size() + 1) * width, 0);
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i * width + j] =
          a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                       : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      steps.push_back({' ', a[i++]});
      ++j;
    } else if (j == b.size() ||
               (i < a.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      steps.push_back({'-', a[i++]});
    } else {
      steps.push_back({'+', b[j++]});
    }
  }
}

std::vector<Step> compare(std::span<const std::string_view> a,
                          std::span<const std::string_view> b) {
  std::size_t start = 0;
  while (start < a.size() && start < b.size() && a[start] == b[start]) {
    ++start;
  }
  std::size_t end = 0;
  while (end < a.size() - start && end < b.size() - start &&
         a[a.size() - 1 - end] == b[b.size() - 1 - end]) {
    ++end;
  }
  std::vector<Step> steps;
  for (const auto line : a.first(start)) {
    steps.push_back({' ', line});
  }
  compare_middle(steps, a.subspan(start, a.size() - start - end),
                 b.subspan(start, b.size() - start - end));
  for (const auto line : a.last(end)) {
    steps.push_back({' ', line});
  }
  return steps;
}

// True for each step that a hunk shows: the changes and kContext lines around them.
std::vector<bool> shown_steps(const std::vector<Step>& steps) {
  std::vector<bool> shown(steps.size(), false);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].mark == ' ') {
      continue;
    }
    const std::size_t last = std::min(steps.size(), i + kContext + 1);
    for (std::size_t k = i > kContext ? i - kContext : 0; k < last; ++k) {
      shown[k] = true;
    }
  }
  return shown;
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view label) {
  if (before == after) {
    return {};
  }
  const auto a = lines_of(before);
  const auto b = lines_of(after);
  const std::vector<Step> steps = compare(a, b);
  const std::vector<bool> shown = shown_steps(steps);
  std::string text = fmt::format("--- a/{}\n+++ b/{}\n", label, label);
  std::size_t line_a = 1;
  std::size_t line_b = 1;
  for (std::size_t at = 0; at < steps.size();) {
    std::size_t count_a = 0;
    std::size_t count_b = 0;
    std::string hunk;
    for (; at < steps.size() && shown[at]; ++at) {
      count_a += steps[at].mark != '+';
      count_b += steps[at].mark != '-';
      hunk += fmt::format("{}{}\n", steps[at].mark, steps[at].line);
    }
    if (!hunk.empty()) {
      text += fmt::format("@@ -{},{} +{},{} @@\n{}", line_a, count_a, line_b, count_b, hunk);
    }
    line_a += count_a;
    line_b += count_b;
    for (; at < steps.size() && !shown[at]; ++at, ++line_a, ++line_b) {
    }
  }
  return text;
}

}  // namespace podplay
