// A sender in a process of its own, for tests that kill it: works until nothing is due.
//   lone_sender CONNINFO SMTP_URL, with ARASTA_CRASH_POINT in the environment
#include "tests/integration/notification/shop.h"

int main(int, char** argv) {
  using namespace arasta::notification;
  arasta::pg::Pool pool({.conninfo = argv[1]});
  const DeliveryStore deliveries(pool);
  FakeContacts contacts;
  const Renderer renderer(EmbeddedTemplates(), "Arasta");
  Sender sender({.from_name = "Arasta", .from = *MailAddress::Parse("shop@arasta.example")},
                {.url = argv[2], .require_tls = false}, deliveries, contacts, renderer, arasta::RealClock());
  while (sender.RunOnce().value_or(false)) {
  }
  return 0;
}
