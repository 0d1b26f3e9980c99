// Reading the members of stored documents: what is missing keeps its default, what is unknown is
// passed over (a newer release may have written it), what has the wrong type is an error.
// Inside src/model only.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "model/server.h"

namespace sallyport::model {

// The object that a document is. Errors: kCorrupt.
Result<nlohmann::json> parse_document(std::string_view document, std::string_view what);

// Collects the first error, so that a structure is read whole and checked once at its end.
// Borrows the object.
class FieldReader {
 public:
  // `what` names the structure in errors; REQUIRES: a literal.
  FieldReader(const nlohmann::json& object, const char* what);

  void text(const char* name, std::string& out);
  // Also an error if it is missing or empty.
  void required_text(const char* name, std::string& out);
  void boolean(const char* name, bool& out);
  void integer(const char* name, std::int64_t& out);
  void time(const char* name, WallTime& out);  // milliseconds since 1970
  void texts(const char* name, std::vector<std::string>& out);
  void integers(const char* name, std::vector<std::int64_t>& out);
  void tags(const char* name, std::vector<Tag>& out);
  // An object whose members are texts.
  void text_map(const char* name, std::map<std::string, std::string>& out);
  template <class TagType>
  void id(const char* name, StrongString<TagType>& out) {
    std::string value;
    required_text(name, value);
    out = StrongString<TagType>(std::move(value));
  }

  // A nested object, or null if it is missing.
  const nlohmann::json* object(const char* name);
  // The elements of an array of objects; empty if it is missing.
  std::vector<const nlohmann::json*> objects(const char* name);

  void fail(const char* name, std::string_view expected);
  // Takes over the error of a nested structure.
  void absorb(const FieldReader& nested);
  Result<void> result() const;

 private:
  const nlohmann::json* member(const char* name) const;

  const nlohmann::json& object_;
  const char* what_;
  std::optional<Error> error_;
};

nlohmann::json tags_to_json(const std::vector<Tag>& tags);

}  // namespace sallyport::model
