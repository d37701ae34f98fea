#include "services/order/cart_store.h"

#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"
#include "services/order/channels.h"
#include "services/order/order_id.h"

namespace arasta::order {
namespace {

absl::Status CartFull(absl::string_view field, absl::string_view message) {
  return WithField(Error(absl::StatusCode::kResourceExhausted, "CART_FULL", message), field, message);
}

// Locks the cart until the end of the transaction, making it if need be.
constexpr char kLock[] = R"sql(
  INSERT INTO carts (owner, version) VALUES ($1, 1)
  ON CONFLICT (owner) DO UPDATE SET version = carts.version + 1, update_time = now()
)sql";

// As kLock for a cart that exists; the version is that before.
constexpr char kLockExisting[] = R"sql(
  UPDATE carts SET version = version + 1, update_time = now() WHERE owner = $1 RETURNING version - 1
)sql";

absl::Status LockVersion(pqxx::work& tx, const std::string& owner, absl::optional<int64_t> if_version) {
  const pqxx::result locked = tx.exec_params(kLockExisting, owner);
  const int64_t version = locked.empty() ? 0 : locked[0][0].as<int64_t>();
  if (!if_version || *if_version == version) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, "STALE_ETAG", "the cart has changed");
}

constexpr char kClaimRequest[] = R"sql(
  INSERT INTO requests (principal, method, request_id, fingerprint) VALUES ($1, $2, $3, $4)
  ON CONFLICT (principal, method, request_id) DO NOTHING
)sql";

constexpr char kRequestFingerprint[] = R"sql(
  SELECT fingerprint FROM requests WHERE principal = $1 AND method = $2 AND request_id = $3
)sql";

// False: the same request was applied before.
absl::StatusOr<bool> ClaimRequest(pqxx::work& tx, const std::string& owner, const RequestClaim& claim) {
  const std::string id = claim.request_id.ToString();
  const pqxx::result claimed =
      tx.exec_params(kClaimRequest, owner, claim.method, id, pqxx::binarystring(claim.fingerprint));
  if (claimed.affected_rows() == 1) return true;
  const pqxx::result first = tx.exec_params(kRequestFingerprint, owner, claim.method, id);
  if (!first.empty() && pqxx::binarystring(first[0][0]).str() == claim.fingerprint) return false;
  return InvalidField("request_id", "was used for another request", "REQUEST_ID_REUSED");
}

// The channel of a cart is that of its lines.
constexpr char kChooseChannel[] = R"sql(
  UPDATE carts SET channel = $2
  WHERE owner = $1 AND (channel = $2 OR NOT EXISTS (SELECT FROM cart_lines WHERE owner = $1))
)sql";

absl::Status ChooseChannel(pqxx::work& tx, const std::string& owner, const std::string& channel) {
  if (tx.exec_params(kChooseChannel, owner, channel).affected_rows() == 1) return absl::OkStatus();
  return ChannelMismatch();
}

constexpr char kAddLine[] = R"sql(
  INSERT INTO cart_lines (owner, sku, quantity, added_unit_price, currency) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (owner, sku) DO UPDATE SET quantity = cart_lines.quantity + excluded.quantity
  WHERE cart_lines.quantity + excluded.quantity <= $6
)sql";

constexpr char kCountLines[] = "SELECT count(*) FROM cart_lines WHERE owner = $1";

absl::Status AddLine(pqxx::work& tx, const std::string& owner, const CartAddition& addition) {
  const pqxx::result added =
      tx.exec_params(kAddLine, owner, addition.sku, addition.quantity, addition.unit_price.amount,
                     addition.unit_price.currency, kMaxLineQuantity);
  if (added.affected_rows() == 0) {
    return CartFull("quantity", absl::StrCat("a line holds at most ", kMaxLineQuantity));
  }
  if (tx.exec_params1(kCountLines, owner)[0].as<int>() > kMaxCartLines) {
    return CartFull("sku", absl::StrCat("a cart holds at most ", kMaxCartLines, " lines"));
  }
  return absl::OkStatus();
}

constexpr char kReadCart[] = R"sql(
  SELECT c.version, c.channel, c.update_time, l.sku, l.quantity, l.added_unit_price, l.currency, l.create_time
  FROM carts c LEFT JOIN cart_lines l USING (owner)
  WHERE c.owner = $1
  ORDER BY l.create_time, l.sku
)sql";

CartLine LineFrom(const pqxx::row& row) {
  return {.sku = row["sku"].as<std::string>(),
          .quantity = row["quantity"].as<int32_t>(),
          .added_unit_price = {.currency = row["currency"].as<std::string>(),
                               .amount = row["added_unit_price"].as<int64_t>()},
          .create_time = pg::FromTimestamp(row["create_time"])};
}

constexpr char kCanMerge[] = R"sql(
  SELECT EXISTS (SELECT FROM cart_lines WHERE owner = $1)
     AND NOT EXISTS (SELECT FROM orders WHERE shard = $2 AND cart_owner = $1 AND state = 'PENDING')
)sql";

// Lines that an order is buying stay where it will look for them.
bool CanMerge(pqxx::work& tx, const std::string& guest) {
  return tx.exec_params1(kCanMerge, guest, ShardOfCustomer(guest))[0].as<bool>();
}

constexpr char kMarkMerged[] = R"sql(
  UPDATE carts SET version = version + 1, merged_into = $2, update_time = now() WHERE owner = $1 RETURNING channel
)sql";

constexpr char kAddUpLines[] = R"sql(
  UPDATE cart_lines u SET quantity = least($3, u.quantity + g.quantity) FROM cart_lines g
  WHERE u.owner = $2 AND g.owner = $1 AND g.sku = u.sku
)sql";

