// A mailbox in pieces, for its person's own copy: the files of all folders, subscriptions and Sieve
// scripts, without the indexes that Dovecot makes itself. A message keeps its place in the order
// when it is read or flagged meanwhile, so it comes once.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"

namespace podplay::daemons {

// {mailbox, most, after?, began?, offset?} -> {files: [{path, size, mtime, offset, data} or {gone,
// offset}], next: {after, began, offset} or null, bytes}. The members of `next` are where the
// answer ended, and go into the next question. `most`: octets of content, at most 4 MiB. `data` is
// base64, `bytes` the size of the whole mailbox, and `mtime` is in milliseconds since 1970. `gone`:
// the file whose middle was to come is not there any more. `homes` is the folder of all mailboxes'
// homes.
Result<std::string> copy_mailbox(const std::string& homes, const nlohmann::json& arguments);

}  // namespace podplay::daemons
