// Queries and percent-encoding as Signature Version 4 sees them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::http {

enum class Slash : bool { kEncode, kKeep };

// UriEncode: bytes other than A-Z a-z 0-9 - . _ ~ (and `/` when kept) become %XX.
void append_uri_encoded(std::string& out, std::string_view bytes, Slash slash);
// UriEncode of what the percent-encoded text stands for. A `%` that begins no escape stands for
// itself. `plus_is_space` is for queries.
void append_reencoded(std::string& out, std::string_view text, Slash slash, bool plus_is_space);

// Takes the next `name=value` off a raw query; false at its end. Empty fields are skipped.
bool next_query_field(std::string_view& query, std::string_view& name, std::string_view& value);
// The decoded value of the first parameter of that name; names that begin with X-Amz- are never
// encoded.
std::optional<std::string> find_query(std::string_view query, std::string_view name);

}  // namespace sallyport::http
