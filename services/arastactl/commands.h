// What arastactl can do. Each returns its exit code, as told in kUsage.
#pragma once

#include "services/arastactl/arguments.h"
#include "services/arastactl/shop_client.h"

namespace arasta::ctl {

int Import(const Arguments& arguments, ShopClient& shop);
int Demo(const Arguments& arguments, ShopClient& shop);
int Status(const Arguments& arguments, ShopClient& shop);

constexpr int kDone = 0;
constexpr int kDoneInPart = 1;
constexpr int kUsageError = 2;
constexpr int kCallFailed = 3;

}  // namespace arasta::ctl
