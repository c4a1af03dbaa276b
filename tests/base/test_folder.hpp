// A folder that is removed with the test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace podplay::test {

class TestFolder {
 public:
  TestFolder() : path_(std::filesystem::temp_directory_path() / "podplay-test-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) {
      std::abort();
    }
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Damages a file like a disk that gives back wrong data: `size` octets from `from` on, or else the
// whole file.
inline void damage(const std::string& path, std::uintmax_t from = 0, std::uintmax_t size = 0) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(from));
  file << std::string(size == 0 ? std::filesystem::file_size(path) : size, 'x');
}

}  // namespace podplay::test
