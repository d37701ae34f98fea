-- Look-ups by key keep one plan for all keys, which was made for tables of the size they then had.

-- As before but for the clock: that of the statement does not change while it runs, so that the index finds
-- what has expired among the thousands of holds of a hot SKU.
CREATE OR REPLACE VIEW stock_level AS
SELECT s.sku, s.on_hand, s.reserved - e.quantity AS reserved, s.on_hand - s.reserved + e.quantity AS available,
       s.update_time
FROM stock s,
     LATERAL (SELECT coalesce(sum(l.quantity), 0)::bigint AS quantity
              FROM reservation_line l
              WHERE l.sku = s.sku AND l.counted AND l.expire_time <= statement_timestamp()) e;

-- For an import: the planner would else learn within a minute that the tables have grown, and until then read
-- them from end to end. Only their owner may tell it. Of products one column, as the long ones take seconds.
CREATE FUNCTION tell_planner() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  ANALYZE product (id), variant, price, stock;
END $$;
