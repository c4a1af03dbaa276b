// All numbers are little-endian. The file is a head (mark, number of frames, size of the file of
// frames, sum of the table), the table with one row of fixed size for each frame, and the filters.
#include "logs/frame_index.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "base/ascii.hpp"
#include "logs/line.hpp"

namespace podplay::logs {
namespace {

constexpr std::string_view kMark = "PPLOGIX1";
constexpr std::size_t kIndexTimeWidth = 24;
// offset, size, raw offset, raw size, two times, levels, filter's offset and size.
constexpr std::size_t kRow = 8 + 4 + 8 + 4 + (2 * kIndexTimeWidth) + 1 + 8 + 4;
constexpr std::uint64_t kMostFrames = 1U << 20;
// Of a filter for each word: about one wrong yes in a hundred.
constexpr std::size_t kBitsPerWord = 10;
constexpr unsigned kProbes = 5;

template <class Number>
void put(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) {
    out += static_cast<char>(number >> (8 * i) & 0xff);
  }
}

template <class Number>
Number get(std::string_view text, std::size_t at) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number |= static_cast<Number>(static_cast<Number>(static_cast<unsigned char>(text[at + i]))
                                  << (8 * i));
  }
  return number;
}

std::uint32_t sum_of(std::string_view text) {
  return static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const unsigned char*>(text.data()),
                                            static_cast<unsigned>(text.size())));
}

std::unexpected<Error> damaged() {
  return fail(ErrorKind::io, "index_damaged", "the index of a log is damaged",
              "nothing: the log is read without it");
}

}  // namespace

std::uint64_t word_hash(std::string_view word) {
  // FNV-1a, and a last mixing, since the probes use both halves.
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : word) {
    hash = (hash ^ static_cast<unsigned char>(lower(c))) * 1099511628211ULL;
  }
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15ULL;
  return hash ^ (hash >> 29);
}

std::vector<std::uint64_t> word_hashes(std::string_view text) {
  std::vector<std::uint64_t> hashes;
  for_each_indexed_word(text, [&](std::string_view word) { hashes.push_back(word_hash(word)); });
  return hashes;
}

WordFilter::WordFilter(const std::vector<std::uint64_t>& hashes) {
  bits_.assign(std::max<std::size_t>(8, hashes.size() * kBitsPerWord / 8), '\0');
  const std::uint64_t bits = bits_.size() * 8;
  for (const std::uint64_t hash : hashes) {
    for (unsigned i = 0; i < kProbes; ++i) {
      const std::uint64_t bit = (hash + (i * (hash >> 32 | 1))) % bits;
      char& octet = bits_[bit / 8];
      octet = static_cast<char>(static_cast<unsigned char>(octet) | (1U << (bit % 8)));
    }
  }
}

bool WordFilter::may_have(std::uint64_t hash) const {
  const std::uint64_t bits = bits_.size() * 8;
  for (unsigned i = 0; i < kProbes && bits > 0; ++i) {
    const std::uint64_t bit = (hash + (i * (hash >> 32 | 1))) % bits;
    if ((static_cast<unsigned char>(bits_[bit / 8]) >> (bit % 8) & 1U) == 0) {
      return false;
    }
  }
  return true;
}

Frame describe_frame(std::string_view lines, WordFilter& filter) {
  Frame frame{.raw_size = static_cast<std::uint32_t>(lines.size()), .levels = 0};
  std::vector<std::uint64_t> hashes;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    std::string_view words = line;
    if (const auto head = read_head(line)) {
      frame.levels |= level_bit(head->level);
      if (frame.first.empty() || head->time < frame.first) {
        frame.first = head->time;
      }
      if (head->time > frame.last) {
        frame.last = head->time;
      }
      words = head->rest;
    } else {
      frame.levels |= kHeadless;
    }
    for_each_indexed_word(words, [&](std::string_view word) { hashes.push_back(word_hash(word)); });
  }
  std::ranges::sort(hashes);
  hashes.erase(std::ranges::unique(hashes).begin(), hashes.end());
  filter = WordFilter(hashes);
  return frame;
}

std::string write_index(std::vector<Frame> frames, const std::vector<WordFilter>& filters) {
  const std::uint64_t table = kIndexHead + (frames.size() * kRow);
  std::string rows;
  std::string stored;
  std::uint64_t sealed_size = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    Frame& frame = frames[i];
    frame.filter_offset = table + stored.size();
    put(stored, sum_of(filters[i].stored()));
    stored += filters[i].stored();
    frame.filter_size = static_cast<std::uint32_t>(table + stored.size() - frame.filter_offset);
    put(rows, frame.offset);
    put(rows, frame.size);
    put(rows, frame.raw_offset);
    put(rows, frame.raw_size);
    for (std::string time : {frame.first, frame.last}) {
      time.resize(kIndexTimeWidth, '\0');
      rows += time;
    }
    put(rows, frame.levels);
    put(rows, frame.filter_offset);
    put(rows, frame.filter_size);
    sealed_size = frame.offset + frame.size;
  }
  std::string index(kMark);
  put(index, static_cast<std::uint64_t>(frames.size()));
  put(index, sealed_size);
  put(index, sum_of(rows));
  put(index, std::uint32_t{0});
  return index + rows + stored;
}

std::uint64_t table_size(std::string_view head) {
  if (head.size() < kIndexHead || !head.starts_with(kMark)) {
    return 0;
  }
  const auto count = get<std::uint64_t>(head, 8);
  return count > kMostFrames ? 0 : kIndexHead + (count * kRow);
}

Result<std::vector<Frame>> read_index(std::string_view table, std::uint64_t sealed_size) {
  if (table.size() < kIndexHead || table_size(table) != table.size() ||
      get<std::uint64_t>(table, 16) != sealed_size ||
      get<std::uint32_t>(table, 24) != sum_of(table.substr(kIndexHead))) {
    return damaged();
  }
  std::vector<Frame> frames;
  for (std::size_t at = kIndexHead; at < table.size(); at += kRow) {
    Frame frame{.offset = get<std::uint64_t>(table, at),
                .size = get<std::uint32_t>(table, at + 8),
                .raw_offset = get<std::uint64_t>(table, at + 12),
                .raw_size = get<std::uint32_t>(table, at + 20)};
    const auto time = [&](std::size_t where) {
      const std::string_view text = table.substr(where, kIndexTimeWidth);
      return std::string(text.substr(0, text.find('\0')));
    };
    frame.first = time(at + 24);
    frame.last = time(at + 24 + kIndexTimeWidth);
    const std::size_t rest = at + 24 + (2 * kIndexTimeWidth);
    frame.levels = get<std::uint8_t>(table, rest);
    frame.filter_offset = get<std::uint64_t>(table, rest + 1);
    frame.filter_size = get<std::uint32_t>(table, rest + 9);
    if (frame.offset + frame.size > sealed_size) {
      return damaged();
    }
    frames.push_back(std::move(frame));
  }
  return frames;
}

WordFilter read_filter(std::string_view stored) {
  if (stored.size() < 4 || get<std::uint32_t>(stored, 0) != sum_of(stored.substr(4))) {
    return {};
  }
  return WordFilter(std::string(stored.substr(4)));
}

}  // namespace podplay::logs
