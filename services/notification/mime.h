// Writes an RFC 5322 message: multipart/alternative of plain text and HTML. Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/notification/mail_address.h"

namespace arasta::notification {

struct Mail {
  // The name shown beside the sender's address.
  std::string from_name;
  MailAddress from;
  MailAddress to;
  std::string subject;
  // BCP 47 tag of the language the texts are written in.
  std::string language;
  std::string text;
  std::string html;
  // Left part of the Message-ID and root of the boundary: the same mail has the same bytes.
  std::string id;
  absl::Time date;
};

// The bytes after DATA, lines ended by CRLF, at most 78 columns, ASCII only.
// INVALID_ARGUMENT: a header would hold something that CheckHeaderText refuses.
absl::StatusOr<std::string> WriteMail(const Mail& mail);

// `value` as unstructured header text: itself where it is short printable ASCII, RFC 2047 encoded
// words otherwise, folded.
std::string EncodeHeaderText(absl::string_view value);

// RFC 2045 quoted-printable; any kind of line end becomes CRLF.
std::string QuotedPrintable(absl::string_view text);

}  // namespace arasta::notification
