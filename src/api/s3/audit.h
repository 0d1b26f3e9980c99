// What the audit log is told of S3 calls (AWS CloudTrail user guide, "Amazon S3 data events").
#pragma once

#include "api/audit.h"
#include "api/s3/routes.h"
#include "api/wire_error.h"

namespace sallyport::api {

// `note` may be null. Nothing of a signature or token gets into it.
void begin_s3_audit(AuditNote* note, const S3Request& request, const S3Route& route,
                    const model::Place& place);
void fail_s3_audit(AuditNote* note, const WireError& error);

}  // namespace sallyport::api
