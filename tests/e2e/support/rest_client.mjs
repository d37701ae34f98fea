// JSON over HTTP, through the gateway, as its OpenAPI document describes it: where a call goes, and what of the
// request stands in the path, the query and the body.
import { CallError, fromJson } from './contract.mjs';

const documents = new Map();

export async function openApiOf(address) {
  if (!documents.has(address)) documents.set(address, (await fetch(`http://${address}/openapi.json`)).json());
  return documents.get(address);
}

function operationOf(document, id) {
  for (const [path, verbs] of Object.entries(document.paths)) {
    for (const [verb, operation] of Object.entries(verbs)) if (operation.operationId === id) return { path, verb, operation };
  }
  throw new Error(`no operation ${id}`);
}

// "carts/me" fills "/carts/{cart}". What it took is gone from `request`.
function fillPath(path, request) {
  return path.replace(/([^/]+)\/\{\w+\}/g, (_, collection) => {
    const [field, name] = Object.entries(request).find(([, value]) => String(value).startsWith(`${collection}/`));
    delete request[field];
    return name.split('/').map(encodeURIComponent).join('/');
  });
}

function queryOf(request) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request)) for (const item of [].concat(value)) query.append(name, item);
  return String(query) && `?${query}`;
}

// Of an answer, or the last element of a stream.
export function toCallError({ code, message, details }) {
  const error = new CallError(code, message);
  for (const detail of details) {
    const type = detail['@type'].split('.').pop();
    if (type === 'ErrorInfo') Object.assign(error, { reason: detail.reason, metadata: detail.metadata ?? {} });
    if (type === 'BadRequest') error.fields = detail.fieldViolations.map(({ field }) => field);
    if (type === 'RetryInfo') error.retryMs = parseFloat(detail.retryDelay) * 1000;
  }
  return error;
}

export class RestClient {
  constructor(address) {
    this.address = address;
  }

  async #ask(service, method, message, { token, seconds, accept = 'application/json' }) {
    const { path, verb, operation } = operationOf(await openApiOf(this.address), `${service}_${method}`);
    const request = { ...message };
    const headers = { accept, 'grpc-timeout': `${seconds}S` };
    if (token) headers.authorization = `Bearer ${token}`;
    if (operation.requestBody) headers['content-type'] = 'application/json; charset=utf-8';
    const filled = fillPath(path, request);
    const [query, body] = operation.requestBody ? ['', JSON.stringify(request)] : [queryOf(request), undefined];
    const response = await fetch(`http://${this.address}${filled}${query}`, { method: verb.toUpperCase(), headers, body });
    if (!response.ok) throw toCallError(await response.json());
    return response;
  }

  async call(service, method, request, { token, seconds = 20 } = {}) {
    const response = await this.#ask(service, method, request, { token, seconds });
    return fromJson(service, method, await response.json());
  }

  // Calls `onMessage` for every message until the stream ends or it returns false.
  async watch(service, method, request, onMessage, { token, seconds = 60 } = {}) {
    const response = await this.#ask(service, method, request, { token, seconds, accept: 'application/x-ndjson' });
    let rest = '';
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop();
      for (const line of lines.map(JSON.parse)) {
        if (line.error) throw toCallError(line.error);
        if (onMessage(fromJson(service, method, line)) === false) return;
      }
    }
  }

  close() {}
}
