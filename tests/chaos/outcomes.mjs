// How calls went during a part of a run, for scenarios that promise something about it.

// Refusals that the shop means: they are answers.
const ANSWERS = new Set(['FAILED_PRECONDITION', 'ALREADY_EXISTS', 'NOT_FOUND', 'INVALID_ARGUMENT', 'ABORTED', 'UNAUTHENTICATED']);

export function operationsBetween(history, from, to) {
  const start = history.notes(from).at(0)?.time ?? Infinity;
  const end = history.notes(to).at(-1)?.time ?? Infinity;
  return history.operations().filter((operation) => operation.start >= start && operation.end <= end);
}

// A watch that is told that its server drains is resumed elsewhere: that is an answer too.
export function hasFailed({ op, type, code, reason }) {
  return type !== 'ok' && !ANSWERS.has(code) && !(op === 'WatchOrder' && reason === 'DRAINING');
}

// {checked, violations}: every call between two notes that got no answer.
export function failuresBetween(history, from, to) {
  const operations = operationsBetween(history, from, to);
  return { checked: operations.length, violations: operations.filter(hasFailed)
    .map(({ op, id, code, client }) => `${op} ${id} of ${client}: ${code ?? 'no answer'}`).slice(0, 20) };
}

// The same for those that `concern` picks, of which a share may fail.
export function mostSucceed(history, from, to, concern, share) {
  return mostOf(operationsBetween(history, from, to).filter(concern), share);
}

export function mostOf(operations, share) {
  const failed = operations.filter(hasFailed);
  const few = operations.length > 0 && failed.length <= (1 - share) * operations.length;
  return { checked: operations.length,
    violations: few ? [] : [`${failed.length} of ${operations.length} failed: ${[...new Set(failed.map(({ op, code }) => `${op} ${code}`))].join(', ')}`] };
}

// L3: how often backends were asked for what clients asked of the gateways. Nothing to say where a process has
// died and taken its counters along.
export async function attemptFacts(suite) {
  const fact = { invariant: 'L3 backends are asked at most 1.15 times as often as gateways', checked: 0, violations: [] };
  if (suite.processes.some(({ starts }) => starts > 1)) return [fact];
  const asked = new Map();
  let requests = 0;
  for (const process of suite.processes) {
    const counter = process.name === 'gateway' ? 'arasta_gateway_calls_total' : 'arasta_rpc_calls_total';
    for (const [method, calls] of await process.callsByMethod(counter)) {
      if (process.name === 'gateway') requests += calls;
      asked.set(method, { ...asked.get(method), [process.name]: (asked.get(method)?.[process.name] ?? 0) + calls });
    }
  }
  // What only backends know is asked among themselves.
  const attempts = [...asked.values()].filter(({ gateway }) => gateway)
    .reduce((sum, { gateway, ...backends }) => sum + Object.values(backends).reduce((all, calls) => all + calls, 0), 0);
  fact.checked = requests;
  if (attempts > 1.15 * requests) fact.violations.push(`${attempts} attempts for ${requests} requests`);
  return [fact];
}
