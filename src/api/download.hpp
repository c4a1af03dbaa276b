// A file as an answer, which is saved by who asked for it.
#pragma once

#include <string>
#include <string_view>

#include "api/request.hpp"

namespace podplay::api {

struct FileToSend {
  std::string path;
  // What a browser calls it.
  std::string name;
  std::size_t bytes = 0;
  std::string_view media_type;
};

// `missing`: what is answered when the file is gone. Fails with "too_many_downloads" while others
// use all places.
Result<Answer> file_answer(FileToSend file, Error missing);

}  // namespace podplay::api
