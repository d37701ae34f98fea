// A product as a shop shows it: about 2 KiB in protobuf's JSON mapping.
#pragma once

#include "arasta/catalog/v1/product.pb.h"

namespace arasta::bench {

catalog::v1::Product ProductPage();

}  // namespace arasta::bench
