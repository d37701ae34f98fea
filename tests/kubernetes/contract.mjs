// Who may call whom by the contract: the `peers` of its methods, the gateway where none are named.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const protos = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../protos');
const services = ['auth', 'catalog', 'order', 'notification'];

function methodsOf(file) {
  const methods = [];
  const walk = (namespace) => {
    for (const each of namespace.nestedArray ?? []) {
      if (each instanceof protobuf.Service) methods.push(...each.methodsArray);
      walk(each);
    }
  };
  walk(protobuf.parse(fs.readFileSync(file, 'utf8'), { keepCase: true }).root);
  return methods;
}

function peersOf(method) {
  const access = (method.parsedOptions ?? []).map((option) => option['(arasta.options.v1.access)']).find(Boolean);
  return [access?.peers ?? 'gateway'].flat();
}

// "order > catalog" for every pair of which the first may call a method of the second. The feed of events is served by
// whoever makes any.
export function callers() {
  const arrows = new Set();
  const filesOf = (service) => fs.readdirSync(path.join(protos, 'arasta', service, 'v1'))
    .filter((file) => file.endsWith('_service.proto')).map((file) => path.join(protos, 'arasta', service, 'v1', file));
  const feed = path.join(protos, 'arasta/events/v1/events.proto');
  for (const service of services) {
    const files = [...filesOf(service), ...(service === 'notification' ? [] : [feed])];
    for (const peer of files.flatMap(methodsOf).flatMap(peersOf)) if (peer !== service) arrows.add(`${peer} > ${service}`);
  }
  return arrows;
}
