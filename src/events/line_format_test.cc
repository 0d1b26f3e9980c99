#include "events/line_format.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sallyport::events {
namespace {

constexpr std::string_view kArn =
    "arn:aws:transfer:us-east-1:111122223333:server/s-0123456789abcdef0";

ServerEvent event(std::string type,
                  std::vector<std::pair<std::string_view, std::string>> fields = {}) {
  ServerEvent out;
  out.activity_type = std::move(type);
  out.fields = std::move(fields);
  return out;
}

struct Sample {
  ServerEvent event;
  bool errors_stream;
  std::string_view text;
};

// The lines that AWS's user guide and troubleshooting pages show, with other values, and between
// them the activities of which they show none.
std::vector<Sample> samples() {
  return {
      {event("CONNECTED", {{"session-id", "0f1e2d3c4b5a69788796"},
                           {"role", "arn:aws:iam::111122223333:role/demo"},
                           {"user", "ann"},
                           {"home-dir", "/demo-bucket/ann"},
                           {"user-policy", "{}"},
                           {"source-ip", "203.0.113.100"},
                           {"client", "SSH-2.0-OpenSSH_8.1"},
                           {"kex", "ecdh-sha2-nistp256"},
                           {"ciphers", "aes128-gcm@openssh.com,aes128-gcm@openssh.com"},
                           {"macs", "<implicit>,<implicit>"},
                           {"ssh-public-key", "AAAAB3Nza"},
                           {"ssh-public-key-type", "ssh-rsa"},
                           {"ssh-public-key-fingerprint", "SHA256:abc"},
                           {"proxy-protocol-v2-header", "applied"}}),
       false,
       "CONNECTED SourceIP=203.0.113.100 User=ann HomeDir=/demo-bucket/ann "
       "Client=SSH-2.0-OpenSSH_8.1 Role=arn:aws:iam::111122223333:role/demo "
       "Kex=ecdh-sha2-nistp256 Ciphers=aes128-gcm@openssh.com,aes128-gcm@openssh.com "
       "ProxyProtocolV2Header=applied"},
      {event("DISCONNECTED", {{"session-id", "0f1e2d3c4b5a69788796"}}), false, "DISCONNECTED"},
      {event("ERROR", {{"message", "Access denied"}, {"session-id", "0f1e2d3c4b5a69788796"}}),
       false, R"(ERROR Message="Access denied")"},
      {event("ERROR", {{"operation", "CLOSE"},
                       {"path", "/bucket/user/test.txt"},
                       {"message", "Access denied"},
                       {"bytes-in", "13"},
                       {"request-id", "AB12EXAMPLE"},
                       {"s3extended-request-id", "ZmFrZQ=="}}),
       false,
       R"(ERROR Message="Access denied" Operation=CLOSE Path=/bucket/user/test.txt BytesIn=13)"},
      {event("AUTH_FAILURE", {{"method", "publickey"},
                              {"user", "ann"},
                              {"source-ip", "203.0.113.100"},
                              {"message", "Authentication failure"}}),
       true,
       R"(ERRORS AUTH_FAILURE Method=publickey User=ann Message="The user is unrecognized" )"
       "SourceIP=203.0.113.100"},
      {event("AUTH_FAILURE",
             {{"method", "publickey"},
              {"user", "ann"},
              {"source-ip", "203.0.113.100"},
              {"message", "RSA SHA256:Z8puNdFSK3j8NggyyW2E5IttgYRoIkOAGtYm2uRJcHY"}}),
       true,
       "ERRORS AUTH_FAILURE Method=publickey User=ann "
       R"(Message="RSA SHA256:Z8puNdFSK3j8NggyyW2E5IttgYRoIkOAGtYm2uRJcHY" )"
       "SourceIP=203.0.113.100"},
      {event("KEX_FAILURE", {{"source-ip", "203.0.113.100"},
                             {"message", "no matching host key type found"},
                             {"kex", "ssh-rsa,ssh-dss"}}),
       true,
       R"(ERRORS KEX_FAILURE Message="no matching host key type found" Kex=ssh-rsa,ssh-dss )"
       "SourceIP=203.0.113.100"},
      {event("OPEN", {{"path", "/demo-bucket/ann/a.csv"}, {"mode", "CREATE|TRUNCATE|WRITE"}}),
       false, "OPEN Path=/demo-bucket/ann/a.csv Mode=CREATE|TRUNCATE|WRITE"},
      {event("CLOSE", {{"path", "/demo-bucket/ann/a.csv"}, {"bytes-out", "121"}}), false,
       "CLOSE Path=/demo-bucket/ann/a.csv BytesOut=121"},
      {event("PARTIAL_CLOSE", {{"path", "/demo-bucket/ann/a.csv"}, {"bytes-in", "7"}}), false,
       "PARTIAL_CLOSE Path=/demo-bucket/ann/a.csv BytesIn=7"},
      {event("DELETE", {{"path", "/demo-bucket/ann/a.csv"}}), false,
       "DELETE Path=/demo-bucket/ann/a.csv"},
      {event("RENAME", {{"path", "/demo-bucket/ann/a"}, {"new-path", "/demo-bucket/ann/b"}}), false,
       "RENAME Path=/demo-bucket/ann/a NewPath=/demo-bucket/ann/b"},
      {event("CREATE_SYMLINK",
             {{"link-path", "/demo-bucket/l"}, {"target-path", "/demo-bucket/t"}}),
       false, "CREATE_SYMLINK LinkPath=/demo-bucket/l TargetPath=/demo-bucket/t"},
      {event("EXIT_REASON", {{"message", "Idle timeout"}, {"session-id", "0f1e"}}), false,
       R"(EXIT_REASON Message="Idle timeout")"},
  };
}

TEST(TextLine, IsWordForWordAsTheDocumentsShowIt) {
  for (const Sample& sample : samples()) {
    EXPECT_EQ(text_line(sample.event, sample.errors_stream), sample.text);
  }
}

TEST(JsonLine, SaysAllThatTheTextSaysAndMore) {
  for (const Sample& sample : samples()) {
    const auto json = nlohmann::json::parse(json_line(sample.event, kArn));
    EXPECT_EQ(json["activity-type"], sample.event.activity_type);
    EXPECT_EQ(json["resource-arn"], kArn);
    EXPECT_EQ(json.size(), sample.event.fields.size() + 2);
    for (const auto& [key, value] : sample.event.fields) EXPECT_EQ(json[std::string(key)], value);
  }
}

TEST(TextLine, LeavesOutWhatIsEmptyAndWhatTheFormatDoesNotKnow) {
  EXPECT_EQ(
      text_line(event("CLOSE", {{"path", "/b/a"}, {"bytes-in", ""}, {"shoe-size", "43"}}), false),
      "CLOSE Path=/b/a");
}

// Splits a text line as a reader would: at blanks outside quotes.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && quoted) {
      out.back().append(line.substr(i++, 2));
    } else if (line[i] == ' ' && !quoted) {
      out.emplace_back();
    } else {
      if (line[i] == '"') quoted = !quoted;
      out.back().push_back(line[i]);
    }
  }
  EXPECT_FALSE(quoted) << line;
  return out;
}

