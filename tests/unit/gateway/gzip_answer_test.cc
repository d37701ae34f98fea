#include "services/gateway/gzip_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/support/gzip.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Gunzip;
using ::testing::Eq;
using ::testing::Lt;
using ::testing::Optional;
using ::testing::SizeIs;

TEST(TakesGzipTest, GoesByTheFieldsOfClients) {
  for (const char* accepted : {"gzip", "GZip", "gzip, deflate, br, zstd", "br,gzip", " gzip ;q=0.5",
                               "deflate;q=1, gzip;q=0.001", "gzip;x=0"}) {
    EXPECT_TRUE(TakesGzip(accepted)) << accepted;
  }
  for (const char* accepted : {"", "identity", "br", "*", "gzip;q=0", "gzip; Q=0.000", "gzipped", "x-gzip",
                               ",", "gzip;q=0, gzip", "identity;q=1"}) {
    EXPECT_FALSE(TakesGzip(accepted)) << accepted;
  }
}

std::string Text(size_t size) {
  std::minstd_rand random(7);
  std::string text;
  while (text.size() < size) text += "{\"name\":\"products/" + std::to_string(random() % 1000) + "\"},";
  text.resize(size);
  return text;
}

TEST(GzipTest, MakesMessagesSmallerThatAreWorthIt) {
  for (const size_t size : {1024u, 1025u, 2047u, 2048u, 5000u, 32'768u, 100'000u, 256u * 1024}) {
    const std::string text = Text(size);
    const absl::optional<std::string> gzip = Gzip(text);
    ASSERT_THAT(gzip, Optional(SizeIs(Lt(size / 2)))) << size;
    EXPECT_EQ(Gunzip(*gzip), text) << size;
  }
}

TEST(GzipTest, LeavesWhatIsSmallLargeOrNoTextAsItIs) {
  EXPECT_EQ(Gzip(""), absl::nullopt);
  EXPECT_EQ(Gzip(Text(1023)), absl::nullopt);
  EXPECT_EQ(Gzip(Text(256 * 1024 + 1)), absl::nullopt);
  std::mt19937 random(7);
  std::string noise(10'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  EXPECT_EQ(Gzip(noise), absl::nullopt);
}

TEST(GzipBodyTest, SaysWhatItHasDone) {
  HeaderBlock head;
  std::string body = Text(5000);
  GzipBody(true, body, head);
  EXPECT_EQ(Gunzip(body), Text(5000));
  EXPECT_THAT(head.Find("content-encoding"), Optional(Eq("gzip")));
  EXPECT_THAT(head.Find("vary"), Optional(Eq("accept-encoding")));
}

TEST(GzipBodyTest, TellsCachesOfAnswersThatOthersGetCompressed) {
  HeaderBlock head;
  std::string body = Text(5000);
  GzipBody(false, body, head);
  EXPECT_EQ(body, Text(5000));
  EXPECT_EQ(head.Find("content-encoding"), absl::nullopt);
  EXPECT_THAT(head.Find("vary"), Optional(Eq("accept-encoding")));
}

TEST(GzipBodyTest, SaysNothingOfWhatIsNotWorthIt) {
  HeaderBlock head;
  std::string body = "{}";
  GzipBody(true, body, head);
  EXPECT_EQ(body, "{}");
  EXPECT_TRUE(head.empty());
}

}  // namespace
}  // namespace arasta::gateway