// Those that the user has not, the oldest first, as far as there is room. They come into this cart now: what
// an order of the user's is buying meanwhile is not these.
constexpr char kMoveLines[] = R"sql(
  INSERT INTO cart_lines (owner, sku, quantity, added_unit_price, currency, create_time)
  SELECT $2, sku, quantity, added_unit_price, currency,
         now() + row_number() OVER (ORDER BY create_time, sku) * interval '1 microsecond'
  FROM cart_lines g
  WHERE g.owner = $1 AND NOT EXISTS (SELECT FROM cart_lines u WHERE u.owner = $2 AND u.sku = g.sku)
  ORDER BY create_time, sku
  LIMIT (SELECT greatest(0, $3 - count(*)) FROM cart_lines WHERE owner = $2)
)sql";

constexpr char kDeleteLines[] = "DELETE FROM cart_lines WHERE owner = $1";
constexpr char kSetQuantity[] = "UPDATE cart_lines SET quantity = $3 WHERE owner = $1 AND sku = $2";
constexpr char kRemoveLine[] = "DELETE FROM cart_lines WHERE owner = $1 AND sku = $2";
constexpr char kPrune[] = "DELETE FROM requests WHERE create_time < now() - interval '72 hours'";

// Both see the rows as the lock left them. A line that is younger than the order was put in again.
constexpr char kRemoveBought[] = R"sql(
  WITH bought AS (
    SELECT c.owner, c.sku, l.quantity
    FROM order_lines l JOIN orders o USING (shard, order_id)
    JOIN cart_lines c ON c.owner = $1 AND c.sku = l.sku AND c.create_time <= o.create_time
    WHERE l.shard = $2 AND l.order_id = $3
  ), gone AS (
    DELETE FROM cart_lines c USING bought b WHERE c.owner = b.owner AND c.sku = b.sku AND c.quantity <= b.quantity
  )
  UPDATE cart_lines c SET quantity = c.quantity - b.quantity FROM bought b
  WHERE c.owner = b.owner AND c.sku = b.sku AND c.quantity > b.quantity
)sql";

}  // namespace

Cart ReadCart(pqxx::work& tx, const std::string& owner) {
  Cart cart;
  for (const pqxx::row& row : tx.exec_params(kReadCart, owner)) {
    cart.version = row["version"].as<int64_t>();
    cart.update_time = pg::FromTimestamp(row["update_time"]);
    if (row["sku"].is_null()) continue;
    cart.channel = row["channel"].as<std::string>();
    cart.lines.push_back(LineFrom(row));
  }
  return cart;
}

void RemoveBought(pqxx::work& tx, const std::string& owner, int16_t shard, const std::string& order_id) {
  tx.exec_params(kLockExisting, owner);
  tx.exec_params(kRemoveBought, owner, shard, order_id);
}

absl::StatusOr<Cart> CartStore::Find(const Call& call, const std::string& owner) {
  return pg::ReadOnly(pool_, call,
                      [&](pqxx::work& tx) -> absl::StatusOr<Cart> { return ReadCart(tx, owner); });
}

absl::Status CartStore::Add(const Call& call, const std::string& owner, const CartAddition& addition,
                            const absl::optional<RequestClaim>& claim) {
  MutexLock turn(TurnOf(owner));
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    if (claim) {
      ASSIGN_OR_RETURN(const bool first, ClaimRequest(tx, owner, *claim));
      if (!first) return absl::OkStatus();
    }
    tx.exec_params(kLock, owner);
    RETURN_IF_ERROR(ChooseChannel(tx, owner, addition.channel));
    return AddLine(tx, owner, addition);
  });
}

absl::Status CartStore::SetQuantity(const Call& call, const std::string& owner, const std::string& sku,
                                    int32_t quantity, absl::optional<int64_t> if_version) {
  MutexLock turn(TurnOf(owner));
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    RETURN_IF_ERROR(LockVersion(tx, owner, if_version));
    const pqxx::result updated = tx.exec_params(kSetQuantity, owner, sku, quantity);
    return updated.affected_rows() == 1 ? absl::OkStatus() : NotFound(absl::StrCat("cart item ", sku));
  });
}

absl::Status CartStore::Remove(const Call& call, const std::string& owner, const std::string& sku,
                               absl::optional<int64_t> if_version) {
  MutexLock turn(TurnOf(owner));
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    RETURN_IF_ERROR(LockVersion(tx, owner, if_version));
    tx.exec_params(kRemoveLine, owner, sku);
    return absl::OkStatus();
  });
}

absl::Status CartStore::Merge(const Call& call, const std::string& guest, const std::string& user) {
  ASSIGN_OR_RETURN(
      const bool can_merge,
      pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<bool> { return CanMerge(tx, guest); }));
  if (!can_merge) return absl::OkStatus();
  MutexLock turn(TurnOf(user));
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    // Guests are locked before users, here as everywhere.
    const pqxx::result merged = tx.exec_params(kMarkMerged, guest, user);
    // Again, now that no claim can come between.
    if (!CanMerge(tx, guest)) return absl::OkStatus();
    tx.exec_params(kLock, user);
    // Lines of another channel than the user's stay the guest's.
    if (!ChooseChannel(tx, user, merged[0][0].as<std::string>()).ok()) return absl::OkStatus();
    tx.exec_params(kAddUpLines, guest, user, kMaxLineQuantity);
    tx.exec_params(kMoveLines, guest, user, kMaxCartLines);
    tx.exec_params(kDeleteLines, guest);
    return absl::OkStatus();
  });
}

absl::Status CartStore::PruneRequests(const Call& call) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    tx.exec(kPrune);
    return absl::OkStatus();
  });
}

}  // namespace arasta::order
