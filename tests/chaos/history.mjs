// What clients asked and were told, in the order in which it happened: JSON lines that can be judged and kept.
//   {"time", "client", "op", "type", "id", "args", "result", "code", "reason", "metadata"}
// `type` is "invoke", and for the same `id` later "ok", "fail" (it definitely did not happen) or "info" (not
// known). An invocation that never got its answer is unknown too. The nemesis' own lines are notes:
// client "nemesis", type "info", op "fault" with args {kind, target, …}, or op "healed".
// Passwords and tokens never get in: a token is told apart by its fingerprint.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { performance } from 'node:perf_hooks';
import { codes } from '../e2e/support/contract.mjs';

const SECRETS = new Set(['password', 'access_token', 'refresh_token', 'guest_token', 'payment_token', 'token']);
// UNKNOWN is what client libraries say when the transport ends in the middle.
const UNKNOWN_CODES = new Set([codes.CANCELLED, codes.UNKNOWN, codes.DEADLINE_EXCEEDED, codes.UNAVAILABLE]);
const nameOf = Object.fromEntries(Object.entries(codes).map(([name, code]) => [code, name]));

// Unix milliseconds that never go back, whatever happens to the wall clock.
export function now() {
  return Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000;
}

// What may be written of a secret that is long and random.
export function fingerprint(secret) {
  return createHash('sha256').update(secret).digest('base64url').slice(0, 12);
}

// "fail" or "info": whether an error says that nothing happened.
export function meaningOf(error) {
  if (!Number.isInteger(error.code)) throw error;
  // grpc-js calls a stream that the peer reset INTERNAL; no service of ours does.
  const reset = error.code === codes.INTERNAL && /RST_STREAM/.test(error.status ?? '');
  return UNKNOWN_CODES.has(error.code) || reset || error.reason === 'COMMIT_IN_DOUBT' ? 'info' : 'fail';
}

function detailsOf({ reason, metadata = {} }) {
  return { reason: reason || undefined, metadata: Object.keys(metadata).length > 0 ? metadata : undefined };
}

function refuseSecrets(key, value) {
  if (SECRETS.has(key)) throw new Error(`a history holds no ${key}`);
  return value;
}

export class History {
  // Keeps all of it in memory, and in the file `path` where one is given.
  constructor(path) {
    this.entries = [];
    this.lastId = 0;
    this.file = path ? fs.openSync(path, 'w') : undefined;
  }

  static read(path) {
    const history = new History();
    history.entries = fs.readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
    return history;
  }

  write(entry) {
    const line = JSON.stringify({ time: now(), ...entry }, refuseSecrets);
    this.entries.push(JSON.parse(line));
    if (this.file !== undefined) fs.writeSync(this.file, `${line}\n`);
  }

  note(op, args = {}) {
    this.write({ client: 'nemesis', op, type: 'info', id: ++this.lastId, args });
  }

  // Performs a call between its two lines. Returns {ok, response, code, reason, error}: an RPC that fails is an
  // outcome, not an exception. `pick` takes from the response what is worth writing down.
  async record(client, op, args, perform, pick = () => undefined) {
    const id = ++this.lastId;
    this.write({ client, op, type: 'invoke', id, args });
    try {
      const response = await perform();
      this.write({ client, op, type: 'ok', id, result: pick(response) });
      return { ok: true, response };
    } catch (error) {
      const type = meaningOf(error);
      this.write({ client, op, type, id, code: nameOf[error.code], ...detailsOf(error) });
      return { ok: false, unknown: type === 'info', code: error.code, reason: error.reason, error };
    }
  }

  // One object an invocation: {id, client, op, args, start, end, type, result, code, reason, metadata}; no notes.
  operations() {
    const found = new Map();
    for (const entry of this.entries) {
      if (entry.client === 'nemesis') continue;
      if (entry.type === 'invoke') {
        const { id, client, op, args = {}, time } = entry;
        found.set(id, { id, client, op, args, start: time, end: Infinity, type: 'info' });
      } else {
        const { type, result, code, reason, metadata, time } = entry;
        Object.assign(found.get(entry.id), { type, result, code, reason, metadata, end: time });
      }
    }
    return [...found.values()];
  }

  notes(op) {
    return this.entries.filter((entry) => entry.client === 'nemesis' && entry.op === op);
  }

  close() {
    if (this.file !== undefined) fs.closeSync(this.file);
    this.file = undefined;
  }
}
