-- Categories, products, variants, prices, and what search needs of them.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE category (
  id text PRIMARY KEY,
  title text NOT NULL,
  -- Moves take an advisory lock and check that the tree stays one.
  parent text REFERENCES category (id),
  position integer NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT category_not_below_itself CHECK (parent <> id)
);
CREATE INDEX category_by_parent ON category (parent);

CREATE TABLE product (
  id uuid PRIMARY KEY,
  slug text NOT NULL,
  title text NOT NULL,
  description text NOT NULL DEFAULT '',
  category text REFERENCES category (id),
  state text NOT NULL DEFAULT 'active',
  -- [{"option": …, "values": […]}], [{"key": …, "value": …}], [{"uri": …, …}] in order of display.
  options jsonb NOT NULL DEFAULT '[]',
  attributes jsonb NOT NULL DEFAULT '[]',
  media jsonb NOT NULL DEFAULT '[]',
  version bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  delete_time timestamptz,
  -- Of the CreateProduct that made it, so that a repeat finds it.
  request_id uuid,
  -- SHA-256 of the import row that this version came from; null after any other change. An import
  -- that meets the same row again leaves the product alone.
  import_hash bytea,
  -- Title weighs A, SKUs and attributes B, category C, description D.
  document tsvector NOT NULL DEFAULT '',
  CONSTRAINT product_slug_unique UNIQUE (slug),
  CONSTRAINT product_request_unique UNIQUE (request_id),
  CONSTRAINT product_state_known CHECK (state IN ('active', 'draft', 'deleted')),
  CONSTRAINT product_deleted_at_a_time CHECK ((state = 'deleted') = (delete_time IS NOT NULL))
);
CREATE INDEX product_active ON product (id) WHERE state = 'active';
CREATE INDEX product_active_by_category ON product (category, id) WHERE state = 'active';
CREATE INDEX product_by_words ON product USING gin (document) WITH (fastupdate = off);

CREATE TABLE variant (
  sku text PRIMARY KEY,
  product_id uuid NOT NULL REFERENCES product (id),
  position integer NOT NULL,
  title text NOT NULL DEFAULT '',
  -- [{"option": …, "value": …}]
  option_values jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX variant_by_product ON variant (product_id, position);

CREATE TABLE price (
  sku text NOT NULL REFERENCES variant (sku) ON DELETE CASCADE,
  channel text NOT NULL,
  currency_code text NOT NULL,
  minor_units bigint NOT NULL,
  start_time timestamptz NOT NULL DEFAULT '-infinity',
  end_time timestamptz NOT NULL DEFAULT 'infinity',
  PRIMARY KEY (sku, channel, start_time),
  CONSTRAINT price_not_negative CHECK (minor_units >= 0),
  CONSTRAINT price_window_in_order CHECK (start_time < end_time)
);

-- What a product is found by. `skus` are joined by spaces.
CREATE FUNCTION product_document(title text, skus text, attributes jsonb, category text, description text)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT setweight(to_tsvector('english', title), 'A')
      || setweight(to_tsvector('english', skus || ' ' || jsonb_path_query_array(attributes, '$[*].value')::text), 'B')
      || setweight(to_tsvector('english', coalesce(category, '')), 'C')
      || setweight(to_tsvector('english', description), 'D')
$$;

-- Every word of letters that a product is found by, unstemmed: what a mistyped word is corrected to.
-- Words are only added; one that no product has any more finds nothing and does no harm.
CREATE TABLE search_word (
  word text COLLATE "C" PRIMARY KEY
);
CREATE INDEX search_word_by_trigram ON search_word USING gin (word gin_trgm_ops) WITH (fastupdate = off);
