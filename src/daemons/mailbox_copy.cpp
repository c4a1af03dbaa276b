// Only regular files are opened, and no link is followed: what stands in a home is the person's.
#include "daemons/mailbox_copy.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "model/names.hpp"

namespace podplay::daemons {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr std::int64_t kMostOctets = 4 << 20;
// Files of one answer.
constexpr std::size_t kMostFiles = 500;

struct Entry {
  // Does not change when a message is moved from new to cur, or flagged.
  std::string key;
  // Relative to the home.
  std::string path;
};

bool is_part(const std::string& folder) { return folder == "new" || folder == "cur"; }

// Dovecot's own files are not of the person.
bool is_own(const std::string& name) {
  return !name.starts_with("dovecot") && !name.starts_with(".dovecot") && name != "maildirsize" &&
         !name.ends_with(".svbin");
}

Entry entry_of(const fs::path& relative) {
  Entry entry{.key = relative.string(), .path = relative.string()};
  const fs::path folder = relative.parent_path();
  if (is_part(folder.filename().string())) {
    const std::string name = relative.filename().string();
    entry.key = (folder.parent_path() / name.substr(0, name.find(":2,"))).string();
  }
  return entry;
}

struct Listing {
  std::vector<Entry> entries;
  std::int64_t bytes = 0;
};

// The files behind `after`, in order, and the size of all.
Listing list_files(const fs::path& home, const std::string& after) {
  Listing listing;
  std::error_code error;
  for (fs::recursive_directory_iterator at(home, error), end; !error && at != end;
       at.increment(error)) {
    const fs::path relative = at->path().lexically_relative(home);
    const std::string name = relative.filename().string();
    std::error_code unknown;
    const fs::file_status status = at->symlink_status(unknown);
    if (fs::is_directory(status)) {
      // Messages that are being written.
      if (name == "tmp") {
        at.disable_recursion_pending();
      }
      continue;
    }
    if (!fs::is_regular_file(status) || !is_own(name)) {
      continue;
    }
    listing.bytes += static_cast<std::int64_t>(at->file_size(unknown));
    Entry entry = entry_of(relative);
    if (entry.key > after) {
      listing.entries.push_back(std::move(entry));
    }
  }
  std::ranges::sort(listing.entries, {}, &Entry::key);
  return listing;
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) {
    if (fd_ >= 0 && (::fstat(fd_, &status_) != 0 || !S_ISREG(status_.st_mode))) {
      ::close(fd_);
      fd_ = -1;
    }
  }
  ~OpenFile() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  bool is_open() const { return fd_ >= 0; }
  std::int64_t size() const { return status_.st_size; }
  std::int64_t changed() const {
    return static_cast<std::int64_t>(status_.st_mtim.tv_sec) * 1000 +
           status_.st_mtim.tv_nsec / 1'000'000;
  }
  // Shorter only when the file ends.
  std::string read(std::int64_t offset, std::int64_t most) const {
    std::string data(static_cast<std::size_t>(std::max<std::int64_t>(most, 0)), '\0');
    std::size_t have = 0;
    while (have < data.size()) {
      const ssize_t count = ::pread(fd_, data.data() + have, data.size() - have,
                                    static_cast<off_t>(offset) + static_cast<off_t>(have));
      if (count <= 0) {
        break;
      }
      have += static_cast<std::size_t>(count);
    }
    data.resize(have);
    return data;
  }

 private:
  int fd_;
  struct stat status_{};
};

std::int64_t number_argument(const Json& arguments, const char* name) {
  const auto found = arguments.find(name);
  return found != arguments.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::string text_argument(const Json& arguments, const char* name) {
  const auto found = arguments.find(name);
  return found != arguments.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

Result<std::string> copy_mailbox(const std::string& homes, const Json& arguments) {
  TRY(const auto mailbox, EmailAddress::parse_own(text_argument(arguments, "mailbox"), "mailbox"));
  const fs::path home = fs::path(homes) / mailbox.text();
  const std::int64_t most =
      std::clamp<std::int64_t>(number_argument(arguments, "most"), 1, kMostOctets);
  std::int64_t offset = std::max<std::int64_t>(number_argument(arguments, "offset"), 0);
  std::string after = text_argument(arguments, "after");
  Listing listing = list_files(home, after);
  // The file before ended in its middle: it comes first again.
  const std::string began = text_argument(arguments, "began");
  Json files = Json::array();
  std::int64_t left = most;
  Json next;
  for (std::size_t i = 0; i < listing.entries.size(); ++i) {
    const Entry& entry = listing.entries[i];
    if (left <= 0 || files.size() >= kMostFiles) {
      next = Json{{"after", after}, {"offset", 0}, {"began", ""}};
      break;
    }
    // Of another file than the one that was begun: that one is gone.
    if (offset > 0 && entry.key != began) {
      files.push_back({{"gone", true}, {"offset", offset}});
      offset = 0;
    }
    const OpenFile file((home / entry.path).string());
    if (!file.is_open()) {
      if (offset > 0) {
        files.push_back({{"gone", true}, {"offset", offset}});
      }
      offset = 0;
      after = entry.key;
      continue;
    }
    const std::int64_t wanted = std::min(left, file.size() - offset);
    const std::string data = file.read(offset, wanted);
    if (static_cast<std::int64_t>(data.size()) != std::max<std::int64_t>(wanted, 0)) {
      // It became shorter while it was read.
      files.push_back({{"gone", true}, {"offset", offset}});
      offset = 0;
      after = entry.key;
      continue;
    }
    files.push_back({{"path", entry.path},
                     {"size", file.size()},
                     {"mtime", file.changed()},
                     {"offset", offset},
                     {"data", base64(data)}});
    left -= static_cast<std::int64_t>(data.size());
    offset += static_cast<std::int64_t>(data.size());
    if (offset < file.size()) {
      next = Json{{"after", after}, {"offset", offset}, {"began", entry.key}};
      break;
    }
    offset = 0;
    after = entry.key;
  }
  // The one that was begun is gone, and nothing comes after it.
  if (offset > 0 && next.is_null()) {
    files.push_back({{"gone", true}, {"offset", offset}});
  }
  return json_text(
      Json{{"files", std::move(files)}, {"next", std::move(next)}, {"bytes", listing.bytes}});
}

}  // namespace podplay::daemons
