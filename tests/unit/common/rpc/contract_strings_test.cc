// Every string of every request of the contracts: a control character is refused by the field's path, and
// what may hold line breaks, or is checked by its handler, is in the lists below.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "arasta/options/v1/options.pb.h"
#include "common/rpc/validate.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"

namespace arasta::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::ElementsAre;

constexpr int kMaxDepth = 6;

class ContractStringsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    google::protobuf::FileDescriptorSet set;
    std::ifstream file(CONTRACT, std::ios::binary);
    ASSERT_TRUE(set.ParseFromIstream(&file)) << CONTRACT;
    for (const auto& proto : set.file()) {
      const auto* built = pool_.BuildFile(proto);
      ASSERT_NE(built, nullptr) << proto.name();
      for (int s = 0; s < built->service_count(); ++s) {
        for (int m = 0; m < built->service(s)->method_count(); ++m) {
          requests_.insert(built->service(s)->method(m)->input_type());
        }
      }
    }
    for (const Descriptor* request : requests_) VisitRequest(request);
  }

  void VisitRequest(const Descriptor* request) {
    const std::unique_ptr<Message> message(factory_.GetPrototype(request)->New());
    Visit(*message, *message, "", 0);
  }

  // Puts a control character into each string at or below `part` of `request` in turn.
  void Visit(const Message& request, Message& part, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) return;
    const auto& reflection = *part.GetReflection();
    for (int i = 0; i < part.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = part.GetDescriptor()->field(i);
      const std::string path =
          absl::StrCat(prefix, prefix.empty() ? "" : ".", field->name(), field->is_repeated() ? "[0]" : "");
      if (field->type() == FieldDescriptor::TYPE_STRING) {
        Check(request, part, *field, path);
      } else if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
        if (field->options().GetExtension(options::v1::items_checked_by_handler)) {
          left_to_handlers_.insert(field->full_name());
          continue;
        }
        Message* const child = field->is_repeated() ? reflection.AddMessage(&part, field)
                                                    : reflection.MutableMessage(&part, field);
        Visit(request, *child, path, depth + 1);
        reflection.ClearField(&part, field);
      }
    }
  }

  void Check(const Message& request, Message& part, const FieldDescriptor& field, const std::string& path) {
    ++strings_;
    const bool multi_line = field.options().GetExtension(options::v1::multi_line);
    if (multi_line) multi_line_.insert(field.full_name());
    for (const char c : {'\0', '\r', '\n', '\x1b'}) {
      const bool allowed = multi_line && (c == '\r' || c == '\n');
      const auto& reflection = *part.GetReflection();
      if (field.is_repeated()) {
        reflection.AddString(&part, &field, std::string(1, c));
      } else {
        reflection.SetString(&part, &field, std::string(1, c));
      }
      const absl::Status status = Validate(request);
      EXPECT_EQ(Refuses(status, path), !allowed)
          << request.GetTypeName() << " " << path << ", character " << static_cast<int>(c);
      reflection.ClearField(&part, &field);
    }
  }

  static bool Refuses(const absl::Status& status, const std::string& path) {
    const auto details = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
    return details.has_value() &&
           absl::StrContains(std::string(*details), "must not contain control characters") &&
           absl::StrContains(std::string(*details), path);
  }

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  std::set<const Descriptor*> requests_;
  std::set<std::string> multi_line_, left_to_handlers_;
  int strings_ = 0;
};

TEST_F(ContractStringsTest, RefuseControlCharactersUnlessTheContractSaysOtherwise) {
  EXPECT_GT(strings_, 80);
  EXPECT_THAT(multi_line_,
              ElementsAre("arasta.catalog.v1.AdjustStockRequest.note", "arasta.catalog.v1.Attribute.value",
                          "arasta.catalog.v1.AttributeFilter.values", "arasta.catalog.v1.Product.description",
                          "arasta.catalog.v1.SearchProductsRequest.query",
                          "arasta.order.v1.CancelOrderRequest.reason"));
  EXPECT_THAT(left_to_handlers_, ElementsAre("arasta.catalog.v1.ImportProductsRequest.rows"));
}

}  // namespace
}  // namespace arasta::rpc
