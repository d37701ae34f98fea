// A pgbench script must say to PostgreSQL what its log said, and pgbench must find no variable in it but ours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { literal, scriptOf } from '../../bench/support/statements.mjs';

const statement = (text, ...parameters) => ({ text, parameters });

test('a parameter becomes a literal, or a variable where it must differ from run to run', () => {
  assert.equal(scriptOf([statement('SELECT $1, $2', "it's", null)], {}), "SELECT E'it''s', NULL;\n");
  assert.match(scriptOf([statement('SELECT $1', 'order-7')], { 'order-7': 'n::text' }), /^SELECT n::text AS v0 .*\\gset\nSELECT :v0;\n$/);
});

test('no colon of a value or of the statement itself is a variable', () => {
  assert.equal(literal('a:b'), "E'a\\x3ab'");
  assert.equal(scriptOf([statement("SELECT word !~ '^[[:alpha:]]{3}$', '{}'::jsonb")], {}),
    "SELECT word !~ E'^[[\\x3aalpha\\x3a]]{3}$', '{}'::jsonb;\n");
});
