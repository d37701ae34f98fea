#include "services/catalog/import_batch.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace arasta::catalog {
namespace {

using ::testing::ElementsAre;
using Kind = ImportOutcome::Kind;

class ClassifyTest : public ::testing::Test {
 protected:
  static Option OptionOf(const std::string& option, int from, int to) {
    Option made{option, {}};
    for (int i = from; i < to; ++i) made.values.push_back(absl::StrCat(i, " g"));
    return made;
  }

  // What becomes of a row with these options where its SKU belongs to a product with those.
  ImportWork Update(std::vector<Option> options, std::vector<Option> existing) {
    row_.hash = "of a row that was not here before";
    row_.product.title = "Tea";
    row_.product.options = std::move(options);
    row_.product.variants.resize(1);
    row_.product.variants[0].sku = "TEA";
    SkuOwner owner;
    owner.id = Uuid::V4();
    owner.slug = "tea";
    owner.options = std::move(existing);
    std::vector<ImportWork> works(1);
    works[0].row = &row_;
    Classify(works, {{"TEA", owner}});
    return works[0];
  }

  ImportedRow row_;
};

TEST_F(ClassifyTest, KeepsOptionsOfVariantsThatTheRowDoesNotMention) {
  const ImportWork work =
      Update({OptionOf("Size", 0, 2)}, {OptionOf("Size", 1, 3), OptionOf("Colour", 5, 6)});
  EXPECT_EQ(work.outcome.kind, Kind::kUpdated);
  ASSERT_EQ(work.product.options.size(), 2u);
  EXPECT_THAT(work.product.options[0].values, ElementsAre("0 g", "1 g", "2 g"));
  EXPECT_EQ(work.product.options[1].option, "Colour");
  EXPECT_EQ(work.product.slug, "tea");
}

TEST_F(ClassifyTest, RefusesARowThatTogetherWithWhatIsThereHasTooManyValues) {
  EXPECT_EQ(Update({OptionOf("Size", 0, 60)}, {OptionOf("Size", 50, 100)}).outcome.kind, Kind::kUpdated);
  const ImportWork work = Update({OptionOf("Size", 0, 60)}, {OptionOf("Size", 50, 101)});
  EXPECT_EQ(work.outcome.kind, Kind::kFailed);
  EXPECT_THAT(work.outcome.violation.field, ::testing::HasSubstr("options[0].values"));
}

TEST_F(ClassifyTest, RefusesARowThatTogetherWithWhatIsThereHasTooManyOptions) {
  std::vector<Option> ten;
  for (int i = 0; i < 10; ++i) ten.push_back(OptionOf(absl::StrCat("Option ", i), 0, 1));
  EXPECT_EQ(Update({OptionOf("Option 3", 0, 1)}, ten).outcome.kind, Kind::kUpdated);
  const ImportWork work = Update({OptionOf("Size", 0, 1)}, ten);
  EXPECT_EQ(work.outcome.kind, Kind::kFailed);
  EXPECT_EQ(work.outcome.violation.field, "options");
}

}  // namespace
}  // namespace arasta::catalog
