#include <array>

#include "storage/embedded_index.h"

namespace sallyport::storage::index {

namespace {

// WITHOUT ROWID halves the pages that a commit writes; the index is local like the files it
// describes.
constexpr std::array<state::Migration, 2> kMigrations{{
    {1, R"(
CREATE TABLE storage_bucket (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_ms BIGINT NOT NULL
);
CREATE TABLE storage_object (
  bucket BIGINT NOT NULL,
  key BYTEA NOT NULL,
  location BIGINT NOT NULL,
  content BIGINT NOT NULL,
  size BIGINT NOT NULL,
  modified_ms BIGINT NOT NULL,
  etag TEXT NOT NULL,
  inode BIGINT NOT NULL,
  mtime_ns BIGINT NOT NULL,
  version BIGINT NOT NULL,
  content_type TEXT NOT NULL,
  metadata TEXT NOT NULL,
  PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE storage_intent (
  id BIGINT PRIMARY KEY,
  bucket BIGINT NOT NULL,
  key BYTEA NOT NULL,
  kind BIGINT NOT NULL,
  content BIGINT NOT NULL,
  inode BIGINT NOT NULL
) WITHOUT ROWID;
)"},
    // storage_object holds what a key shows; storage_version what lies under it, and the delete
    // markers. The least rank of a key is its newest version.
    {2, R"(
ALTER TABLE storage_bucket ADD COLUMN region TEXT NOT NULL DEFAULT '';
ALTER TABLE storage_bucket ADD COLUMN versioning BIGINT NOT NULL DEFAULT 0;
ALTER TABLE storage_object ADD COLUMN headers TEXT NOT NULL DEFAULT '{}';
ALTER TABLE storage_object ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
ALTER TABLE storage_object ADD COLUMN checksums TEXT NOT NULL DEFAULT '{}';
ALTER TABLE storage_object ADD COLUMN part_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE storage_object ADD COLUMN version_id TEXT NOT NULL DEFAULT '';
ALTER TABLE storage_object ADD COLUMN rank BIGINT NOT NULL DEFAULT 0;
CREATE TABLE storage_version (
  bucket BIGINT NOT NULL,
  key BYTEA NOT NULL,
  rank BIGINT NOT NULL,
  marker BIGINT NOT NULL,
  version_id TEXT NOT NULL,
  location BIGINT NOT NULL,
  content BIGINT NOT NULL,
  size BIGINT NOT NULL,
  modified_ms BIGINT NOT NULL,
  etag TEXT NOT NULL,
  inode BIGINT NOT NULL,
  mtime_ns BIGINT NOT NULL,
  version BIGINT NOT NULL,
  content_type TEXT NOT NULL,
  metadata TEXT NOT NULL,
  headers TEXT NOT NULL,
  tags TEXT NOT NULL,
  checksums TEXT NOT NULL,
  part_count BIGINT NOT NULL,
  PRIMARY KEY (bucket, key, rank)
) WITHOUT ROWID;
CREATE UNIQUE INDEX storage_version_id ON storage_version (bucket, key, version_id);
CREATE TABLE storage_upload (
  bucket BIGINT NOT NULL,
  key BYTEA NOT NULL,
  initiated_ms BIGINT NOT NULL,
  upload_id TEXT NOT NULL,
  content_type TEXT NOT NULL,
  metadata TEXT NOT NULL,
  headers TEXT NOT NULL,
  tags TEXT NOT NULL,
  PRIMARY KEY (bucket, key, initiated_ms, upload_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX storage_upload_id ON storage_upload (upload_id);
CREATE TABLE storage_part (
  upload_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  bucket BIGINT NOT NULL,
  content BIGINT NOT NULL,
  size BIGINT NOT NULL,
  modified_ms BIGINT NOT NULL,
  etag TEXT NOT NULL,
  checksums TEXT NOT NULL,
  PRIMARY KEY (upload_id, number)
) WITHOUT ROWID;
)"},
}};

}  // namespace

state::MigrationSet migrations() {
  return {"storage", kMigrations};
}

}  // namespace sallyport::storage::index
