// Runs in a page: the library's desk by every protocol that pages speak, and what a test has them do.
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';

const { GrpcWebClientBase, MethodDescriptor, MethodType } = globalThis.grpcWeb;
const descriptors = new Uint8Array(await (await fetch('/descriptors.binpb')).arrayBuffer());
const desk = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors)).getService('city.library.Desk');

// Each protocol is a function of the gateway's address that returns
//   lend(title), of the book and the trailer x-due, and browse(topic, onPages, signal), which ends with the stream.
const byConnect = (createTransport, options) => (baseUrl) => {
  const client = createClient(desk, createTransport({ baseUrl, ...options }));
  return {
    async lend(title) {
      let due;
      const book = await client.lend({ title }, { onTrailer: (fields) => { due = fields.get('x-due'); } });
      return { title: book.title, due };
    },
    async browse(topic, onPages, signal) {
      for await (const { pages } of client.browse({ topic }, { signal })) onPages(Number(pages));
    },
  };
};

const byGrpcWeb = (format) => (baseUrl) => {
  const client = new GrpcWebClientBase({ format });
  const call = (start, { name, input, output }, type, request, ...more) => client[start](`${baseUrl}/${desk.typeName}/${name}`, request, {},
    new MethodDescriptor(name, type, Object, Object, (message) => toBinary(input, create(input, message)), (bytes) => fromBinary(output, bytes)),
    ...more);
  return {
    lend: (title) => new Promise((resolve, reject) => {
      let due;
      call('rpcCall', desk.method.lend, MethodType.UNARY, { title }, (error, book) => (error ? reject(error) : resolve({ title: book.title, due })))
        .on('status', ({ metadata }) => { due = metadata?.['x-due']; });
    }),
    browse: (topic, onPages, signal) => new Promise((resolve, reject) => {
      const stream = call('serverStreaming', desk.method.browse, MethodType.SERVER_STREAMING, { topic });
      stream.on('data', ({ pages }) => onPages(Number(pages)));
      stream.on('error', reject);
      stream.on('end', resolve);
      signal.addEventListener('abort', () => {
        stream.cancel();
        reject(signal.reason);
      });
    }),
  };
};

const booksOn = (baseUrl, topic) => `${baseUrl}/v1/shelves/${encodeURIComponent(topic)}/books`;

const byRest = (baseUrl) => ({
  async lend(title) {
    const response = await fetch(`${baseUrl}/v1/books:lend?${new URLSearchParams({ title })}`);
    const answer = await response.json();
    if (!response.ok) throw answer;
    return { title: answer.title, due: response.headers.get('x-due') };
  },
  async browse(topic, onPages, signal) {
    const response = await fetch(booksOn(baseUrl, topic), { signal, headers: { accept: 'application/x-ndjson' } });
    let rest = '';
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop();
      for (const line of lines) onPages(Number(JSON.parse(line).pages));
    }
  },
});

const byEvents = (baseUrl) => ({
  lend: byRest(baseUrl).lend,
  browse: (topic, onPages, signal) => new Promise((resolve, reject) => {
    const events = new EventSource(booksOn(baseUrl, topic));
    events.onmessage = ({ data }) => onPages(Number(JSON.parse(data).pages));
    events.addEventListener('end', resolve);
    events.addEventListener('error', reject);
    signal.addEventListener('abort', () => reject(signal.reason));
    for (const name of ['end', 'error']) events.addEventListener(name, () => events.close());
    signal.addEventListener('abort', () => events.close());
  }),
});

const protocols = {
  'gRPC-Web, by Connect': byConnect(createGrpcWebTransport),
  'gRPC-Web, binary': byGrpcWeb('binary'),
  'gRPC-Web, text': byGrpcWeb('text'),
  'Connect, JSON': byConnect(createConnectTransport),
  'Connect, protobuf': byConnect(createConnectTransport, { useBinaryFormat: true }),
  'Connect, by GET': byConnect(createConnectTransport, { useHttpGet: true }),
  REST: byRest,
  'REST, as events': byEvents,
};

// The book, or { code, message }.
export async function lend(protocol, baseUrl, title) {
  try {
    return await protocols[protocol](baseUrl).lend(title);
  } catch (error) {
    return { code: error.code, message: error.rawMessage ?? error.message };
  }
}

export async function browse(protocol, baseUrl, topic) {
  const pages = [];
  await protocols[protocol](baseUrl).browse(topic, (number) => pages.push(number), new AbortController().signal);
  return pages;
}

let abort, ended;

// Begins to browse what does not end, and returns when the first book is there, unless that can't be told.
export function begin(protocol, baseUrl, topic, awaitBook) {
  abort = new AbortController();
  return new Promise((resolve, reject) => {
    ended = protocols[protocol](baseUrl).browse(topic, resolve, abort.signal);
    ended.catch(reject);
    if (!awaitBook) resolve();
  });
}

// Returns when that was, once the call has ended for the page.
export async function giveUp() {
  const at = Date.now();
  abort.abort();
  await ended.catch(() => {});
  return at;
}
