// The resources that exports and imports move, one row a kind.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "api/transfer/context.h"

namespace sallyport::api {

// What a kind needs beside its Create, Update and Describe operations.
struct MovedExtras {
  // Adds to a shown resource what its Describe operation leaves out.
  void (*complete)(const nlohmann::json& document, nlohmann::json& shown) = nullptr;
  // Gives members that a Describe operation calls otherwise the names that requests have, and takes
  // out what the service gave; of what is in the file and of what is here.
  void (*rename)(nlohmann::json& shown) = nullptr;
  // Takes out of a Create request what `settle` does.
  void (*prepare)(nlohmann::json& request) = nullptr;
  // Whether members that no Update takes differ; they are named in `members`.
  void (*compare)(const nlohmann::json& want, const nlohmann::json& have,
                  nlohmann::json& differences) = nullptr;
  // After a Create (`have` is null) or Update: what takes calls of its own.
  Task<Outcome<Done>> (*settle)(const TransferContext& context, nlohmann::json want,
                                nlohmann::json have) = nullptr;
};

struct MovedKind {
  std::string_view member;    // in a Describe operation's answer: "User"
  std::string_view plural{};  // in a List operation's: "Users"; empty where there is none
  std::string_view kind;      // in the store
  std::string_view id;        // the member that names it
  bool of_server = false;     // ServerId names the server it belongs to
  // Operations; `update` may be empty. `create` empty: a resource beside Transfer Family, moved as
  // the document of the store.
  std::string_view create{}, update{}, describe{};
  // The member that holds a secret, of the Create request or of the document; where the store has
  // it sealed; and under which context. Without secrets resources are exported without it, and of a
  // `secret_needed` kind nothing can be made.
  std::string_view secret{}, sealed{};
  std::string (*seal_context)(std::string_view parent, std::string_view id) = nullptr;
  bool secret_needed = false;
  bool update_in_parts = false;  // an Update gets only the members that differ
  const MovedExtras* extras = nullptr;
};

// In the order in which they can be made.
std::span<const MovedKind> moved_kinds();

}  // namespace sallyport::api
