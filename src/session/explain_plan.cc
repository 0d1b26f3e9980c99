#include "session/explain_plan.h"

namespace sallyport::session {

namespace {

using iam::Action;

constexpr std::string_view kVerbNames[] = {"ls",    "stat",  "get", "put",
                                           "mkdir", "rmdir", "rm",  "rename"};
static_assert(std::size(kVerbNames) == kVerbs.size());

constexpr std::string_view kIsDirectory = "it is a directory, and this is for files";

Ask object(Action action, const Location& at) {
  return {action, at.bucket, at.key};
}
Ask listing(const Location& at) {
  return {Action::kListBucket, at.bucket, at.prefix()};
}

void add(Plan& plan, Ask ask, std::string_view why) {
  plan.needs.push_back({{std::move(ask)}, false, why});
}

// As find() of core.h looks for a file and then for a directory.
void add_look(Plan& plan, const Location& at, Content content, bool optional) {
  constexpr std::string_view kNotice = "to notice what is there already";
  if (!at.key.empty())
    plan.needs.push_back({{object(Action::kGetObject, at), object(Action::kListBucket, at)},
                          optional,
                          optional ? kNotice : "to see whether it is a file"});
  if (at.key.empty() || content != Content::kFile)
    plan.needs.push_back(
        {{listing(at)}, optional, optional ? kNotice : "to see whether it is a directory"});
}

Plan refused(std::string_view why) {
  Plan out;
  out.refused = why;
  return out;
}

bool is_no_file(const Location& at) {
  return at.is_certain_directory() || at.key.empty();
}

Plan plan_ls(const Site& site) {
  const Location& at = site.location;
  Plan out;
  if (at.kind == Location::Kind::kBuckets) {
    add(out, {Action::kListAllMyBuckets, {}, {}}, "to list the buckets");
    return out;
  }
  add(out, listing(at), "to list the directory");
  for (const Folder& folder : site.folders) {
    Need need{{{Action::kGetObject, at.bucket, folder.key}}, false, {}};
    need.why = "a listing looks at the marker object of each folder in it";
    // Where a folder has no marker, seeing that is enough.
    if (!folder.marker) need.any_of.push_back({Action::kListBucket, at.bucket, folder.key});
    out.needs.push_back(std::move(need));
  }
  return out;
}

Plan plan_stat(const Site& site) {
  Plan out;
  if (!site.location.is_certain_directory()) add_look(out, site.location, site.content, false);
  return out;
}

Plan plan_get(const Site& site) {
  if (is_no_file(site.location)) return refused(kIsDirectory);
  Plan out;
  add(out, object(Action::kGetObject, site.location), "to read the object");
  return out;
}

Plan plan_put(const Site& site) {
  if (is_no_file(site.location)) return refused(kIsDirectory);
  Plan out;
  add(out, object(Action::kPutObject, site.location), "to write the object");
  return out;
}

Plan plan_mkdir(const Site& site) {
  const Location& at = site.location;
  if (!at.is_object() || at.key.empty())
    return refused("it is a directory by configuration: nothing is to be made there");
  Plan out;
  add(out, {Action::kPutObject, at.bucket, at.prefix()}, "to write the folder's marker object");
  add_look(out, at, site.content, true);
  return out;
}

Plan plan_rmdir(const Site& site) {
  const Location& at = site.location;
  if (!at.is_object() || at.is_root || at.key.empty())
    return refused("it is a directory by configuration: it cannot be removed");
  Plan out;
  add(out, {Action::kDeleteObject, at.bucket, at.prefix()}, "to remove the folder's marker object");
  add(out, listing(at), "to see that it is empty");
  return out;
}

Plan plan_rm(const Site& site) {
  if (is_no_file(site.location)) return refused(kIsDirectory);
  Plan out;
  add(out, object(Action::kDeleteObject, site.location), "to remove the object");
  add_look(out, site.location, site.content, true);
  return out;
}

Plan plan_rename(const Site& site) {
  if (is_no_file(site.location)) return refused("directories cannot be renamed");
  if (is_no_file(site.target)) return refused("the new name is a directory");
  Plan out;
  add(out, object(Action::kGetObject, site.location), "to read the object");
  add(out, object(Action::kPutObject, site.target), "to write it under the new name");
  add(out, object(Action::kDeleteObject, site.location), "to remove the old name");
  add_look(out, site.location, site.content, false);
  add_look(out, site.target, site.target_content, true);
  return out;
}

}  // namespace

std::string_view verb_name(Verb verb) {
  return kVerbNames[static_cast<std::size_t>(verb)];
}

std::optional<Verb> find_verb(std::string_view name) {
  for (const Verb verb : kVerbs)
    if (verb_name(verb) == name) return verb;
  return std::nullopt;
}

std::string_view content_name(Content content) {
  switch (content) {
    case Content::kUnknown: return "unknown";
    case Content::kMissing: return "missing";
    case Content::kFile: return "file";
    case Content::kDirectory: return "directory";
  }
  return "unknown";
}

Plan plan_of(Verb verb, const Site& site) {
  switch (verb) {
    case Verb::kLs: return plan_ls(site);
    case Verb::kStat: return plan_stat(site);
    case Verb::kGet: return plan_get(site);
    case Verb::kPut: return plan_put(site);
    case Verb::kMkdir: return plan_mkdir(site);
    case Verb::kRmdir: return plan_rmdir(site);
    case Verb::kRm: return plan_rm(site);
    case Verb::kRename: return plan_rename(site);
  }
  return {};
}

}  // namespace sallyport::session
