// Parameters and columns in PostgreSQL's binary form. Inside src/state only.
#pragma once

#include <libpq-fe.h>

#include <array>
#include <span>
#include <vector>

#include "state/database.h"

namespace sallyport::state {

// The server's type of a bind; 0 for NULL, which it finds out itself.
Oid postgres_type_of(const Bind& bind);

// Parameters as libpq takes them; borrows from the binds. Does not move: values point inside.
class PostgresParameters {
 public:
  explicit PostgresParameters(std::span<const Bind> binds);
  PostgresParameters(const PostgresParameters&) = delete;
  PostgresParameters& operator=(const PostgresParameters&) = delete;

  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  std::vector<std::array<char, 8>> integers_;
  std::vector<const char*> values_;
  std::vector<int> lengths_, formats_;
};

class PostgresRow final : public Row {
 public:
  explicit PostgresRow(const PGresult* result) : result_(result) {}
  void move_to(int row) { row_ = row; }

  bool is_null(int column) const override;
  std::int64_t integer(int column) const override;
  std::string_view text(int column) const override;
  ByteView blob(int column) const override { return as_bytes(text(column)); }

 private:
  const PGresult* result_;
  int row_ = 0;
};

}  // namespace sallyport::state
