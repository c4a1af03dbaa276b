// Deleted mail and deleted web sites differ only in what gets them back.
#include "wire/deleted.hpp"

#include "wire/agent_result.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kMailRestoreFields[] = {
    {.name = "mailbox",
     .type = text,
     .required = true,
     .help = "The mailbox that gets the mail. Without any message it gets everything where it was; "
             "else the mail comes below the folder Restored/DATE, and nothing is overwritten",
     .example = R"("test@example.com")"},
};
constexpr FieldRow kSiteRestoreFields[] = {
    {.name = "site",
     .type = text,
     .required = true,
     .help = "The domain whose web site it becomes; it must have no pages of its own",
     .example = R"("example.com")"},
};

constexpr FieldRow kDeletedItemFields[] = {
    {.name = "id",
     .type = text,
     .required = true,
     .help = "Its name in the other requests",
     .example = R"("test@example.com-42")"},
    {.name = "name",
     .type = text,
     .required = true,
     .help = "The mailbox or domain that it was",
     .example = R"("test@example.com")"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision that deleted it",
     .example = "42"},
    {.name = "deleted",
     .type = text,
     .required = true,
     .help = "When it was deleted",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "erased_after",
     .type = text,
     .required = true,
     .help = "When retention erases it",
     .example = R"("2026-01-31T00:00:00Z")"},
    {.name = "bytes",
     .type = integer,
     .required = true,
     .help = "How much room it takes",
     .example = "1024"},
};

constexpr FieldRow kErasedFields[] = {
    {.name = "id",
     .type = text,
     .required = true,
     .help = "What was erased",
     .example = R"("test@example.com-42")"},
    {.name = "erased", .type = boolean, .required = true, .help = "Always true", .example = "true"},
};

KeptFolder kept_from(const Json& value) {
  return {.folder = value.at("folder").get<std::string>(),
          .name = value.at("name").get<std::string>(),
          .revision = value.at("revision").get<Revision>(),
          .deleted = from_millis(value.at("deleted").get<std::int64_t>()),
          .bytes = value.at("bytes").get<std::int64_t>()};
}

}  // namespace

const Shape kMailRestore{.name = "MailRestore",
                         .help = "The mailbox that gets the mail of a deleted one",
                         .fields = kMailRestoreFields};
const Shape kSiteRestore{.name = "SiteRestore",
                         .help = "The domain that gets a deleted web site",
                         .fields = kSiteRestoreFields};

const Shape kDeletedItem{
    .name = "DeletedItem",
    .help = "A deleted mailbox's mail or a deleted web site that is still kept",
    .fields = kDeletedItemFields};
const Shape kErased{.name = "Erased", .help = "What was erased forever", .fields = kErasedFields};

Result<KeptFolders> parse_kept_folders(const std::string& text) {
  return parse_result<KeptFolders>("list of deleted folders", text, [](const Json& value) {
    KeptFolders kept{.total = value.at("total").get<std::int64_t>()};
    for (const Json& folder : value.at("folders")) {
      kept.folders.push_back(kept_from(folder));
    }
    return kept;
  });
}

Result<ErasedFolders> parse_erased_folders(const std::string& text) {
  return parse_result<ErasedFolders>("answer to erasing", text, [](const Json& value) {
    return ErasedFolders{.erased = value.at("erased").get<std::int64_t>(),
                         .more = value.at("more").get<bool>()};
  });
}

Result<RestoredFolder> parse_restored_folder(const std::string& text) {
  return parse_result<RestoredFolder>("answer to restoring", text, [](const Json& value) {
    return RestoredFolder{.messages = integer_or(value, "messages", 0),
                          .into = value.at("into").get<std::string>()};
  });
}

}  // namespace podplay::wire
