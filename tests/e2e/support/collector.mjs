// An OpenTelemetry collector that keeps the spans it is sent: OTLP/HTTP in JSON.
import http from 'node:http';

const kinds = ['', 'internal', 'server', 'client', 'producer', 'consumer'];

export class Collector {
  static async start() {
    const collector = new Collector();
    await new Promise((resolve) => collector.server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  constructor() {
    this.spans = [];
    this.server = http.createServer(async (request, response) => {
      let body = '';
      for await (const piece of request.setEncoding('utf8')) body += piece;
      if (request.method !== 'POST' || request.url !== '/v1/traces') return response.writeHead(404).end();
      for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
        const { 'service.name': service } = attributesOf(resource);
        for (const { spans } of scopeSpans) this.spans.push(...spans.map((span) => toSpan(service, span)));
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }

  get endpoint() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  trace(id) {
    return this.spans.filter(({ traceId }) => traceId === id);
  }

  stop() {
    this.server.closeAllConnections?.();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

function attributesOf({ attributes }) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));
}

function toSpan(service, { traceId, spanId, parentSpanId, name, kind, startTimeUnixNano, endTimeUnixNano, attributes, status }) {
  return { service, traceId, spanId, parentSpanId, name, kind: kinds[kind], start: BigInt(startTimeUnixNano), end: BigInt(endTimeUnixNano),
    attributes: attributesOf({ attributes }), failed: status?.code === 2 };
}
