// A session and its refresh tokens: two auth processes, a client whose answers get lost and who asks again,
// at times from two tabs, and a thief with a copy.
#include <map>
#include <memory>

#include "services/auth/rotation.h"
#include "tests/chaos/simulation/process.h"
#include "tests/chaos/simulation/story.h"

namespace arasta::simulation {
namespace {

using auth::Rotation;
using auth::SessionState;

constexpr absl::Duration kStep = absl::Milliseconds(2);
constexpr absl::Duration kPatience = absl::Seconds(2);

// The session's row (services/auth/session_store.cc in memory).
class SessionRow {
 public:
  explicit SessionRow(World& world) : world_(world) {
    state_.rotated_time = world.now();
    state_.expire_time = world.now() + auth::SessionPolicy().absolute_life;
  }

  const SessionState& state() const { return state_; }

  // By compare-and-set on the counter decided upon.
  absl::StatusOr<bool> Step(int64_t counter, absl::Time now) {
    return world_.Ask<bool>([this, counter, now]() -> absl::StatusOr<bool> {
      const bool fits = state_.counter == counter && !state_.revoked;
      if (!fits && !world_.Has(Bug::kRotationReadThenWrite)) return false;
      world_.Trace("token ", counter, " is consumed");
      world_.Holds(Fact::kT1ConsumedOnce, ++consumed_[counter] == 1, "token ", counter, " twice");
      world_.Holds(Fact::kT2ReuseEndsTheFamily, !reused_, "token ", counter, " after the reuse");
      state_.counter = counter + 1;
      state_.rotated_time = now;
      return true;
    });
  }

  absl::Status Revoke() {
    const absl::Status status = world_.Transact([this]() -> absl::Status {
      if (!world_.Has(Bug::kReuseForgiven)) state_.revoked = true;
      return absl::OkStatus();
    });
    if (status.ok()) reused_ = true;
    return status;
  }

 private:
  World& world_;
  SessionState state_;
  std::map<int64_t, int> consumed_;
  bool reused_ = false;
};

// An auth process.
class AuthReplica {
 public:
  // The counter of the token handed out; 0: refused.
  using Answer = std::function<void(absl::StatusOr<int64_t>)>;

  AuthReplica(World& world, const std::string& name, SessionRow& row)
      : world_(world), row_(row), process_(world, name, [] {}) {}

  void Refresh(int64_t presented, const Answer& answer) {
    process_.Then(absl::ZeroDuration(), [this, presented, answer] {
      const SessionState state = row_.state();
      const absl::Time now = process_.Now();
      const Rotation rotation = auth::Decide(state, presented, auth::SessionPolicy(), now);
      process_.Then(kStep, [this, presented, answer, state, now, rotation] {
        Do(rotation, presented, state, now, answer);
      });
    });
  }

 private:
  void Do(Rotation rotation, int64_t presented, const SessionState& state, absl::Time now,
          const Answer& answer) {
    switch (rotation) {
      case Rotation::kStep: {
        const absl::StatusOr<bool> stepped = row_.Step(state.counter, now);
        if (!stepped.ok()) return Reply(answer, stepped.status());
        // Another use came first: decide again.
        return *stepped ? Reply(answer, state.counter + 1) : Refresh(presented, answer);
      }
      case Rotation::kRepeat:
        return Reply(answer, state.counter);
      case Rotation::kReuse: {
        const absl::Status revoked = row_.Revoke();
        return Reply(answer, revoked.ok() ? absl::StatusOr<int64_t>(0) : revoked);
      }
      case Rotation::kRefuse:
        return Reply(answer, 0);
    }
  }

  void Reply(const Answer& answer, const absl::StatusOr<int64_t>& counter) {
    world_.Send([answer, counter] { answer(counter); });
  }

  World& world_;
  SessionRow& row_;
  Process process_;
};

class SessionsStory : public Story {
 public:
  explicit SessionsStory(World& world) : world_(world) {
    Use();
    Steal();
  }

  void CheckSettled() override {}

 private:
  // The client refreshes when it feels like it; without an answer it asks again, with what it has.
  void Use() {
    if (token_ == 0) return;
    Present(token_, true);
    if (world_.random().PerMille(200)) Present(token_, true);
    const absl::Duration rest = absl::Seconds(world_.random().PerMille(300) ? 15 : 1);
    world_.In(kPatience + world_.random().Between(absl::ZeroDuration(), rest), [this] { Use(); });
  }

  void Present(int64_t token, bool own) {
    AuthReplica& replica = world_.random().PerMille(500) ? first_ : second_;
    const AuthReplica::Answer answer = [this, own](const absl::StatusOr<int64_t>& counter) {
      if (own && counter.ok()) token_ = *counter == 0 ? 0 : std::max(token_, *counter);
    };
    world_.Send([&replica, token, answer] { replica.Refresh(token, answer); });
  }

  void Steal() {
    if (world_.Strikes(Fault::kTheft, 100) && token_ != 0) {
      const absl::Duration hidden = world_.random().Between(absl::ZeroDuration(), absl::Seconds(30));
      world_.In(hidden, [this, copy = token_] { Present(copy, false); });
    }
    world_.In(absl::Seconds(2), [this] { Steal(); });
  }

  World& world_;
  SessionRow row_{world_};
  AuthReplica first_{world_, "auth-1", row_};
  AuthReplica second_{world_, "auth-2", row_};
  int64_t token_ = 1;  // 0: logged out
};

}  // namespace

std::unique_ptr<Story> BeginSessions(World& world) {
  return std::make_unique<SessionsStory>(world);
}

}  // namespace arasta::simulation
