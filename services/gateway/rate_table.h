// Token buckets by key, in memory of a fixed size that all workers share without a lock.
//
// A bucket is one number (GCRA): the time at which it will be full again. Taking a token moves it by the
// limit's interval; a bucket whose time has passed is full, as good as one that never was. So a key that
// has been idle can be forgotten at any time, and its slot given away, by exchanging the key alone.
//
// Where all slots that a key may use hold buckets that are not full, the key takes over the fullest, with
// what is missing in it: whatever number of keys there is, nobody gets a fresh bucket by pushing another out,
// and nobody is refused as long as the fullest of eight has a token. Two threads that exchange the same slot
// at once may charge one token to the wrong key; that is the whole price of having no lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "services/gateway/rate_limits.h"

namespace arasta::gateway {

// Thread-safe. Times are steady, in nanoseconds, and may differ a little from thread to thread.
class RateTable {
 public:
  static constexpr size_t kWays = 8;

  // What became of a token that was asked for.
  struct Decision {
    bool allowed = true;
    int64_t retry_ns = 0;  // from now until there will be a token
    int64_t full_ns = 0;   // and until the bucket will be full
    bool took_over = false;
  };

  // Of what was taken from a bucket lately, as much as is still missing in it.
  struct Taken {
    uint64_t key;
    size_t slot;
    int64_t ns;
  };

  // `sets` of kWays slots each, a power of two. The limit is one.
  explicit RateTable(const RateLimit& limit, size_t sets = 4096);

  Decision Take(uint64_t key, int64_t now_ns);

  // For one thread at a time: what was taken since it was last asked, of about `most` keys; the others come
  // next time.
  std::vector<Taken> Collect(size_t most, int64_t now_ns);
  // The bucket is emptier than was known: it won't be full before `full_ns`, and later by all that has been
  // taken since it was collected.
  void Lift(const Taken& taken, int64_t full_ns, int64_t now_ns);

  const RateLimit& limit() const { return limit_; }

 private:
  struct alignas(64) Set {
    std::array<std::atomic<uint64_t>, kWays> keys{};
    std::array<std::atomic<int64_t>, kWays> full_at{};
    std::array<std::atomic<int64_t>, kWays> taken{};  // since it was collected
  };

  struct Unmap {
    void operator()(Set* sets) const;

    size_t bytes = 0;
  };
  using Sets = std::unique_ptr<Set[], Unmap>;

  static Sets MapSets(size_t count);
  static size_t WayOf(Set& set, uint64_t key, int64_t now_ns, bool& took_over);
  void MarkActive(size_t set);
  void CollectSet(size_t set, int64_t now_ns, std::vector<Taken>& taken);

  const RateLimit limit_;
  const uint64_t placement_;  // odd, and unknown to those who choose keys
  const int set_bits_;
  const Sets sets_;
  // A bit for every set from which something was taken.
  std::vector<std::atomic<uint64_t>> active_;
  size_t next_to_collect_ = 0;
};

}  // namespace arasta::gateway
