// The chaos proxy: TCP links between any two parts, each a listening port and a target, that do on command
// what networks do. A process of its own, so that what it suffers is not the suite's.
//   node proxy.mjs SOCKET SEED
//
// Commands are JSON lines on the Unix socket, answered in order by {"id": …} and what was asked for:
//   {"id", "op": "add", "link"}             → {"port"}      a new link, without a target yet
//   {"id", "op": "target", "link", "to"}                    where new connections go: {"host", "port"}, {"path"} or null (nobody)
//   {"id", "op": "set", "link", "fault"}                    from now on (see below); replaces the fault that was there
//   {"id", "op": "heal", "link"}                            no fault; what a black hole held goes on. Without "link": all
//   {"id", "op": "reset", "link"}                           resets every connection of now
//   {"id", "op": "counts"}                  → {"counts"}    by link: what was done, see kCounts
//
// A fault, everything optional:
//   direction           "up" (towards the target), "down" or "both" (the default): where the next five hold
//   delay_ms, jitter_ms each piece waits that long, and up to jitter_ms more; order is kept
//   bytes_per_second    the rate
//   trickle_ms          one byte at a time, each that much after the other
//   hole                nothing passes, nothing is lost: as if every packet were dropped until healed
//   reset_after         resets each connection after up to so many bytes, drawn anew for each; the last may be in
//                       the middle of a piece
//   cut                 {"pattern", "when", "times", "probability"}: ends the connection where the pattern
//                       goes up: "before" it is passed on, "after" it, or when the "reply" to it comes,
//                       which is not passed on
//   refuse              new connections are reset
//   half_open           the target's side is gone and the client's side is never told
import fs from 'node:fs';
import net from 'node:net';
import readline from 'node:readline';
import { Random } from './random.mjs';

const MOST_HELD = 256 << 10;
const kCounts = ['connections', 'refused', 'delayed', 'trickled', 'held', 'resets', 'cuts', 'severed'];

// As a peer that crashed, where the transport can tell that from one that closed.
function abort(socket) {
  if (socket.remoteFamily) socket.resetAndDestroy();
  else socket.destroy();
}

// Bytes one way: what came from one socket and has not been passed to the other yet.
class Pipe {
  constructor(connection, direction, from, to) {
    Object.assign(this, { connection, direction, from, to, queue: [], held: 0, freeAt: 0, ended: false, failed: false, timer: null });
    from.on('data', (chunk) => this.take(chunk));
    from.on('end', () => this.end(false));
    from.on('close', (failed) => this.end(failed));
    to.on('drain', () => this.pump());
  }

  // The link's fault, if it holds in this direction.
  get fault() {
    const { fault } = this.connection.link;
    return [undefined, 'both', this.direction].includes(fault.direction) ? fault : {};
  }

  take(chunk) {
    const passed = this.connection.inspect(this.direction, chunk);
    if (!passed) return;
    const { delay_ms: delay = 0, jitter_ms: jitter = 0 } = this.fault;
    if (delay + jitter > 0) ++this.connection.link.counts.delayed;
    const due = delay + jitter > 0 ? Date.now() + delay + this.connection.link.random.integer(0, jitter) : 0;
    this.queue.push({ bytes: passed, due });
    this.held += passed.length;
    if (this.held > MOST_HELD) this.from.pause();
    this.pump();
  }

  // Passes on what is due and is allowed to go.
  pump() {
    clearTimeout(this.timer);
    this.timer = null;
    const { counts } = this.connection.link;
    while (this.queue.length > 0) {
      const fault = this.fault;
      if (fault.hole) { ++counts.held; return; }
      const wait = Math.max(this.queue[0].due, this.freeAt) - Date.now();
      if (wait > 0) { this.timer = setTimeout(() => this.pump(), wait); return; }
      if (this.to.writableNeedDrain) return;
      this.write(fault);
    }
    if (this.ended && !this.fault.hole) this.finish();
    else if (this.from.isPaused() && this.held < MOST_HELD) this.from.resume();
  }

  // The end travels behind the bytes; a black hole hides that as well.
  end(failed) {
    this.ended = true;
    this.failed ||= failed;
    this.pump();
  }

  finish() {
    if (this.failed) abort(this.to);
    else this.to.end();
  }

  write({ trickle_ms: trickle, bytes_per_second: rate }) {
    const head = this.queue[0];
    const piece = trickle ? head.bytes.subarray(0, 1) : head.bytes;
    if (trickle) {
      ++this.connection.link.counts.trickled;
      this.freeAt = Date.now() + trickle;
    } else if (rate) {
      this.freeAt = Date.now() + (piece.length * 1000) / rate;
    }
    if (piece.length === head.bytes.length) this.queue.shift();
    else head.bytes = head.bytes.subarray(1);
    this.held -= piece.length;
    this.to.write(piece);
  }
}

