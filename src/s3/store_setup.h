// A remote store's parts, made of what the settings say of it (config::StoreSection).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/store_section.h"
#include "s3/body_proof.h"
#include "s3/key_sources.h"
#include "s3/place.h"
#include "s3/sts.h"

namespace sallyport::s3 {

// Errors of all: kInvalidArgument naming the setting.

Result<Place> place_of(const std::string& name, const config::StoreSection& section);

// By default CRC-32C where the store is of amazonaws.com: others may not know the header, or refuse
// the upload for it.
Result<BodyCheck> body_check_of(const std::string& name, const config::StoreSection& section);

// Where roles are assumed: `sts_endpoint`; by default https://sts.REGION.amazonaws.com for a store
// of amazonaws.com, for another the store's own endpoint. Account numbers go out of role ARNs by
// default where the store is not of amazonaws.com: Ceph knows no role by an ARN that has one.
Result<StsOptions> sts_options_of(const std::string& name, const config::StoreSection& section);

// `tools.pool` trusts what the section's ca_file says, and had better have key_pool_options().
Result<std::unique_ptr<KeySource>> make_key_source(const std::string& name,
                                                   const config::StoreSection& section,
                                                   const KeyTools& tools,
                                                   const Environment& environment);

// For STS and the services on the machine: near, quick, and everybody waits for them.
http::PoolOptions key_pool_options();

}  // namespace sallyport::s3
