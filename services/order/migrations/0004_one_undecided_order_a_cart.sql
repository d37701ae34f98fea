-- A cart is bought by one order at a time: the claim of another meets this until the first is decided.
-- A cart's orders are its owner's and so lie in one shard.
CREATE UNIQUE INDEX orders_undecided_by_cart ON orders (shard, cart_owner) WHERE state = 'PENDING';
