#include "common/rpc/validate.h"

#include <gtest/gtest.h>

#include <functional>

#include "arasta/testing/v1/echo_service.pb.h"
#include "google/rpc/error_details.pb.h"
#include "tests/support/matchers.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::IsOk;
using ::arasta::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::v1::Form;
using testing::v1::UpdateFormRequest;

Form GoodForm() {
  Form form;
  form.set_name("tea");
  form.mutable_main_line()->set_sku("green-tea");
  form.mutable_main_line()->set_quantity(1);
  form.set_colour(Form::COLOUR_RED);
  return form;
}

std::vector<std::string> FieldsOf(const absl::Status& status) {
  google::rpc::BadRequest details;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  if (payload.has_value()) details.ParseFromString(std::string(*payload));
  std::vector<std::string> fields;
  for (const auto& violation : details.field_violations()) fields.push_back(violation.field());
  return fields;
}

std::vector<std::string> WrongFields(const std::function<void(Form&)>& change) {
  Form form = GoodForm();
  change(form);
  return FieldsOf(Validate(form));
}

TEST(ValidateTest, LetsPassWhatKeepsItsBounds) {
  EXPECT_THAT(Validate(GoodForm()), IsOk());
  EXPECT_THAT(WrongFields([](Form& form) { form.set_rating(5); }), IsEmpty());
  EXPECT_THAT(WrongFields([](Form& form) { form.set_name("tééää"); }), IsEmpty()) << "characters, not bytes";
}

TEST(ValidateTest, NamesTheField) {
  EXPECT_THAT(WrongFields([](Form& form) { form.clear_name(); }), ElementsAre("name"));
  EXPECT_THAT(WrongFields([](Form& form) { form.set_name("t"); }), ElementsAre("name"));
  EXPECT_THAT(WrongFields([](Form& form) { form.set_name("coffee"); }), ElementsAre("name"));
  EXPECT_THAT(WrongFields([](Form& form) { form.clear_main_line(); }), ElementsAre("main_line"));
  EXPECT_THAT(WrongFields([](Form& form) { form.clear_colour(); }), ElementsAre("colour"));
  EXPECT_THAT(WrongFields([](Form& form) { form.set_rating(0); }), ElementsAre("rating"));
  EXPECT_THAT(WrongFields([](Form& form) { form.set_rating(6); }), ElementsAre("rating"));
  EXPECT_THAT(WrongFields([](Form& form) { form.set_blob("12345"); }), ElementsAre("blob"));
  EXPECT_THAT(WrongFields([](Form& form) { form.set_big(UINT64_MAX); }), ElementsAre("big"));
}

TEST(ValidateTest, RefusesEnumValuesThatTheContractDoesNotName) {
  for (int number : {2, 99, -1}) {
    SCOPED_TRACE(number);
    const auto colour = static_cast<Form::Colour>(number);
    EXPECT_THAT(WrongFields([&](Form& form) { form.set_colour(colour); }), ElementsAre("colour"));
    EXPECT_THAT(WrongFields([&](Form& form) {
                  form.add_palette(Form::COLOUR_RED);
                  form.add_palette(colour);
                }),
                ElementsAre("palette[1]"));
    UpdateFormRequest request;
    *request.mutable_form() = GoodForm();
    request.mutable_form()->set_colour(colour);
    EXPECT_THAT(FieldsOf(Validate(request)), ElementsAre("form.colour"));
  }
}

