#include "services/arastactl/shop_client.h"

#include <gtest/gtest.h>

#include "arasta/auth/v1/auth_service.pb.h"

namespace arasta::ctl {
namespace {

TEST(ShopClientTest, SaysInASentenceThatNobodyIsThere) {
  // Nothing can listen on port 0.
  ShopClient shop("127.0.0.1:0", "");
  const auto answer = shop.Call<auth::v1::CreateGuestResponse>("arasta.auth.v1.AuthService/CreateGuest",
                                                               auth::v1::CreateGuestRequest());
  EXPECT_EQ(Describe(answer.status()), "nothing answers at 127.0.0.1:0; is the shop up?");
}

}  // namespace
}  // namespace arasta::ctl
