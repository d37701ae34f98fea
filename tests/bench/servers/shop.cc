// bench_shop: what stands behind a gateway that is timed with all it has to do: an echo, a product page, and
// the keys of its users' tokens, on a bare server. Prints {"port":…,"token":…,"product":…}: a token that is
// good for ten minutes, and the path of the page.
#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "arasta/auth/v1/auth_service.grpc.pb.h"
#include "arasta/catalog/v1/catalog_service.grpc.pb.h"
#include "arasta/testing/v1/echo_service.grpc.pb.h"
#include "common/auth/token_signer.h"
#include "common/auth/token_verifier.h"
#include "tests/bench/servers/bare_server.h"
#include "tests/bench/servers/product_page.h"

namespace arasta::bench {
namespace {

using auth::v1::GetJwksRequest;
using auth::v1::Jwks;
using catalog::v1::GetProductRequest;
using catalog::v1::Product;
using testing::v1::EchoRequest;
using testing::v1::EchoResponse;

using Echoes = testing::v1::EchoService::WithAsyncMethod_Echo<testing::v1::EchoService::Service>;
using UserEchoes = testing::v1::EchoService::WithAsyncMethod_EchoAsUser<Echoes>;
using Products =
    catalog::v1::CatalogService::WithAsyncMethod_GetProduct<catalog::v1::CatalogService::Service>;
using Keys = auth::v1::AuthService::WithAsyncMethod_GetJwks<auth::v1::AuthService::Service>;

constexpr char kUser[] = "users/0190a8f0-0000-7000-8000-000000000001";

Jwks JwksOf(const auth::TokenSigner& signer) {
  auth::KeySet keys;
  keys.Add(signer.key().id(), signer.key().public_key());
  Jwks jwks;
  if (!google::protobuf::util::JsonStringToMessage(keys.ToJson(), &jwks).ok()) std::abort();
  return jwks;
}

std::string TokenOf(const auth::TokenSigner& signer) {
  const absl::Time now = absl::Now();
  return signer.Sign({.subject = kUser,
                      .issue_time = now,
                      .expire_time = now + auth::kMaxTokenLife,
                      .authenticated_time = now});
}

void Echo(const EchoRequest& request, EchoResponse& response) {
  response.set_text(request.text());
}

int Main() {
  const auth::TokenSigner signer(auth::SigningKey::Generate(), std::string(auth::kDefaultIssuer));
  const Jwks jwks = JwksOf(signer);
  const Product product = ProductPage();

  UserEchoes echoes;
  Products products;
  Keys keys;
  const BareMethod<Echoes, EchoRequest, EchoResponse> echo{echoes, &Echoes::RequestEcho, Echo};
  const BareMethod<UserEchoes, EchoRequest, EchoResponse> echo_as_user{echoes, &UserEchoes::RequestEchoAsUser,
                                                                       Echo};
  const BareMethod<Products, GetProductRequest, Product> get_product{
      products, &Products::RequestGetProduct,
      [&product](const GetProductRequest&, Product& response) { response = product; }};
  const BareMethod<Keys, GetJwksRequest, Jwks> get_jwks{
      keys, &Keys::RequestGetJwks, [&jwks](const GetJwksRequest&, Jwks& response) { response = jwks; }};

  BareServer server;
  server.Add(echo);
  server.Add(echo_as_user);
  server.Add(get_product);
  server.Add(get_jwks);
  server.Serve({}, [&](int port) {
    absl::PrintF("{\"port\":%d,\"token\":\"%s\",\"product\":\"/v1/%s\"}\n", port, TokenOf(signer),
                 product.name());
    std::fflush(stdout);
  });
  return 0;
}

}  // namespace
}  // namespace arasta::bench

int main() {
  return arasta::bench::Main();
}
