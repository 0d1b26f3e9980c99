// aws-chunked bodies, signed and unsigned, with and without trailers. The first byte chooses.
#include <cstdlib>
#include <string>

#include "http/aws_chunked.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0];
  http::AwsChunkedDecoder::Options options;
  options.decoded_length = (choice >> 3) * 3;
  if ((choice & 1) != 0) options.trailers = {"x-amz-checksum-crc32c"};
  if ((choice & 2) != 0)
    options.seed = http::VerifiedSignature{
        {}, "20130524/us-east-1/s3/aws4_request", "20130524T000000Z", std::string(64, '0')};
  http::AwsChunkedDecoder decoder(std::move(options));
  ByteView in(data + 1, size - 1);
  const std::size_t piece = (choice & 4) != 0 ? 1 : in.size() + 1;
  Bytes out(piece);
  std::uint64_t produced = 0;
  while (!in.empty() && !decoder.failure()) {
    const ByteView part = in.first(std::min(piece, in.size()));
    const auto p = decoder.decode(part, out);
    if (p.consumed > part.size() || p.produced > out.size()) std::abort();
    if (p.consumed == 0 && p.produced == 0 && !decoder.failure()) std::abort();
    produced += p.produced;
    in = in.subspan(p.consumed);
  }
  decoder.end_of_input();
  if (produced > (choice >> 3) * 3) std::abort();
  if (decoder.done() == decoder.failure().has_value()) std::abort();
  return 0;
}
