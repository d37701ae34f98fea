// An Everything with fields at random: the same for the same seed.
#pragma once

#include <random>
#include <string>

#include "arasta/testing/v1/everything.pb.h"

namespace arasta::gateway {

class RandomMessage {
 public:
  explicit RandomMessage(unsigned seed) : random_(seed) {}

  testing::v1::Everything Make();

 private:
  void Fill(google::protobuf::Message& message, int depth);
  void Add(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field, int depth);
  // For the types whose fields may not hold just anything; false for all others.
  bool FillWellKnown(google::protobuf::Message& message, int depth);
  void FillValue(google::protobuf::Value& value, int depth);

  bool OneIn(unsigned many) { return random_() % many == 0; }
  uint64_t Bits();
  double Double();
  std::string Text();
  std::string Bytes();

  std::mt19937_64 random_;
};

}  // namespace arasta::gateway
