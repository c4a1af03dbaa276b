// The index beside a sealed segment: what each frame of it holds, so that a search reads only the
// frames that may have what it looks for. Without an index, or with a damaged one, every frame is
// read; the answer is the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"

namespace podplay::logs {

// Calls `take` with each word of a line that people look for: addresses, and names with a digit of
// six octets or more, such as ids and IP addresses. `word` is in the case of the line.
template <class Take>
void for_each_indexed_word(std::string_view line, const Take& take);

// A set of words. It rarely says yes to a word that is not in it, and never no to one that is.
class WordFilter {
 public:
  WordFilter() = default;
  // Of the words' hashes.
  explicit WordFilter(const std::vector<std::uint64_t>& hashes);
  // As it was stored.
  explicit WordFilter(std::string stored) : bits_(std::move(stored)) {}
  bool may_have(std::uint64_t hash) const;
  const std::string& stored() const { return bits_; }

 private:
  std::string bits_;
};
// Case does not count.
std::uint64_t word_hash(std::string_view word);
// The hashes of the indexed words in `text`.
std::vector<std::uint64_t> word_hashes(std::string_view text);

struct Frame {
  // In the file of frames, in bytes.
  std::uint64_t offset = 0;
  std::uint32_t size = 0;
  // Of its lines, in the segment before it was sealed.
  std::uint64_t raw_offset = 0;
  std::uint32_t raw_size = 0;
  // The earliest and the latest time of its lines, as lines have it; empty: none has one.
  std::string first{};
  std::string last{};
  // A bit for each Level; 0x80: lines without a head.
  std::uint8_t levels = 0xff;
  // Where its filter is in the index; size 0: there is none, and it may have any word.
  std::uint64_t filter_offset = 0;
  std::uint32_t filter_size = 0;
};

inline constexpr std::uint8_t kHeadless = 0x80;
constexpr std::uint8_t level_bit(Level level) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(level));
}

// What the lines of one frame hold. `frame.offset`, `size` and `raw_offset` are the caller's.
Frame describe_frame(std::string_view lines, WordFilter& filter);

// The index's file. Each filter has a sum of its own, since most are not read.
std::string write_index(std::vector<Frame> frames, const std::vector<WordFilter>& filters);
// The frames of an index. `sealed_size`: of the file of frames. Fails with "index_damaged".
Result<std::vector<Frame>> read_index(std::string_view table, std::uint64_t sealed_size);
// How many bytes of an index's file its table takes, told by its first 32; 0: it is no index.
std::uint64_t table_size(std::string_view head);
inline constexpr std::size_t kIndexHead = 32;
// The filter that `stored` is, which was read at the frame's place. A damaged one has every word.
WordFilter read_filter(std::string_view stored);

// --- implementation of the template ---

constexpr bool is_word_octet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '@' ||
         c == '.' || c == '-' || c == '_' || c == '+';
}

template <class Take>
void for_each_indexed_word(std::string_view line, const Take& take) {
  constexpr std::size_t kShortest = 6;
  const auto is_edge = [](char c) { return c == '.' || c == '-' || c == '_' || c == '+'; };
  for (std::size_t at = 0; at < line.size();) {
    if (!is_word_octet(line[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    bool digit = false;
    bool address = false;
    while (end < line.size() && is_word_octet(line[end])) {
      digit = digit || (line[end] >= '0' && line[end] <= '9');
      address = address || line[end] == '@';
      ++end;
    }
    std::string_view word = line.substr(at, end - at);
    at = end;
    while (!word.empty() && is_edge(word.back())) {
      word.remove_suffix(1);
    }
    while (!word.empty() && is_edge(word.front())) {
      word.remove_prefix(1);
    }
    if (address || (digit && word.size() >= kShortest)) {
      take(word);
    }
  }
}

}  // namespace podplay::logs
