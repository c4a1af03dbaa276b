// The answers that nouns share: one object, a page of them, a write.
#pragma once

#include <string>
#include <vector>

#include "api/query.hpp"
#include "api/request.hpp"
#include "control/change.hpp"
#include "control/watch/revisions.hpp"
#include "wire/aliases.hpp"
#include "wire/domains.hpp"
#include "wire/users.hpp"

namespace podplay::api {

// {"state", "services": [{service, host, state, stage, daemon, message}]}
Json applied_json(const control::RevisionOutcome& outcome);

// A list that has one page only.
Answer list_answer(Json items);

// `next` is the cursor of the page after this one. It is null when this page is not full.
template <class T>
Answer page_answer(const std::vector<T>& items, const Page& page, Json (*shape)(const T&),
                   std::int64_t (*key)(const T&)) {
  Answer answer = list_answer(Json::array());
  for (const T& item : items) {
    answer.body["items"].push_back(shape(item));
  }
  if (static_cast<std::int64_t>(items.size()) == page.limit) {
    answer.body["next"] = std::to_string(key(items.back()));
  }
  return answer;
}

// The same for a list that is ordered by a text, which no two of its rows share.
template <class T>
Answer page_answer(const std::vector<T>& items, const Page& page, Json (*shape)(const T&),
                   const std::string& (*key)(const T&)) {
  Answer answer = list_answer(Json::array());
  for (const T& item : items) {
    answer.body["items"].push_back(shape(item));
  }
  if (static_cast<std::int64_t>(items.size()) == page.limit) {
    answer.body["next"] = key(items.back());
  }
  return answer;
}

// The page that read_search() asked for: `name` gives the address or name of a row.
template <class T>
Answer search_answer(const std::vector<T>& items, const Page& page, bool by_name,
                     Json (*shape)(const T&), const std::string& (*name)(const T&)) {
  if (by_name) {
    return page_answer<T>(items, page, shape, name);
  }
  return page_answer<T>(items, page, shape, [](const T& item) { return item.id; });
}

template <class T>
Result<Answer> object_answer(const Result<T>& object) {
  TRY(const auto& found, object);
  return Answer{.body = wire::to_json(found), .etag = control::etag_of(found.revision)};
}

// What a write gave, with its object as JSON.
using ChangedJson = control::Changed<Json>;
// The object and its revision. When the request waits, also the outcome at the services; if one of
// them refused, the answer is a problem (422) with the same content. For a dry run, what it found.
Result<Answer> write_answer(control::Context& context, const Request& request, ChangedJson changed);

template <class T>
Result<Answer> write_answer(control::Context& context, const Request& request,
                            Result<control::Changed<T>> changed, Json (*shape)(const T&)) {
  TRY(auto done, std::move(changed));
  return write_answer(context, request,
                      ChangedJson{.object = shape(done.object),
                                  .revision = done.revision,
                                  .services = std::move(done.services),
                                  .rehearsal = std::move(done.rehearsal),
                                  .warnings = std::move(done.warnings),
                                  .unchanged = done.unchanged});
}

template <class T>
Result<Answer> write_answer(control::Context& context, const Request& request,
                            Result<control::Changed<T>> changed) {
  return write_answer<T>(context, request, std::move(changed),
                         [](const T& object) { return wire::to_json(object); });
}

}  // namespace podplay::api
