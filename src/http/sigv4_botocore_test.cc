// Requests signed by botocore, verified here.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "http/sigv4.h"

namespace sallyport::http {
namespace {

// Prints a request a line-group: method, target, then "name: value" lines, then an empty line.
constexpr const char* kScript = R"PY(
import sys
from urllib.parse import urlsplit
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
key = Credentials('AKIDEXAMPLE', 'sEcReT/key+')
temporary = Credentials('ASIAEXAMPLE', 'sEcReT/key+', 'token/with+signs==')
def show(request):
    url = urlsplit(request.url)
    print(request.method)
    print((url.path or '/') + ('?' + url.query if url.query else ''))
    headers = dict(request.headers.items())
    headers.setdefault('Host', url.netloc)
    for name, value in headers.items():
        print(name + ': ' + (value.decode() if isinstance(value, bytes) else value))
    print()
def signed(auth, credentials, service, method, url, data=b'', headers=None, params=None, **kw):
    request = AWSRequest(method=method, url=url, data=data, headers=headers or {}, params=params or {})
    if 'S3' in auth.__name__:
        request.context['payload_signing_enabled'] = True
    auth(credentials, service, 'eu-central-1', **kw).add_auth(request)
    show(request.prepare())
for c in (key, temporary):
    signed(SigV4Auth, c, 'transfer', 'POST', 'http://127.0.0.1:4566/', b'{"MaxResults": 10}',
           {'X-Amz-Target': 'TransferService.ListServers', 'Content-Type': 'application/x-amz-json-1.1',
            'User-Agent': 'Boto3/1.26', 'X-Odd':  '  a   b  '})
    signed(SigV4Auth, c, 'iam', 'POST', 'http://localhost:4566/', b'{"MaxResults": 10}',
           {'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8'})
    signed(SigV4Auth, c, 'execute-api', 'GET', 'http://h.example/a%20b/./c//d/../e?x=1&y=%20&x=0', b'{"MaxResults": 10}')
    signed(SigV4QueryAuth, c, 'sts', 'GET', 'http://h.example/', b'', {}, {'Action': 'GetCallerIdentity', 'A b': 'c/d+~'})
    signed(S3SigV4Auth, c, 's3', 'PUT', 'http://127.0.0.1:4566/bucket/a%20b/%E3%81%82%2B..//%21%27%28%29%2A', b'{"MaxResults": 10}',
           {'x-amz-meta-name': 'value', 'Content-MD5': 'x'})
    signed(S3SigV4Auth, c, 's3', 'GET', 'http://bucket.localhost:4566/', b'{"MaxResults": 10}', {},
           {'list-type': '2', 'prefix': 'a b/\u3042+=&', 'delimiter': '/', 'acl': ''})
    signed(S3SigV4QueryAuth, c, 's3', 'GET', 'http://127.0.0.1:4566/bucket/a%20b/c%2Bd', b'', {},
           {'response-content-type': 'text/plain; x=y'}, expires=600)
)PY";

struct PipeCloser {
  void operator()(std::FILE* f) const { ::pclose(f); }
};

std::vector<HttpRequest> requests_of_botocore() {
  const std::string script =
      testing::TempDir() + "sallyport_sign_with_botocore_" + std::to_string(::getpid()) + ".py";
  std::ofstream(script) << kScript;
  const std::unique_ptr<std::FILE, PipeCloser> pipe(
      ::popen(("/usr/bin/python3 " + script).c_str(), "r"));
  std::vector<HttpRequest> out;
  std::vector<std::string> lines;
  char buffer[8192];
  while (std::fgets(buffer, sizeof buffer, pipe.get()) != nullptr) {
    std::string line = buffer;
    line.pop_back();
    if (!line.empty()) {
      lines.push_back(line);
      continue;
    }
    HttpRequest r;
    r.method = lines.at(0);
    r.target = lines.at(1);
    for (std::size_t i = 2; i < lines.size(); ++i) {
      const std::size_t colon = lines[i].find(": ");
      r.headers.add(lines[i].substr(0, colon), lines[i].substr(colon + 2));
    }
    out.push_back(std::move(r));
    lines.clear();
  }
  return out;
}

TEST(SigV4Botocore, WhatBotocoreSignsVerifies) {
  const std::vector<HttpRequest> requests = requests_of_botocore();
  ASSERT_EQ(requests.size(), 14u);
  const SecretString secret("sEcReT/key+");
  const WallTime now = SystemClock().wall();
  std::size_t presigned_count = 0;
  for (const HttpRequest& r : requests) {
    const auto presented = parse_authorization(r);
    ASSERT_TRUE(presented.ok()) << r.method << " " << r.target << ": " << presented.error().message;
    presigned_count += presented->presigned;
    EXPECT_EQ(presented->region, "eu-central-1");
    EXPECT_EQ(presented->session_token,
              presented->access_key == "ASIAEXAMPLE" ? "token/with+signs==" : "");
    const std::string hash = presented->is_s3()     ? presented->content_sha256
                             : presented->presigned ? sha256_hex("")
                                                    : sha256_hex("{\"MaxResults\": 10}");
    const auto verified = verify(*presented, r, hash, secret, now);
    EXPECT_TRUE(verified.ok()) << r.method << " " << r.target << ": " << verified.error().message;
    EXPECT_FALSE(verify(*presented, r, hash, SecretString("sEcReT/key-"), now).ok());
    HttpRequest moved = r;
    moved.target.insert(1, "x");
    EXPECT_FALSE(verify(*presented, moved, hash, secret, now).ok());
  }
  EXPECT_EQ(presigned_count, 4u);
}

}  // namespace
}  // namespace sallyport::http
