#include "services/auth/audit_rows.h"

#include "common/base/uuid.h"
#include "common/pg/time.h"

namespace arasta::auth {

constexpr char kAppendAudit[] = R"sql(
  INSERT INTO audit_events (audit_event_id, event_time, kind, subject, session, detail, request_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7))sql";

void AppendAudit(pqxx::work& tx, const Call& call, const AuditEvent& event) {
  tx.exec_params0(kAppendAudit, Uuid::V7(event.time).ToString(), pg::ToTimestamp(event.time),
                  std::string(event.kind), event.subject, event.session, event.detail, call.request_id());
}

}  // namespace arasta::auth
