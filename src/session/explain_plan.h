// What each verb of a session asks the policies for. Session asks as it goes; this is the same as a
// table, for explanations, and a test runs every verb against every set of rights to see that the
// two agree. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iam/permit.h"
#include "session/view.h"

namespace sallyport::session {

// As clients of SFTP type them.
enum class Verb : std::uint8_t { kLs, kStat, kGet, kPut, kMkdir, kRmdir, kRm, kRename };
inline constexpr std::array kVerbs{Verb::kLs,    Verb::kStat,  Verb::kGet, Verb::kPut,
                                   Verb::kMkdir, Verb::kRmdir, Verb::kRm,  Verb::kRename};
std::string_view verb_name(Verb verb);
std::optional<Verb> find_verb(std::string_view name);

// One question to the policies. `key` as the action's scope wants it.
struct Ask {
  iam::Action action{};
  std::string bucket;
  std::string key;
};

// One of these rights is enough.
struct Need {
  std::vector<Ask> any_of;
  // Without it the verb goes on all the same, and `why` says what is lost.
  bool optional = false;
  std::string_view why;
};

// What is at a location, as far as the asker may know.
enum class Content : std::uint8_t { kUnknown, kMissing, kFile, kDirectory };
std::string_view content_name(Content content);

// A folder below a listed one, as a key that ends in "/".
struct Folder {
  std::string key;
  bool marker = false;  // an object of this key is there
};

// What a plan depends on beside the rights.
struct Site {
  Location location;
  Content content = Content::kUnknown;
  // Of the location's listing, where folders' markers are looked at; its own first.
  std::vector<Folder> folders;
  // Of rename: the new name.
  Location target;
  Content target_content = Content::kUnknown;
};

struct Plan {
  // Set: refused whatever the rights are, in words that say why.
  std::string refused;
  std::vector<Need> needs;  // in the order in which they are asked for
};

// REQUIRES for kLs: not the listing of a kVirtual location, which is a stat of each child.
Plan plan_of(Verb verb, const Site& site);

}  // namespace sallyport::session
