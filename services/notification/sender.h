// Takes deliveries from the queue and brings each one step further: writes the mail, or sends it.
#pragma once

#include <optional>
#include <random>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/metrics/metrics.h"
#include "services/notification/contacts.h"
#include "services/notification/delivery_store.h"
#include "services/notification/renderer.h"
#include "services/notification/retry.h"
#include "services/notification/smtp_client.h"

namespace arasta::notification {

struct SenderOptions {
  // Shown beside the sender's address.
  std::string from_name;
  MailAddress from;
  // How long a delivery waits for a sender that died. An attempt that takes longer renews it.
  absl::Duration lease = absl::Seconds(10);
  // Between looks at a queue in which nothing was due.
  absl::Duration idle_wait = absl::Milliseconds(200);
};

// For one thread; replicas and threads have one each, and the queue keeps them apart.
class Sender {
 public:
  Sender(SenderOptions options, const SmtpOptions& smtp, const DeliveryStore& deliveries, Contacts& contacts,
         const Renderer& renderer, const Clock& clock);

  // One step of one delivery. False: nothing was due.
  absl::StatusOr<bool> RunOnce();

  // Steps until `stop`.
  void Run(std::stop_token stop);

 private:
  absl::Status Advance(const Call& call, const ClaimedDelivery& claimed);
  absl::Status Prepare(const Call& call, const ClaimedDelivery& claimed);
  absl::Status Send(const Call& call, const ClaimedDelivery& claimed);
  AttemptResult Attempt(const Call& call, const ClaimedDelivery& claimed, const MailAddress& to);
  absl::StatusOr<std::string> Write(const ClaimedDelivery& claimed, const MailAddress& to,
                                    const RenderedMessage& rendered) const;
  absl::Status Settle(const ClaimedDelivery& claimed, const NextStep& next,
                      const std::optional<AttemptResult>& attempt = std::nullopt);
  NextStep Again(const ClaimedDelivery& claimed, DeliveryState state, Trouble trouble, std::string reason);

  const SenderOptions options_;
  SmtpClient smtp_;
  const DeliveryStore& deliveries_;
  Contacts& contacts_;
  const Renderer& renderer_;
  const Clock& clock_;
  std::mt19937_64 random_{std::random_device{}()};
  metrics::Counter& sent_;
  metrics::Counter& transient_;
  metrics::Counter& permanent_;
  metrics::Histogram& smtp_seconds_;
};

}  // namespace arasta::notification
