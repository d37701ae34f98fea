// The built-in payment provider when it is slow: nobody waits for it, and what it was asked can be asked
// again.
#include "absl/time/clock.h"
#include "tests/integration/order/order_fixture.h"

namespace arasta::order {
namespace {

using SandboxTest = OrderFixture;

PaymentOperation Operation(const std::string& step) {
  return {.key = "order:" + step + ":1",
          .payment = "00000000-0000-8000-8000-000000000001",
          .currency = "EUR",
          .amount = 998,
          .token = "tok_approve"};
}

TEST_F(SandboxTest, IsSlowWithEverythingWhereItShallBe) {
  SandboxProvider slow(book_, absl::Hours(1), true);
  using Ask = Verdict (PaymentProvider::*)(const Call&, const PaymentOperation&);
  const std::pair<Ask, std::string> questions[] = {{&PaymentProvider::Authorize, "authorise"},
                                                   {&PaymentProvider::Capture, "capture"},
                                                   {&PaymentProvider::Refund, "refund"}};
  for (const auto& [ask, step] : questions) {
    const Call impatient = User(1).WithDeadline(absl::Now() + absl::Milliseconds(100));
    EXPECT_THAT((slow.*ask)(impatient, Operation(step)).status(),
                StatusIs(absl::StatusCode::kDeadlineExceeded))
        << step;
    const Verdict verdict = (sandbox_.*ask)(User(1), Operation(step));
    ASSERT_THAT(verdict, IsOk()) << step;
    EXPECT_FALSE(verdict->has_value()) << step;
  }
}

}  // namespace
}  // namespace arasta::order
