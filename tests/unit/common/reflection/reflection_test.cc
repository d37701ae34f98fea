#include "common/reflection/reflection.h"

#include <google/protobuf/descriptor.pb.h>

#include "arasta/options/v1/options.pb.h"
#include "arasta/testing/v1/echo_service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace arasta::reflection {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class ReflectionTest : public ::testing::Test {
 protected:
  // Links the files that are asked for.
  ReflectionTest() {
    testing::v1::EchoRequest::descriptor();
    options::v1::Access::descriptor();
  }

  static std::vector<std::string> FilesOf(const Reflection::Response& response) {
    std::vector<std::string> names;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
    }
    return names;
  }
  std::vector<std::string> FilesWith(const std::string& symbol) const {
    Reflection::Request request;
    request.set_file_containing_symbol(symbol);
    return FilesOf(reflection_.Answer(request));
  }

  const Reflection reflection_{*google::protobuf::DescriptorPool::generated_pool(), {"b.Second", "a.First"}};
  const std::string kEcho = "arasta/testing/v1/echo_service.proto";
};

TEST_F(ReflectionTest, ListsTheServices) {
  Reflection::Request request;
  request.set_host("shop");
  request.set_list_services("*");
  const Reflection::Response response = reflection_.Answer(request);
  ASSERT_EQ(response.list_services_response().service_size(), 2);
  EXPECT_EQ(response.list_services_response().service(0).name(), "a.First");
  EXPECT_EQ(response.list_services_response().service(1).name(), "b.Second");
  EXPECT_EQ(response.valid_host(), "shop");
  EXPECT_EQ(response.original_request().list_services(), "*");
}

TEST_F(ReflectionTest, FindsTheFileOfASymbolWithAllItImports) {
  for (const char* symbol : {"arasta.testing.v1.EchoService", "arasta.testing.v1.EchoService.Echo",
                             "arasta.testing.v1.EchoRequest", "arasta.testing.v1.EchoRequest.text"}) {
    const std::vector<std::string> files = FilesWith(symbol);
    ASSERT_FALSE(files.empty()) << symbol;
    EXPECT_EQ(files[0], kEcho);
    EXPECT_THAT(files, Contains("arasta/options/v1/options.proto").Times(1));
    EXPECT_THAT(files, Contains("google/protobuf/descriptor.proto").Times(1));
  }
}

TEST_F(ReflectionTest, FindsAFileByNameAndByExtension) {
  Reflection::Request request;
  request.set_file_by_filename("google/protobuf/descriptor.proto");
  EXPECT_THAT(FilesOf(reflection_.Answer(request)), ElementsAre("google/protobuf/descriptor.proto"));
  request.mutable_file_containing_extension()->set_containing_type("google.protobuf.MethodOptions");
  request.mutable_file_containing_extension()->set_extension_number(options::v1::kAccessFieldNumber);
  EXPECT_THAT(FilesOf(reflection_.Answer(request)), Contains("arasta/options/v1/options.proto"));
}

TEST_F(ReflectionTest, NumbersTheExtensionsOfAType) {
  Reflection::Request request;
  request.set_all_extension_numbers_of_type("google.protobuf.MethodOptions");
  const Reflection::Response response = reflection_.Answer(request);
  EXPECT_EQ(response.all_extension_numbers_response().base_type_name(), "google.protobuf.MethodOptions");
  EXPECT_THAT(response.all_extension_numbers_response().extension_number(),
              Contains(options::v1::kAccessFieldNumber));
}

TEST_F(ReflectionTest, SaysWhatIsNotThere) {
  std::vector<Reflection::Request> requests(5);
  requests[0].set_file_by_filename("none.proto");
  requests[1].set_file_containing_symbol("no.Such");
  requests[2].mutable_file_containing_extension()->set_containing_type("no.Such");
  requests[3].set_all_extension_numbers_of_type("no.Such");
  requests[4].mutable_file_containing_extension()->set_containing_type("google.protobuf.MethodOptions");
  for (const Reflection::Request& request : requests) {
    EXPECT_EQ(reflection_.Answer(request).error_response().error_code(), 5) << request.ShortDebugString();
  }
  EXPECT_EQ(reflection_.Answer(Reflection::Request()).error_response().error_code(), 3);
}

}  // namespace
}  // namespace arasta::reflection
