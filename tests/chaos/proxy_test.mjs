// What the chaos proxy does to a connection, each fault by itself, against a server that echoes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { eventually } from '../e2e/support/eventually.mjs';
import { ProxyClient } from './proxy_client.mjs';
import { Tally } from './tally.mjs';

let directory, server, received, proxy, link;
const clients = new Set();
before(async () => {
  directory = fs.mkdtempSync('/tmp/arasta-proxy-');
  server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => { received += bytes; socket.write(bytes); });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await ProxyClient.start({ directory, seed: 7, log: path.join(directory, 'log'), tally: new Tally() });
  link = await proxy.add('a', 'b');
  await link.target({ host: '127.0.0.1', port: server.address().port });
});
after(() => {
  for (const socket of clients) socket.destroy();
  proxy.stop();
  server.close();
  fs.rmSync(directory, { recursive: true });
});
beforeEach(async () => {
  for (const socket of clients) socket.destroy();
  clients.clear();
  received = '';
  await link.heal();
});

// A connection through the link: what has come back, and how it ended ('' while it has not).
async function open() {
  const socket = net.connect(link.port, '127.0.0.1');
  const peer = { socket, text: '', end: '' };
  socket.on('data', (bytes) => { peer.text += bytes; });
  socket.on('error', (error) => { peer.end = error.code; });
  socket.on('close', () => { peer.end ||= 'closed'; });
  clients.add(socket);
  await new Promise((resolve) => socket.on('connect', resolve).on('close', resolve));
  return peer;
}

async function echoed(peer, text) {
  peer.socket.write(text);
  await eventually(`${text} comes back`, () => peer.text.endsWith(text), { seconds: 10 });
}

const ended = (peer) => eventually('the connection ends', () => peer.end, { seconds: 10 });

test('passes bytes and ends on', async () => {
  const peer = await open();
  await echoed(peer, 'hello');
  peer.socket.end();
  assert.equal(await ended(peer), 'closed');
});

test('delays, and keeps the order', async () => {
  const peer = await open();
  await link.set({ delay_ms: 50, jitter_ms: 50 });
  const start = Date.now();
  for (const digit of '0123456789') {
    peer.socket.write(digit);
    await new Promise(setImmediate);
  }
  await eventually('all come back', () => peer.text.length === 10);
  assert.equal(peer.text, '0123456789');
  assert.ok(Date.now() - start >= 100, 'both ways');
});

test('lets nothing through a black hole, and loses nothing', async () => {
  const peer = await open();
  await echoed(peer, 'before ');
  await link.set({ hole: true, direction: 'down' });
  peer.socket.write('within');
  await eventually('it has gone up', () => received.endsWith('within'));
  assert.equal(peer.text, 'before ');
  await link.heal();
  await eventually('it has come back', () => peer.text.endsWith('within'));
});

test('hides an end behind a black hole', async () => {
  const peer = await open();
  await echoed(peer, 'x');
  await link.set({ hole: true });
  peer.socket.end();
  await proxy.effects();
  assert.equal(peer.end, '');
  await link.heal();
  assert.equal(await ended(peer), 'closed');
});

for (const [when, reached] of [['before', false], ['after', true], ['reply', true]]) {
  test(`cuts ${when === 'reply' ? 'at the reply to' : when} a pattern that comes in two pieces`, async () => {
    const peer = await open();
    await link.set({ cut: { pattern: 'COMMIT', when, times: 1 } });
    await echoed(peer, 'begin COM');
    peer.socket.write('MIT;');
    assert.equal(await ended(peer), 'ECONNRESET');
    if (reached) await eventually('the target has it', () => received === 'begin COMMIT;');
    else assert.equal(received, 'begin COM');
    assert.equal(peer.text, 'begin COM');
    await echoed(await open(), 'COMMIT once more');
  });
}

test('resets in the middle of what is sent at once', async () => {
  await link.set({ reset_after: 1000 });
  let torn = 0;
  for (let connection = 0; connection < 10; ++connection) {
    received = '';
    const peer = await open();
    peer.socket.write('x'.repeat(1000));
    assert.equal(await ended(peer), 'ECONNRESET');
    if (received.length > 0 && received.length < 1000) ++torn;
  }
  assert.ok(torn > 5, `torn ${torn} times of 10`);
});

test('resets after so many bytes', async () => {
  await link.set({ reset_after: 100 });
  const peer = await open();
  peer.socket.write('x'.repeat(100));
  assert.equal(await ended(peer), 'ECONNRESET');
});

test('trickles and limits the rate', async () => {
  await link.set({ trickle_ms: 5, direction: 'up' });
  const peer = await open();
  let start = Date.now();
  await echoed(peer, 'twenty bytes of text');
  assert.ok(Date.now() - start >= 95);
  await link.set({ bytes_per_second: 10000, direction: 'up' });
  start = Date.now();
  await echoed(peer, 'y'.repeat(1000));
  await echoed(peer, 'z');
  assert.ok(Date.now() - start >= 95);
});

test('is as fast as ever once it is healed', async () => {
  const peer = await open();
  await link.set({ bytes_per_second: 1, direction: 'up' });
  peer.socket.write('a minute and a half '.repeat(5));
  await eventually('it is on its way', () => received.length > 0);
  peer.socket.write('and no more');
  await link.heal();
  await eventually('all has come', () => received.endsWith('and no more'), { seconds: 10 });
});

test('refuses while it shall, and while nobody is there', async () => {
  await link.set({ refuse: true });
  assert.equal(await ended(await open()), 'ECONNRESET');
  await link.heal();
  await link.target(null);
  assert.equal(await ended(await open()), 'ECONNRESET');
  await link.target({ host: '127.0.0.1', port: server.address().port });
  await echoed(await open(), 'here again');
});

test('leaves a client half open until healed', async () => {
  const peer = await open();
  await echoed(peer, 'x');
  await link.set({ half_open: true });
  peer.socket.write('nobody hears this');
  await eventually('one is severed', async () => (await proxy.effects()).severed === 1);
  assert.equal(peer.end, '');
  await link.heal();
  assert.equal(await ended(peer), 'ECONNRESET');
});

test('resets every connection of now', async () => {
  const peer = await open();
  await echoed(peer, 'x');
  await link.reset();
  assert.equal(await ended(peer), 'ECONNRESET');
  await echoed(await open(), 'the next one lives');
});