TEST(TextLine, AValueCannotForgeALineOrAField) {
  const std::string_view hostile[] = {
      "x BytesIn=0",
      "x\nERRORS AUTH_FAILURE Method=publickey",
      "x\r\nDISCONNECTED",
      "x\" SourceIP=\"198.51.100.1",
      "\" BytesIn=0",
      "x\\",
      "x\\\" BytesIn=0",
      "x\tBytesIn=0",
      std::string_view("x\0 BytesIn=0", 12),
      "x\x1b[2K\x7f",
      "x\xc2\x85"
      "DISCONNECTED",  // NEL
      "x\xe2\x80\xa8"
      "DISCONNECTED",  // line separator
      "x\xc2\xa0"
      "BytesIn=0",  // no-break space
      "x\xe2\x80\xae"
      "0=nIsetyB",      // right-to-left override
      "x\xef\xbb\xbf",  // byte order mark
      "\xff\xfe BytesIn=0",
  };
  for (const std::string_view value : hostile) {
    const std::string line = text_line(
        event("ERROR", {{"path", std::string(value)}, {"message", std::string(value)}}), false);
    const auto words = words_of(line);
    ASSERT_EQ(words.size(), 3u) << line;
    EXPECT_EQ(words[1].substr(0, 9), "Message=\"") << line;
    EXPECT_EQ(words[2].substr(0, 6), "Path=\"") << line;
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line;
    for (const std::string_view bad :
         {"\x7f", "\xc2\x85", "\xe2\x80\xa8", "\xc2\xa0", "\xe2\x80\xae"})
      EXPECT_EQ(line.find(bad), std::string::npos) << line;
    // What stands between the quotes is JSON's notation, and gives the value back.
    const auto back = nlohmann::json::parse(words[2].substr(5), nullptr, false);
    ASSERT_TRUE(back.is_string()) << line;
    if (value[0] != '\xff') {
      EXPECT_EQ(back.get<std::string>(), value);
    }
  }
}

TEST(TextLine, LeavesOrdinaryNamesAsTheyAre) {
  for (const std::string_view name :
       {"/b/grün.csv", "/b/日本.csv", "/b/a=b&c", "/b/it's", "/b/😀"}) {
    EXPECT_EQ(text_line(event("DELETE", {{"path", std::string(name)}}), false),
              "DELETE Path=" + std::string(name));
  }
  EXPECT_EQ(text_line(event("DELETE", {{"path", "/b/two words"}}), false),
            R"(DELETE Path="/b/two words")");
}

TEST(TextLine, CutsWhatIsTooLongInsideTheQuotes) {
  const std::string line =
      text_line(event("ERROR", {{"message", std::string(20'000, 'x')}, {"path", "/b/a"}}), false);
  EXPECT_LT(line.size(), 8'400u);
  EXPECT_TRUE(line.ends_with("…\" Path=/b/a")) << line.substr(line.size() - 40);
}

}  // namespace
}  // namespace sallyport::events