TEST(ValidateTest, RefusesControlCharactersInEveryString) {
  for (char c : {'\0', '\x01', '\t', '\n', '\r', '\x1b', '\x7f'}) {
    const std::string text = {'t', c, 'a'};
    SCOPED_TRACE(static_cast<int>(c));
    EXPECT_THAT(WrongFields([&](Form& form) { form.set_name(text); }), ElementsAre("name"));
    EXPECT_THAT(WrongFields([&](Form& form) { form.add_tags(text); }), ElementsAre("tags[0]"));
    EXPECT_THAT(WrongFields([&](Form& form) { form.set_password(text); }), ElementsAre("password"));
    EXPECT_THAT(WrongFields([&](Form& form) { form.mutable_main_line()->set_note(text); }),
                ElementsAre("main_line.note"));
    EXPECT_THAT(WrongFields([&](Form& form) { (*form.mutable_facts())["origin"] = text; }),
                ElementsAre("facts[0].value"));
    EXPECT_THAT(WrongFields([&](Form& form) { (*form.mutable_facts())[text] = "Rize"; }),
                ElementsAre("facts[0].key"));
  }
  EXPECT_THAT(WrongFields([](Form& form) { form.set_blob(std::string("\0\n", 2)); }), IsEmpty()) << "bytes";
}

TEST(ValidateTest, LetsTextOfSeveralLinesHaveThem) {
  EXPECT_THAT(WrongFields([](Form& form) { form.set_story("a\tb\r\nc\u0085d"); }), IsEmpty());
  for (char c : {'\0', '\x01', '\v', '\x1b', '\x7f'}) {
    EXPECT_THAT(WrongFields([&](Form& form) { form.set_story({'a', c}); }), ElementsAre("story"));
  }
}

TEST(ValidateTest, LeavesItemsToTheHandlerThatChecksThem) {
  EXPECT_THAT(WrongFields([](Form& form) { form.add_rows()->set_sku("a\nb"); }), IsEmpty());
  EXPECT_THAT(WrongFields([](Form& form) {
                for (int i = 0; i < 4; ++i) form.add_rows();
              }),
              ElementsAre("rows"));
}

TEST(ValidateTest, NamesThePathOfNestedFields) {
  EXPECT_THAT(WrongFields([](Form& form) { form.mutable_main_line()->set_sku("Green Tea"); }),
              ElementsAre("main_line.sku"));
  EXPECT_THAT(WrongFields([](Form& form) {
                *form.add_lines() = form.main_line();
                form.add_lines()->set_quantity(-1);
              }),
              ElementsAre("lines[1].sku", "lines[1].quantity"));
  EXPECT_THAT(WrongFields([](Form& form) {
                for (int i = 0; i < 4; ++i) form.add_lines();
              }),
              ElementsAre("lines"));
  EXPECT_THAT(WrongFields([](Form& form) {
                form.add_tags("new");
                form.add_tags("older");
              }),
              ElementsAre("tags[1]"));
}

TEST(ValidateTest, SaysWhatIsWrongAndNeverEchoesTheValue) {
  Form form = GoodForm();
  form.set_name("my secret");
  const absl::Status status = Validate(form);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "name: must have at most 5 characters"));
}

TEST(ValidateTest, StopsAtEightViolations) {
  Form form;
  for (int i = 0; i < 3; ++i) form.add_lines();
  for (int i = 0; i < 20; ++i) form.add_tags("much too long");
  EXPECT_EQ(FieldsOf(Validate(form)).size(), 8u);
}

TEST(ValidateTest, AsksOnlyForWhatAnUpdateChanges) {
  UpdateFormRequest request;
  EXPECT_THAT(FieldsOf(Validate(request)), ElementsAre("form"));
  request.mutable_form()->set_name("tea");
  request.mutable_form()->set_rating(3);
  EXPECT_THAT(Validate(request), IsOk());
  request.mutable_form()->set_rating(9);
  EXPECT_THAT(FieldsOf(Validate(request)), ElementsAre("form.rating"));
}

TEST(ValidateTest, AsksAnUpdateForTheNameOfWhatItChanges) {
  UpdateFormRequest request;
  request.mutable_form()->set_rating(3);
  EXPECT_THAT(Validate(request),
              StatusIs(absl::StatusCode::kInvalidArgument, "form.name: must not be empty"));
  // Names further down are of other things.
  request.mutable_form()->set_name("tea");
  request.mutable_form()->mutable_maker();
  EXPECT_THAT(Validate(request), IsOk());
}

}  // namespace
}  // namespace arasta::rpc
