// A tar archive that is written piece by piece, in the format of POSIX.1-2001 (pax), which every
// tar reads. Paths that the old header cannot hold stand in an extended header before it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace podplay::control {

// Owned by one thread. Without close(), the file is no whole archive.
class TarFile {
 public:
  // Replaces a file that is there. Only its owner may read it.
  static Result<std::unique_ptr<TarFile>> create(const std::string& path);
  ~TarFile();
  TarFile(const TarFile&) = delete;
  TarFile& operator=(const TarFile&) = delete;

  // A whole file.
  Status add(const std::string& path, std::string_view content, WallTime changed);
  // A file in pieces, whose sizes add up to `size`.
  Status begin(const std::string& path, std::uint64_t size, WallTime changed);
  Status write(std::string_view piece);
  Status end();
  // Takes the file back that was begun: it turned out to be another one.
  Status abandon();
  // The end of the archive, on disk. Returns its size in bytes.
  Result<std::uint64_t> close();

 private:
  explicit TarFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  Status put(std::string_view octets);
  Status header(const std::string& name, std::uint64_t size, WallTime changed, char type);

  int fd_;
  const std::string path_;
  // Where the file that was begun begins, and what of it is still to come.
  std::uint64_t began_ = 0;
  std::uint64_t missing_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace podplay::control
