// Blocks of 512 octets: a header, then the content, filled up with zeros. Two blocks of zeros end
// it.
#include "control/journeys/tar_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace podplay::control {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kLongestName = 100;
// Of the octal number of 11 digits.
constexpr std::uint64_t kLargest = 077777777777ULL;

using Header = std::array<char, kBlock>;

void set(Header& header, std::size_t at, std::string_view text) {
  std::memcpy(header.data() + at, text.data(), text.size());
}

std::size_t padding(std::uint64_t size) { return (kBlock - size % kBlock) % kBlock; }

// "30 mtime=1700000000\n": the length counts itself.
std::string record(std::string_view name, std::string_view value) {
  const std::size_t rest = name.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (rest + std::to_string(length).size() != length) {
    ++length;
  }
  return fmt::format("{} {}={}\n", length, name, value);
}

std::unexpected<Error> failed(const std::string& path, const char* what) {
  return fail(ErrorKind::io, "export_file",
              fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)),
              "is the volume of the state full?");
}

}  // namespace

Result<std::unique_ptr<TarFile>> TarFile::create(const std::string& path) {
  ::unlink(path.c_str());
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    return failed(path, "create");
  }
  return std::unique_ptr<TarFile>(new TarFile(fd, path));
}

TarFile::~TarFile() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

Status TarFile::put(std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t count = ::write(fd_, octets.data(), octets.size());
    if (count < 0 && errno != EINTR) {
      return failed(path_, "write");
    }
    const auto done = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    size_ += done;
    octets.remove_prefix(done);
  }
  return {};
}

Status TarFile::header(const std::string& name, std::uint64_t size, WallTime changed, char type) {
  Header block{};
  set(block, 0, std::string_view(name).substr(0, kLongestName));
  set(block, 100, "0000600");
  set(block, 108, "0000000");
  set(block, 116, "0000000");
  set(block, 124, fmt::format("{:011o}", size));
  const auto seconds = std::max<std::int64_t>(to_millis(changed) / 1000, 0);
  set(block, 136, fmt::format("{:011o}", std::min<std::uint64_t>(seconds, kLargest)));
  block[156] = type;
  set(block, 257,
      std::string_view("ustar\0"
                       "00",
                       8));
  // The sum of the header is made with blanks in its place.
  set(block, 148, "        ");
  unsigned sum = 0;
  for (const char c : block) {
    sum += static_cast<unsigned char>(c);
  }
  set(block, 148, std::string_view(fmt::format("{:06o}", sum) + '\0' + ' ').substr(0, 8));
  return put({block.data(), block.size()});
}

Status TarFile::begin(const std::string& path, std::uint64_t size, WallTime changed) {
  began_ = size_;
  missing_ = size;
  std::string extended;
  if (path.size() > kLongestName) {
    extended += record("path", path);
  }
  if (size > kLargest) {
    extended += record("size", std::to_string(size));
  }
  if (!extended.empty()) {
    TRY(header("PaxHeaders/file", extended.size(), changed, 'x'));
    TRY(put(extended));
    TRY(put(std::string(padding(extended.size()), '\0')));
  }
  return header(path, size > kLargest ? 0 : size, changed, '0');
}

Status TarFile::write(std::string_view piece) {
  if (piece.size() > missing_) {
    return fail(ErrorKind::internal, "export_file", "a file is longer than it was announced");
  }
  missing_ -= piece.size();
  return put(piece);
}

Status TarFile::end() {
  if (missing_ != 0) {
    return fail(ErrorKind::internal, "export_file", "a file is shorter than it was announced");
  }
  return put(std::string(padding(size_), '\0'));
}

Status TarFile::abandon() {
  if (::ftruncate(fd_, static_cast<off_t>(began_)) != 0 ||
      ::lseek(fd_, static_cast<off_t>(began_), SEEK_SET) < 0) {
    return failed(path_, "shorten");
  }
  size_ = began_;
  missing_ = 0;
  return {};
}

Status TarFile::add(const std::string& path, std::string_view content, WallTime changed) {
  TRY(begin(path, content.size(), changed));
  TRY(write(content));
  return end();
}

Result<std::uint64_t> TarFile::close() {
  TRY(put(std::string(2 * kBlock, '\0')));
  if (::fsync(fd_) != 0) {
    return failed(path_, "write");
  }
  ::close(std::exchange(fd_, -1));
  return size_;
}

}  // namespace podplay::control
