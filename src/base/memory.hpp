// Gives back memory that only the start or a rare large message needed.
#pragma once

namespace podplay {

// Gives back free heap pages and pages of program code. Code that is used again is mapped again
// from the page cache.
void release_memory();

}  // namespace podplay
