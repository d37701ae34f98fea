#include "services/auth/refresh_token.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace arasta::auth {
namespace {

const RefreshTokenCodec kCodec("a key of thirty-two bytes, or so");

TEST(RefreshTokenCodecTest, DecodesWhatItEncoded) {
  const RefreshToken token{Uuid::V4(), 0x0102030405060708};
  const absl::optional<RefreshToken> decoded = kCodec.Decode(kCodec.Encode(token));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->session, token.session);
  EXPECT_EQ(decoded->counter, token.counter);
}

TEST(RefreshTokenCodecTest, GivesTheSameTextForTheSameStep) {
  const RefreshToken token{Uuid::V4(), 7};
  EXPECT_EQ(kCodec.Encode(token), kCodec.Encode(token));
  EXPECT_NE(kCodec.Encode(token), kCodec.Encode({token.session, 8}));
}

TEST(RefreshTokenCodecTest, RefusesEveryFlippedBit) {
  const std::string text = kCodec.Encode({Uuid::V4(), 7});
  for (size_t at = 0; at < text.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      EXPECT_FALSE(kCodec.Decode(flipped)) << at << " " << bit;
    }
  }
}

TEST(RefreshTokenCodecTest, RefusesEveryTruncationAndExtension) {
  const std::string text = kCodec.Encode({Uuid::V4(), 7});
  for (size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(kCodec.Decode(text.substr(0, size)));
  for (const char* tail : {"A", "=", "==", "AAAA", " ", "\n"}) EXPECT_FALSE(kCodec.Decode(text + tail));
  EXPECT_FALSE(kCodec.Decode(" " + text.substr(1)));
}

TEST(RefreshTokenCodecTest, RefusesForeignAndOversizedTokens) {
  EXPECT_FALSE(kCodec.Decode(RefreshTokenCodec("another key").Encode({Uuid::V4(), 7})));
  EXPECT_FALSE(kCodec.Decode(std::string(1 << 20, 'A')));
  EXPECT_FALSE(kCodec.Decode(std::string(76, 'A')));
}

}  // namespace
}  // namespace arasta::auth
