// Sessions as their owner sees and ends them.
#include <set>

#include "tests/integration/auth/auth_fixture.h"

namespace arasta::auth {
namespace {

using testing::IsOk;
using testing::StatusIs;

class SessionListTest : public AuthFixture {
 protected:
  absl::StatusOr<v1::ListSessionsResponse> List(const v1::Tokens& tokens, int page_size = 0,
                                                const std::string& page_token = "") {
    v1::ListSessionsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(page_token);
    return service().ListSessions(CallOf(tokens), request);
  }
  absl::Status Revoke(const v1::Tokens& tokens, const std::string& session) {
    v1::RevokeSessionRequest request;
    request.set_name(session);
    return service().RevokeSession(CallOf(tokens), request).status();
  }
};

TEST_F(SessionListTest, ListsTheCallersOwnThatHaveNotEndedNewestFirst) {
  const v1::Tokens idle = RegisteredUser("anna@example.com");
  RegisteredUser("bert@example.com");
  clock_.Advance(absl::Hours(14 * 24));
  const v1::Tokens older = *Login("anna@example.com");
  clock_.Advance(absl::Seconds(1));
  const v1::Tokens ended = *Login("anna@example.com");
  ASSERT_THAT(Revoke(older, ended.session()), IsOk());
  const v1::Tokens newer = *Login("anna@example.com");

  const absl::StatusOr<v1::ListSessionsResponse> list = List(older);
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->sessions_size(), 2);
  EXPECT_EQ(list->sessions(0).name(), newer.session());
  EXPECT_FALSE(list->sessions(0).current());
  EXPECT_EQ(list->sessions(1).name(), older.session());
  EXPECT_TRUE(list->sessions(1).current());
  EXPECT_EQ(list->next_page_token(), "");
}

TEST_F(SessionListTest, PagesWithoutGapsOrRepeats) {
  const v1::Tokens tokens = RegisteredUser("anna@example.com");
  for (int i = 0; i < 6; ++i) ASSERT_THAT(Login("anna@example.com"), IsOk());  // All in one instant.
  std::set<std::string> seen;
  std::string page_token;
  int pages = 0;
  do {
    const absl::StatusOr<v1::ListSessionsResponse> page = List(tokens, 3, page_token);
    ASSERT_THAT(page, IsOk());
    for (const v1::Session& session : page->sessions()) EXPECT_TRUE(seen.insert(session.name()).second);
    page_token = page->next_page_token();
    ++pages;
  } while (!page_token.empty());
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_EQ(pages, 3);
}

TEST_F(SessionListTest, RefusesForgedAndForeignPageTokens) {
  const v1::Tokens anna = RegisteredUser("anna@example.com");
  const v1::Tokens bert = RegisteredUser("bert@example.com");
  ASSERT_THAT(Login("anna@example.com"), IsOk());
  const std::string token = List(anna, 1)->next_page_token();
  EXPECT_THAT(List(bert, 1, token), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(List(anna, 1, token + "A"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(List(anna, 1, token), IsOk());
}

TEST_F(SessionListTest, RevokesOnlyTheCallersOwn) {
  const v1::Tokens anna = RegisteredUser("anna@example.com");
  const v1::Tokens bert = RegisteredUser("bert@example.com");
  EXPECT_THAT(Revoke(bert, anna.session()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Revoke(anna, "sessions/00000000-0000-4000-8000-000000000000"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Refresh(anna.refresh_token()), IsOk());
  EXPECT_THAT(Revoke(anna, anna.session()), IsOk());
  EXPECT_THAT(Revoke(anna, anna.session()), IsOk());
  EXPECT_EQ(Events("SessionRevoked"), 1);
}

TEST_F(SessionListTest, RevokesAllOthersAndKeepsTheCallers) {
  const v1::Tokens lost = RegisteredUser("anna@example.com");
  const v1::Tokens stolen = *Login("anna@example.com");
  const v1::Tokens mine = *Login("anna@example.com");
  const v1::Tokens bert = RegisteredUser("bert@example.com");
  EXPECT_THAT(service().RevokeOtherSessions(CallOf(mine), v1::RevokeOtherSessionsRequest()), IsOk());
  EXPECT_THAT(Refresh(lost.refresh_token()), IsInvalidRefreshToken());
  EXPECT_THAT(Refresh(stolen.refresh_token()), IsInvalidRefreshToken());
  EXPECT_THAT(Refresh(mine.refresh_token()), IsOk());
  EXPECT_THAT(Refresh(bert.refresh_token()), IsOk());
  EXPECT_EQ(Events("SessionRevoked"), 2);
  EXPECT_EQ(Rows("audit_events WHERE detail = 'REASON_OWNER'"), 2);
}

TEST_F(SessionListTest, ForgetsSessionsADayAfterTheirAbsoluteEnd) {
  const v1::Tokens old = RegisteredUser("anna@example.com");
  clock_.Advance(absl::Hours(24));
  const v1::Tokens younger = *Login("anna@example.com");
  clock_.Advance(absl::Hours(30 * 24) + absl::Seconds(1));
  EXPECT_THAT(replica_->sessions.DeleteExpired(testing::NobodyCall(), 10), testing::IsOkAndHolds(1));
  EXPECT_EQ(Rows("sessions WHERE 'sessions/' || session_id = '" + younger.session() + "'"), 1);
  EXPECT_THAT(Refresh(old.refresh_token()), IsInvalidRefreshToken());
}

}  // namespace
}  // namespace arasta::auth
