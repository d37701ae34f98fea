// Calls to the shop through its gateway, as native gRPC. Methods are named as in the contract,
// "arasta.catalog.v1.CatalogService/SearchProducts". Not thread-safe.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace arasta::ctl {

// The reason of an error that comes from no shop at all.
inline constexpr char kUnreachable[] = "UNREACHABLE";

class ShopClient {
 public:
  // Cleartext where `tls_ca`, the PEM text of an authority, is empty. Connects with the first call.
  ShopClient(const std::string& address, const std::string& tls_ca);
  ~ShopClient();

  // Later calls carry it.
  void set_access_token(const std::string& token) { access_token_ = token; }

  // Takes ten seconds at most. Errors carry the shop's details.
  template <typename Response>
  absl::StatusOr<Response> Call(const std::string& method, const google::protobuf::Message& request) {
    Response response;
    if (absl::Status status = CallUnary(method, request, response); !status.ok()) return status;
    return response;
  }

  // A call whose requests are streamed: Write until it says no, then Finish. No deadline.
  class Upload {
   public:
    virtual ~Upload() = default;
    // False when the shop has ended the call; Finish tells why.
    virtual bool Write(const google::protobuf::Message& request) = 0;
    virtual absl::Status Finish(google::protobuf::Message& response) = 0;
  };
  std::unique_ptr<Upload> StartUpload(const std::string& method);

 private:
  struct Connection;
  class GrpcUpload;

  absl::Status CallUnary(const std::string& method, const google::protobuf::Message& request,
                         google::protobuf::Message& response);

  std::unique_ptr<Connection> connection_;
  std::string access_token_;
};

// One line for people: the code, the message and the fields it complains about.
std::string Describe(const absl::Status& status);

}  // namespace arasta::ctl
