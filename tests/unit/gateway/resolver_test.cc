#include "services/gateway/resolver.h"

#include <gmock/gmock.h>

#include <atomic>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

using ::testing::ElementsAre;

// What a name server would say; other names are unknown.
class Names {
 public:
  void Set(const std::string& name, std::vector<std::string> addresses) {
    MutexLock lock(mutex_);
    names_[name] = std::move(addresses);
  }
  void Forget(const std::string& name) {
    MutexLock lock(mutex_);
    names_.erase(name);
  }
  Resolver::Lookup Lookup() {
    return [this](const std::string& name) -> absl::StatusOr<std::vector<SocketAddress>> {
      MutexLock lock(mutex_);
      const auto found = names_.find(name);
      if (found == names_.end()) return absl::UnavailableError(absl::StrCat(name, " is not known"));
      std::vector<SocketAddress> addresses;
      for (const std::string& address : found->second)
        addresses.push_back(SocketAddress::Parse(address).value());
      return addresses;
    };
  }

 private:
  Mutex mutex_;
  std::map<std::string, std::vector<std::string>> names_ ABSL_GUARDED_BY(mutex_);
};

std::vector<std::string> Text(const std::vector<SocketAddress>& addresses) {
  std::vector<std::string> text;
  for (const SocketAddress& address : addresses) text.push_back(address.ToString());
  return text;
}

std::vector<std::string> Text(const absl::StatusOr<std::vector<SocketAddress>>& addresses) {
  return addresses.ok() ? Text(*addresses)
                        : std::vector<std::string>{std::string(addresses.status().message())};
}

void TellNobody(const std::string&, const std::vector<SocketAddress>&) {}

TEST(ResolverTest, GivesAllAddressesOnceInOneOrder) {
  Names names;
  names.Set("a:1", {"10.0.0.2:1", "10.0.0.1:1"});
  names.Set("b:1", {"10.0.0.1:1"});
  Resolver resolver(names.Lookup(), absl::Hours(1), &TellNobody);
  EXPECT_THAT(Text(resolver.Resolve({"a:1", "b:1"})), ElementsAre("10.0.0.1:1", "10.0.0.2:1"));
  names.Set("a:1", {"10.0.0.1:1", "10.0.0.2:1"});
  EXPECT_THAT(Text(resolver.Resolve({"b:1", "a:1"})), ElementsAre("10.0.0.1:1", "10.0.0.2:1"));
}

TEST(ResolverTest, KeepsWhatItKnewOfANameThatFails) {
  Names names;
  Resolver resolver(names.Lookup(), absl::Hours(1), &TellNobody);
  EXPECT_EQ(resolver.Resolve({"a:1"}).status().code(), absl::StatusCode::kUnavailable);
  names.Set("a:1", {"10.0.0.1:1"});
  EXPECT_THAT(Text(resolver.Resolve({"a:1"})), ElementsAre("10.0.0.1:1"));
  names.Forget("a:1");
  EXPECT_THAT(Text(resolver.Resolve({"a:1"})), ElementsAre("10.0.0.1:1"));
  // One that was never known takes nothing from the other.
  EXPECT_THAT(Text(resolver.Resolve({"a:1", "b:1"})), ElementsAre("10.0.0.1:1"));
}

TEST(ResolverTest, LooksUpRealNames) {
  Resolver resolver(&SocketAddress::LookUp, absl::Hours(1), &TellNobody);
  EXPECT_THAT(Text(resolver.Resolve({"localhost:80"})), ::testing::Contains("127.0.0.1:80"));
  EXPECT_THAT(Text(resolver.Resolve({"127.0.0.1:80", "unix:/a"})), ElementsAre("127.0.0.1:80", "unix:/a"));
  for (const char* wrong : {"localhost", "localhost:", "localhost:http", "localhost:65536"}) {
    EXPECT_EQ(resolver.Resolve({wrong}).status().code(), absl::StatusCode::kInvalidArgument) << wrong;
  }
}

TEST(ResolverTest, TellsOfWhatIsWatchedAgainAndAgain) {
  Names names;
  names.Set("a:1", {"10.0.0.1:1"});
  Mutex mutex;
  std::map<std::string, std::vector<std::string>> told;
  const auto told_of = [&](const std::string& backend) {
    MutexLock lock(mutex);
    return told[backend];
  };
  Resolver resolver(names.Lookup(), absl::Milliseconds(5),
                    [&](const std::string& backend, const std::vector<SocketAddress>& addresses) {
                      MutexLock lock(mutex);
                      told[backend] = Text(addresses);
                    });
  resolver.Watch({{"shop", {"a:1"}}});
  EXPECT_TRUE(arasta::testing::Eventually([&] { return told_of("shop").size() == 1; }));
  names.Set("a:1", {"10.0.0.1:1", "10.0.0.2:1"});
  EXPECT_TRUE(arasta::testing::Eventually([&] { return told_of("shop").size() == 2; }));
  resolver.Watch({{"till", {"a:1"}}});
  EXPECT_TRUE(arasta::testing::Eventually([&] { return told_of("till").size() == 2; }));
}

// However many ask.
TEST(ResolverTest, LooksUpSoonerWhenAskedButNotAgainAndAgain) {
  const auto lookups = std::make_shared<std::atomic<int>>(0);
  const auto lookup = [lookups](const std::string&) -> absl::StatusOr<std::vector<SocketAddress>> {
    ++*lookups;
    return std::vector<SocketAddress>();
  };
  Resolver resolver(lookup, absl::Hours(1), &TellNobody);
  resolver.Watch({{"shop", {"a:1"}}});
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(arasta::testing::Eventually([&] { return resolver.LookUpSoon(), *lookups >= 3; }));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(500));
}

TEST(ResolverTest, WaitsForNoLookupThatHangs) {
  struct Gate {
    Mutex mutex;
    CondVar changed;
    bool entered = false, open = false;
  };
  const auto gate = std::make_shared<Gate>();
  const auto lookup = [gate](const std::string&) -> absl::StatusOr<std::vector<SocketAddress>> {
    MutexLock lock(gate->mutex);
    gate->entered = true;
    gate->changed.NotifyAll();
    while (!gate->open) gate->changed.Wait(gate->mutex);
    return std::vector<SocketAddress>();
  };
  {
    Resolver resolver(lookup, absl::ZeroDuration(),
                      [](const std::string&, const std::vector<SocketAddress>&) { FAIL() << "told"; });
    resolver.Watch({{"shop", {"a:1"}}});
    MutexLock lock(gate->mutex);
    while (!gate->entered) gate->changed.Wait(gate->mutex);
  }
  MutexLock lock(gate->mutex);
  gate->open = true;
  gate->changed.NotifyAll();
}

}  // namespace
}  // namespace arasta::gateway
