#include "common/redis/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/matchers.h"

namespace arasta::redis {
namespace {

using ::arasta::testing::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RedisSettingsTest : public ::testing::Test {
 protected:
  absl::Status Read() {
    config::Config config(environment_, {});
    options_ = ReadOptions(config, "ARASTA_BUS", "the bus");
    return config.Finish();
  }
  // For an address alone, outside production.
  absl::Status Read(const std::string& address) {
    environment_ = {{"ARASTA_PROFILE", "test"}, {"ARASTA_BUS", address}};
    return Read();
  }
  std::string Problems() { return std::string(Read().message()); }

  config::Config::Environment environment_ = {{"ARASTA_PROFILE", "production"},
                                              {"ARASTA_BUS", "rediss://bus.example:6379"},
                                              {"ARASTA_BUS_CA", "/proc/self/exe"},
                                              {"ARASTA_BUS_USER", "order"},
                                              {"ARASTA_BUS_PASSWORD", "sesame"}};
  Options options_;
};

TEST_F(RedisSettingsTest, AreAllThatALoginByTlsNeeds) {
  ASSERT_THAT(Read(), IsOk());
  EXPECT_EQ(options_.address, "rediss://bus.example:6379");
  EXPECT_EQ(options_.authorities, "/proc/self/exe");
  EXPECT_EQ(options_.user, "order");
  EXPECT_EQ(options_.password, "sesame");
}

TEST_F(RedisSettingsTest, RefuseCleartextInProduction) {
  environment_["ARASTA_BUS"] = "bus.example:6379";
  EXPECT_THAT(Problems(), HasSubstr("ARASTA_BUS: cleartext"));
}

TEST_F(RedisSettingsTest, RefuseARedisForEverybodyInProduction) {
  environment_.erase("ARASTA_BUS_PASSWORD");
  environment_.erase("ARASTA_BUS_USER");
  EXPECT_THAT(Problems(), HasSubstr("ARASTA_BUS_PASSWORD is needed"));
}

TEST_F(RedisSettingsTest, TakeASocketOfThisMachineInProduction) {
  environment_ = {{"ARASTA_PROFILE", "production"}, {"ARASTA_BUS", "unix:/run/redis.sock"}};
  EXPECT_THAT(Read(), IsOk());
}

TEST_F(RedisSettingsTest, RefuseAUserWithoutAPassword) {
  environment_["ARASTA_PROFILE"] = "test";
  environment_.erase("ARASTA_BUS_PASSWORD");
  EXPECT_THAT(Problems(), HasSubstr("ARASTA_BUS_USER needs ARASTA_BUS_PASSWORD"));
}

TEST_F(RedisSettingsTest, TakeAddressesOfThreeKinds) {
  for (const char* good : {"127.0.0.1:6379", "bus:1", "rediss://bus.example:65535", "unix:/run/redis.sock"}) {
    EXPECT_THAT(Read(good), IsOk()) << good;
  }
  for (const char* bad : {"bus", "bus:", ":6379", "bus:0", "bus:65536", "bus:redis", "redis://bus:6379",
                          "rediss://bus", "rediss://bus:6379/0", "unix:redis.sock"}) {
    EXPECT_THAT(Read(bad), Not(IsOk())) << bad;
  }
}

TEST_F(RedisSettingsTest, DoNotRepeatAPasswordThatIsInTheAddress) {
  for (const char* bad : {"rediss://order:sesame@bus:6379", "sesame@bus:6379"}) {
    EXPECT_THAT(std::string(Read(bad).message()), AllOf(HasSubstr("ARASTA_BUS"), Not(HasSubstr("sesame"))));
  }
}

TEST_F(RedisSettingsTest, MayBeOfNoRedisWhereThatIsOptional) {
  config::Config config({{"ARASTA_PROFILE", "production"}}, {});
  EXPECT_EQ(ReadOptionalOptions(config, "ARASTA_CACHE_REDIS", "the cache").address, "");
  EXPECT_THAT(config.Finish(), IsOk());
}

}  // namespace
}  // namespace arasta::redis
