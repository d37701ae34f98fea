#include "services/gateway/rate_table.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "common/base/hash.h"

namespace arasta::gateway {
namespace {

// Nothing here is published by these numbers but themselves.
constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr size_t kBits = 64;

uint64_t RandomOdd() {
  uint64_t bits = 0;
  std::memcpy(&bits, RandomBytes(sizeof bits).data(), sizeof bits);
  return bits | 1;
}

}  // namespace

RateTable::RateTable(const RateLimit& limit, size_t sets)
    : limit_(limit),
      placement_(RandomOdd()),
      set_bits_(std::countr_zero(sets)),
      sets_(MapSets(sets)),
      active_((sets + kBits - 1) / kBits) {}

// Pages of zeros, which are atomics of zero, and no memory as long as nobody writes to them: most tables have
// few keys.
RateTable::Sets RateTable::MapSets(size_t count) {
  const size_t bytes = count * sizeof(Set);
  void* const pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return Sets(static_cast<Set*>(pages), Unmap{bytes});
}

void RateTable::Unmap::operator()(Set* sets) const {
  munmap(sets, bytes);
}

// A free slot's bucket is full, so it needs no other treatment than one that was not used for long.
size_t RateTable::WayOf(Set& set, uint64_t key, int64_t now_ns, bool& took_over) {
  for (;;) {
    size_t fullest = 0;
    for (size_t way = 0; way < kWays; ++way) {
      if (set.keys[way].load(kRelaxed) == key) {
        took_over = false;
        return way;
      }
      if (set.full_at[way].load(kRelaxed) < set.full_at[fullest].load(kRelaxed)) fullest = way;
    }
    uint64_t before = set.keys[fullest].load(kRelaxed);
    took_over = set.full_at[fullest].load(kRelaxed) > now_ns;
    // Where somebody else was first, it may have been for this very key.
    if (set.keys[fullest].compare_exchange_strong(before, key, kRelaxed)) return fullest;
  }
}

RateTable::Decision RateTable::Take(uint64_t key, int64_t now_ns) {
  // The upper bits of a product depend on all of the key's.
  const size_t index = set_bits_ == 0 ? 0 : (key * placement_) >> (kBits - static_cast<size_t>(set_bits_));
  Set& set = sets_[index];
  Decision decision;
  const size_t way = WayOf(set, key, now_ns, decision.took_over);
  std::atomic<int64_t>& full_at = set.full_at[way];
  int64_t before = full_at.load(kRelaxed);
  int64_t after = 0;
  do {
    after = std::max(before, now_ns) + limit_.interval_ns;
    const int64_t beyond_ns = after - now_ns - limit_.depth_ns();
    if (beyond_ns > 0) return {false, beyond_ns, before - now_ns, decision.took_over};
  } while (!full_at.compare_exchange_weak(before, after, kRelaxed));
  set.taken[way].fetch_add(limit_.interval_ns, kRelaxed);
  MarkActive(index);
  decision.full_ns = after - now_ns;
  return decision;
}

// Should the bit be cleared just now, what was taken is collected along with the next token.
void RateTable::MarkActive(size_t set) {
  std::atomic<uint64_t>& word = active_[set / kBits];
  const uint64_t bit = uint64_t{1} << (set % kBits);
  if ((word.load(kRelaxed) & bit) == 0) word.fetch_or(bit, kRelaxed);
}

std::vector<RateTable::Taken> RateTable::Collect(size_t most, int64_t now_ns) {
  std::vector<Taken> taken;
  for (size_t i = 0; i < active_.size() && taken.size() < most; ++i) {
    const size_t word = next_to_collect_;
    next_to_collect_ = (word + 1) % active_.size();
    if (active_[word].load(kRelaxed) == 0) continue;
    for (uint64_t bits = active_[word].exchange(0, kRelaxed); bits != 0; bits &= bits - 1) {
      CollectSet(word * kBits + static_cast<size_t>(std::countr_zero(bits)), now_ns, taken);
    }
  }
  return taken;
}

void RateTable::CollectSet(size_t index, int64_t now_ns, std::vector<Taken>& taken) {
  Set& set = sets_[index];
  for (size_t way = 0; way < kWays; ++way) {
    if (set.taken[way].load(kRelaxed) == 0) continue;
    const int64_t missing_ns = set.full_at[way].load(kRelaxed) - now_ns;
    const int64_t ns = std::min(set.taken[way].exchange(0, kRelaxed), missing_ns);
    if (ns > 0) taken.push_back({set.keys[way].load(kRelaxed), index * kWays + way, ns});
  }
}

void RateTable::Lift(const Taken& taken, int64_t full_ns, int64_t now_ns) {
  Set& set = sets_[taken.slot / kWays];
  const size_t way = taken.slot % kWays;
  if (set.keys[way].load(kRelaxed) != taken.key) return;
  const int64_t lifted = std::min(full_ns + set.taken[way].load(kRelaxed), now_ns + 2 * limit_.depth_ns());
  std::atomic<int64_t>& full_at = set.full_at[way];
  int64_t before = full_at.load(kRelaxed);
  while (before < lifted && !full_at.compare_exchange_weak(before, lifted, kRelaxed)) {
  }
}

}  // namespace arasta::gateway
