// The contract as the clients of these tests read it: the descriptor set that protoc made, no generated code.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor/index.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const buildDirectory = process.env.ARASTA_BUILD_DIR ?? path.join(root, 'build/dev');
export const sourceDirectory = root;
export const googleApis = '/usr/share/gocode/src/github.com/gogo/googleapis';
export const descriptorSet = fs.readFileSync(path.join(buildDirectory, 'protos/arasta.binpb'));

const types = protobuf.Root.fromDescriptor(descriptor.FileDescriptorSet.decode(descriptorSet)).resolveAll();
const google = new protobuf.Root();
google.resolvePath = (_, file) => path.join(googleApis, file);
google.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto']);

// Messages as plain objects: names as in the proto, 64-bit numbers as strings, enums by name.
const AS_OBJECT = { longs: String, enums: String, defaults: true, oneofs: true };

export const packageOf = { AuthService: 'auth', CatalogService: 'catalog', CatalogAdminService: 'catalog', InventoryService: 'catalog',
  CartService: 'order', OrderService: 'order', OrderAdminService: 'order',
  NotificationService: 'notification', NotificationAdminService: 'notification' };

export function methodOf(service, method) {
  const found = types.lookupService(`arasta.${packageOf[service]}.v1.${service}`).methods[method];
  if (!found) throw new Error(`no method ${service}.${method}`);
  return {
    path: `/arasta.${packageOf[service]}.v1.${service}/${method}`,
    encode: (request) => found.resolvedRequestType.encode(found.resolvedRequestType.fromObject(request)).finish(),
    decode: (bytes) => found.resolvedResponseType.toObject(found.resolvedResponseType.decode(bytes), AS_OBJECT),
  };
}

// The answer of a method, given as protobuf's JSON mapping writes it, as `decode` gives it.
export function fromJson(service, method, json) {
  const type = types.lookupService(`arasta.${packageOf[service]}.v1.${service}`).methods[method].resolvedResponseType;
  return type.toObject(type.fromObject(plain(type, json)), AS_OBJECT);
}

const camelCase = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

function plain(type, json) {
  if (type.fullName === '.google.protobuf.Timestamp') return { seconds: Math.floor(Date.parse(json) / 1000), nanos: 0 };
  const value = (field, item) => (field.resolvedType instanceof protobuf.Type ? plain(field.resolvedType, item) : item);
  const object = {};
  for (const field of type.fieldsArray) {
    const found = json[camelCase(field.name)];
    if (found === undefined) continue;
    object[field.name] = field.map ? Object.fromEntries(Object.entries(found).map(([key, item]) => [key, value(field, item)]))
      : field.repeated ? found.map((item) => value(field, item)) : value(field, found);
  }
  return object;
}

// A failed call, as every client of ours reports it.
export class CallError extends Error {
  // `details`: grpc-status-details-bin as bytes, if any.
  constructor(code, message, details) {
    super(`${code}: ${message}`);
    this.code = code;
    this.status = message;
    Object.assign(this, readDetails(details));
  }
}

// ErrorInfo's reason and metadata, BadRequest's fields, RetryInfo's delay.
function readDetails(bytes) {
  const found = { reason: '', metadata: {}, fields: [], retryMs: 0 };
  if (!bytes || bytes.length === 0) return found;
  const status = google.lookupType('google.rpc.Status').decode(bytes);
  for (const detail of status.details) {
    const name = detail.type_url.split('/').pop();
    const type = google.lookupType(name);
    const value = type.toObject(type.decode(detail.value), { longs: Number });
    if (name === 'google.rpc.ErrorInfo') Object.assign(found, { reason: value.reason, metadata: value.metadata ?? {} });
    if (name === 'google.rpc.BadRequest') found.fields = (value.fieldViolations ?? []).map((violation) => violation.field);
    if (name === 'google.rpc.RetryInfo') {
      found.retryMs = (value.retryDelay?.seconds ?? 0) * 1000 + (value.retryDelay?.nanos ?? 0) / 1e6;
    }
  }
  return found;
}

export const codes = { OK: 0, CANCELLED: 1, UNKNOWN: 2, INVALID_ARGUMENT: 3, DEADLINE_EXCEEDED: 4, NOT_FOUND: 5,
  ALREADY_EXISTS: 6, PERMISSION_DENIED: 7, RESOURCE_EXHAUSTED: 8, FAILED_PRECONDITION: 9, ABORTED: 10,
  OUT_OF_RANGE: 11, UNIMPLEMENTED: 12, INTERNAL: 13, UNAVAILABLE: 14, DATA_LOSS: 15, UNAUTHENTICATED: 16 };
