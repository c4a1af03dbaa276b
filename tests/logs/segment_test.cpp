#include "logs/segment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logs/frame_index.hpp"
#include "logs/log_folder.hpp"
#include "logs/segment_reader.hpp"

namespace podplay::logs {
namespace {

std::string read_all(const SegmentReader& reader) {
  std::string text;
  for (std::uint64_t at = 0; at < reader.size();) {
    const auto block = reader.read_from(at);
    if (block.lines.empty()) {
      break;
    }
    text += block.lines;
    at = block.offset + block.lines.size();
  }
  return text;
}

std::string read_back(const SegmentReader& reader) {
  std::string text;
  for (std::uint64_t at = reader.size(); at > 0;) {
    const auto block = reader.read_before(at);
    if (block.lines.empty()) {
      break;
    }
    text = block.lines + text;
    at = block.offset;
  }
  return text;
}

TEST(SegmentTest, NamesSayTheState) {
  Segment segment;
  EXPECT_TRUE(read_segment_name("postfix.log", segment));
  EXPECT_EQ(segment, (Segment{.log = "postfix", .plain = true}));
  EXPECT_TRUE(read_segment_name("postfix.20260131T120000123Z.log.zst", segment));
  EXPECT_EQ(segment, (Segment{.log = "postfix", .time = "20260131T120000123Z", .sealed = true}));
  EXPECT_EQ(plain_name(segment), "postfix.20260131T120000123Z.log");
  EXPECT_EQ(sealed_name(segment), "postfix.20260131T120000123Z.log.zst");
  EXPECT_EQ(index_name(segment), "postfix.20260131T120000123Z.idx");
  for (const char* name :
       {"postfix.20260131T120000123Z.log.zst.part", "postfix.log.1", "postfix.2026.log", "x.idx",
        ".log", "postfix", "a b.log", "postfix.20260131T12000012xZ.log"}) {
    EXPECT_FALSE(read_segment_name(name, segment)) << name;
  }
}

TEST(SegmentTest, ListsByTimeWithTheCurrentOneLast) {
  const LogFolder folder;
  folder.write("a.log", "x\n");
  folder.write("a.20260131T120000000Z.log.zst", "x");
  folder.write("a.20260131T120000000Z.idx", "x");
  folder.write("a.20260130T120000000Z.log", "x\n");
  folder.write("a.20260129T120000000Z.idx", "left behind");
  folder.write("b.log", "x\n");
  const auto segments = list_segments(folder.mail());
  ASSERT_TRUE(segments);
  std::vector<std::string> names;
  for (const Segment& segment : *segments) {
    names.push_back(plain_name(segment));
  }
  EXPECT_THAT(names, testing::ElementsAre("a.20260130T120000000Z.log", "a.20260131T120000000Z.log",
                                          "a.log", "b.log"));
  EXPECT_TRUE(list_segments(folder.root() + "/none")->empty());
}

TEST(SegmentTest, SealedLinesAreTheSame) {
  const LogFolder folder;
  const std::string text = LogFolder::lines(0, 60000);
  folder.write("a.20260131T235959500Z.log", text);
  ASSERT_TRUE(seal_segment(folder.mail() + "/a.20260131T235959500Z.log"));
  EXPECT_FALSE(folder.has("a.20260131T235959500Z.log"));
  EXPECT_FALSE(folder.has("a.20260131T235959500Z.log.zst.part"));
  const Segment segment{.log = "a", .time = "20260131T235959500Z", .sealed = true};
  const auto reader = SegmentReader::open(folder.mail(), segment);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->size(), text.size());
  EXPECT_TRUE(read_all(*reader) == text);
  EXPECT_TRUE(read_back(*reader) == text);
  const Frame* frame = reader->frame_at(0, false);
  ASSERT_NE(frame, nullptr);
  EXPECT_EQ(frame->first, LogFolder::time(0));
  EXPECT_EQ(frame->levels, level_bit(Level::info));
  const std::string tool = "zstd -dcq " + folder.mail() + "/" + sealed_name(segment) +
                           " 2>/dev/null | cmp -s - " + folder.mail() + "/copy";
  folder.write("copy", text);
  if (std::system("command -v zstd >/dev/null") == 0) {
    EXPECT_EQ(std::system(tool.c_str()), 0) << "zstd -dc reads a sealed log";
  }
  EXPECT_TRUE(seal_segment(folder.mail() + "/a.20260131T235959500Z.log")) << "sealed already";
}

TEST(SegmentTest, EachStepOfSealingMayBeTheLast) {
  const std::string text = LogFolder::lines(0, 30000);
  const std::string name = "a.20260131T235959500Z";
  const Segment segment{.log = "a", .time = "20260131T235959500Z"};
  // What is there after each step: parts half written, parts whole, the index renamed, both.
  for (int step = 0; step < 4; ++step) {
    const LogFolder folder;
    folder.write(name + ".log", text);
    ASSERT_TRUE(seal_segment(folder.mail() + "/" + name + ".log"));
    const auto part = [&](const char* end) {
      std::filesystem::rename(folder.mail() + "/" + name + end,
                              folder.mail() + "/" + name + end + ".part");
    };
    if (step < 3) {
      part(".log.zst");
    }
    if (step < 2) {
      part(".idx");
    }
    if (step == 0) {
      std::filesystem::resize_file(folder.mail() + "/" + name + ".log.zst.part", 1000);
    }
    folder.write(name + ".log", text);
    const auto segments = list_segments(folder.mail());
    ASSERT_EQ(segments->size(), 1U) << step;
    const auto before = SegmentReader::open(folder.mail(), segments->front());
    EXPECT_TRUE(read_all(*before) == text) << step;
    ASSERT_TRUE(seal_segment(folder.mail() + "/" + name + ".log")) << step;
    EXPECT_FALSE(folder.has(name + ".log"));
    EXPECT_FALSE(folder.has(name + ".idx.part"));
    const auto after = SegmentReader::open(folder.mail(), segment);
    EXPECT_TRUE(read_all(*after) == text) << step;
    EXPECT_TRUE(read_all(*before) == text) << "who has it open reads on";
  }
}

TEST(SegmentTest, ADamagedIndexIsNotUsed) {
  const LogFolder folder;
  const std::string text = LogFolder::lines(0, 60000);
  const std::string name = "a.20260131T235959500Z";
  folder.write(name + ".log", text);
  ASSERT_TRUE(seal_segment(folder.mail() + "/" + name + ".log"));
  const Segment segment{.log = "a", .time = "20260131T235959500Z"};
  const std::string index = folder.mail() + "/" + name + ".idx";
  for (const int at : {0, 9, 17, 25, 40, 100}) {
    std::fstream file(index, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char octet = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(octet ^ 0x55));
    file.flush();
    EXPECT_TRUE(read_all(*SegmentReader::open(folder.mail(), segment)) == text) << at;
    file.seekp(at);
    file.put(octet);
  }
  std::filesystem::resize_file(index, 50);
  EXPECT_TRUE(read_all(*SegmentReader::open(folder.mail(), segment)) == text);
  std::filesystem::remove(index);
  EXPECT_TRUE(read_all(*SegmentReader::open(folder.mail(), segment)) == text);
}

TEST(SegmentTest, ATruncatedFrameIsLeftOut) {
  const LogFolder folder;
  const std::string text = LogFolder::lines(0, 60000);
  const std::string name = "a.20260131T235959500Z";
  folder.write(name + ".log", text);
  ASSERT_TRUE(seal_segment(folder.mail() + "/" + name + ".log"));
  const std::string frames = folder.mail() + "/" + name + ".log.zst";
  std::filesystem::resize_file(frames, std::filesystem::file_size(frames) - 100);
  const Segment segment{.log = "a", .time = "20260131T235959500Z"};
  const auto reader = SegmentReader::open(folder.mail(), segment);
  const std::string left = read_all(*reader);
  EXPECT_GE(left.size(), 1U << 20);
  EXPECT_TRUE(text.starts_with(left));
  EXPECT_TRUE(read_back(*reader) == left);
  std::filesystem::resize_file(frames, 10);
  EXPECT_EQ(read_all(*SegmentReader::open(folder.mail(), segment)), "");
}

TEST(SegmentTest, ALineThatIsBeingWrittenIsNotThereYet) {
  const LogFolder folder;
  folder.write("a.log", "one\ntwo\nthr");
  const auto file = std::make_shared<LogFile>(folder.mail() + "/a.log");
  EXPECT_EQ(read_all(*SegmentReader::of_current(file)), "one\ntwo\n");
  const LogFolder other;
  other.write("a.log", std::string(100000, 'x'));
  EXPECT_EQ(SegmentReader::of_current(std::make_shared<LogFile>(other.mail() + "/a.log"))->size(),
            0U);
}

TEST(FrameIndexTest, WordsThatPeopleLookFor) {
  std::vector<std::string> words;
  for_each_indexed_word(
      "4cXyZ12abc: to=<Alice@example.test>, relay=mx[192.0.2.15]:25, said: ok 12.",
      [&](std::string_view word) { words.emplace_back(word); });
  EXPECT_THAT(words, testing::ElementsAre("4cXyZ12abc", "Alice@example.test", "192.0.2.15"));
  EXPECT_EQ(word_hash("Alice@Example.test"), word_hash("alice@example.test"));
}

TEST(FrameIndexTest, AFilterNeverLosesAWord) {
  std::vector<std::uint64_t> hashes;
  for (int i = 0; i < 20000; ++i) {
    hashes.push_back(word_hash(fmt::format("queue-id-{}", i)));
  }
  const WordFilter filter(hashes);
  int wrong = 0;
  for (int i = 0; i < 20000; ++i) {
    EXPECT_TRUE(filter.may_have(hashes[static_cast<std::size_t>(i)]));
    wrong += filter.may_have(word_hash(fmt::format("other-id-{}", i))) ? 1 : 0;
  }
  EXPECT_LT(wrong, 600);
}

}  // namespace
}  // namespace podplay::logs
