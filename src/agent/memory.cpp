// malloc_trim, and madvise on code. Most of a small agent is code of libraries that ran once: loading, the first handshake.
#include "agent/memory.hpp"

#include <malloc.h>
#include <sys/mman.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace podplay::agent {

void release_memory() {
  ::malloc_trim(0);
  std::FILE* maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  char line[512];
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char mode[5] = "";
    // Only code of files: it is never written, so that nothing can be lost.
    if (std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &begin, &end, mode) != 3 || std::strcmp(mode, "r-xp") != 0) continue;
    if (std::strchr(line, '/') != nullptr) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  std::fclose(maps);
}

}  // namespace podplay::agent