// One client and the target it was connected to.
class Connection {
  constructor(link, client) {
    Object.assign(this, { link, client, tail: '', cutOnReply: false });
    this.left = this.drawReset();
    this.server = net.connect({ ...link.to, noDelay: true, allowHalfOpen: true });
    this.up = new Pipe(this, 'up', client, this.server);
    this.down = new Pipe(this, 'down', this.server, client);
    for (const socket of [client, this.server]) {
      socket.on('error', () => {});
      socket.on('close', () => client.closed && this.server.closed && link.connections.delete(this));
    }
  }

  drawReset() {
    const { reset_after: most } = this.link.fault;
    return most ? this.link.random.integer(1, most) : Infinity;
  }

  // Looks at bytes on their way; returns those to pass on, or nothing when the connection ends here.
  inspect(direction, chunk) {
    if (this.left <= 0) return undefined;
    this.left -= chunk.length;
    if (this.left <= 0) return this.tear(direction, chunk.subarray(0, chunk.length + this.left));
    if (direction === 'down') return this.cutOnReply ? this.reset('cuts') : chunk;
    const { cut } = this.link.fault;
    if (!cut || cut.times <= 0 || !this.matches(cut.pattern, chunk)) return chunk;
    if (!this.link.random.chance(cut.probability ?? 1)) return chunk;
    --cut.times;
    if (cut.when === 'before') return this.reset('cuts');
    if (cut.when === 'reply') this.cutOnReply = true;
    // Flushed first, so that the target does get it.
    if (cut.when === 'after') setImmediate(() => this.server.write('', () => this.reset('cuts')));
    return chunk;
  }

  // The last bytes still arrive, so that messages end in their middle: unless others wait in front of them.
  tear(direction, last) {
    const { to, queue } = this[direction];
    if (queue.length > 0 || to.writableNeedDrain) this.reset('resets');
    else to.write(last, () => this.reset('resets'));
  }

  // Whether the pattern ends in this piece, whatever pieces it came in.
  matches(pattern, chunk) {
    const text = this.tail + chunk.toString('latin1');
    this.tail = pattern.length > 1 ? text.slice(-(pattern.length - 1)) : '';
    return text.includes(pattern);
  }

  reset(kind) {
    if (this.client.destroyed) return;
    ++this.link.counts[kind];
    abort(this.client);
    abort(this.server);
  }

  // The client's side is told when the link is healed.
  sever() {
    ++this.link.counts.severed;
    this.severed = true;
    this.down.end = () => {};
    this.server.destroy();
  }

  faultChanged() {
    this.left = this.drawReset();
    if (this.severed) abort(this.client);
    for (const pipe of [this.up, this.down]) {
      pipe.freeAt = 0;  // what is still there goes at the new rate
      pipe.pump();
    }
  }
}

class Link {
  constructor(name, random) {
    Object.assign(this, { name, random, to: null, fault: {}, connections: new Set() });
    this.counts = Object.fromEntries(kCounts.map((kind) => [kind, 0]));
    this.server = net.createServer({ noDelay: true, allowHalfOpen: true }, (client) => this.accept(client));
  }

  async listen() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', 1024, resolve));
    return this.server.address().port;
  }

  accept(client) {
    if (!this.to || this.fault.refuse) {
      if (this.fault.refuse) ++this.counts.refused;
      client.on('error', () => {});
      abort(client);
      return;
    }
    ++this.counts.connections;
    this.connections.add(new Connection(this, client));
  }

  set(fault) {
    this.fault = fault;
    for (const connection of this.connections) {
      connection.faultChanged();
      if (fault.half_open && !connection.severed) connection.sever();
    }
  }

  reset() {
    for (const connection of this.connections) connection.reset('resets');
  }
}

class Proxy {
  constructor(seed) {
    this.random = new Random(seed);
    this.links = new Map();
  }

  async obey({ op, link: name, to, fault }) {
    const link = this.links.get(name);
    if (op === 'add') {
      const added = new Link(name, this.random.fork(name));
      this.links.set(name, added);
      return { port: await added.listen() };
    }
    if (op === 'counts') return { counts: Object.fromEntries([...this.links].map(([key, { counts }]) => [key, counts])) };
    if (op === 'heal' && !name) for (const each of this.links.values()) each.set({});
    else if (!link) return { error: `no link ${name}` };
    else if (op === 'target') link.to = to;
    else if (op === 'set') link.set(fault);
    else if (op === 'heal') link.set({});
    else if (op === 'reset') link.reset();
    else return { error: `no command ${op}` };
    return {};
  }
}

function serve(path, proxy) {
  fs.rmSync(path, { force: true });
  net.createServer((socket) => {
    socket.on('error', () => {});
    readline.createInterface({ input: socket }).on('line', async (line) => {
      const command = JSON.parse(line);
      socket.write(`${JSON.stringify({ id: command.id, ...(await proxy.obey(command)) })}\n`);
    });
  }).listen(path);
}

serve(process.argv[2], new Proxy(Number(process.argv[3])));
