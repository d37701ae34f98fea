// Events from the bus and the messages that are rendered of them: payloads of every type we know, and
// variables of any shape.
#include <string>

#include "absl/strings/match.h"
#include "arasta/events/v1/events.pb.h"
#include "nlohmann/json.hpp"
#include "services/notification/event_messages.h"
#include "services/notification/message_template.h"
#include "services/notification/renderer.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

constexpr absl::string_view kTypes[] = {
    "arasta.order.v1.OrderPlaced",         "arasta.order.v1.OrderCancelled",
    "arasta.auth.v1.UserRegistered",       "arasta.auth.v1.SessionRevoked",
    "arasta.auth.v1.RegistrationRepeated", "arasta.order.v1.PaymentCaptured"};

const notification::Renderer& Renderer() {
  static const notification::Renderer renderer(notification::EmbeddedTemplates(), "Arasta");
  return renderer;
}

void Render(const std::string& message, const nlohmann::json& variables) {
  const auto rendered = Renderer().Render(message, "de-CH", variables);
  if (!rendered.ok()) return;
  Require(rendered->subject.find('\n') == std::string::npos, "a subject is a line");
  Require(!absl::StrContains(rendered->html, "<script"), "no value becomes markup");
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  fuzz::Input input(data, size);
  const uint8_t choice = input.Byte();
  events::v1::Envelope event;
  if (choice % 8 == 7) {
    if (!event.ParseFromString(std::string(input.rest()))) return 0;
  } else {
    event.set_type(std::string(fuzz::kTypes[choice % std::size(fuzz::kTypes)]));
    event.set_payload(std::string(input.rest()));
  }
  const auto message = notification::MessageFor(event);
  if (message.ok() && message->has_value()) fuzz::Render((*message)->message, (*message)->variables);

  const nlohmann::json variables = nlohmann::json::parse(input.rest(), nullptr, false);
  if (!variables.is_object()) return 0;
  const auto& templates = notification::MessageTemplates();
  fuzz::Render(templates[choice % templates.size()].name, variables);
  return 0;
}
