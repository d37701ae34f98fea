// A trace as a text: who did what under whom, when that began and how long it took.

const ms = (nanoseconds) => (Number(nanoseconds) / 1e6).toFixed(1);

// The spans below `parent`, which is a span's id, in the order in which they began.
function below(spans, parent) {
  return spans.filter(({ parentSpanId }) => parentSpanId === parent).sort((a, b) => (a.start < b.start ? -1 : 1));
}

// Spans whose parent is not among them, such as a client's that tells nobody, are roots.
export function treeOf(spans) {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const roots = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId)).sort((a, b) => (a.start < b.start ? -1 : 1));
  const rows = [];
  const add = (span, indent) => {
    rows.push({ what: `${indent}${span.name}${span.failed ? ' (failed)' : ''}`, ...span });
    for (const child of below(spans, span.spanId)) add(child, `${indent}  `);
  };
  roots.forEach((root) => add(root, ''));
  const width = Math.max(...rows.map(({ what }) => what.length));
  const begin = roots[0].start;
  const line = ({ service, kind, what, start, end }) =>
    `${service.padEnd(12)} ${kind.padEnd(8)} ${what.padEnd(width)} ${ms(start - begin).padStart(8)} ${ms(end - start).padStart(8)}`;
  return [`${'process'.padEnd(12)} ${'kind'.padEnd(8)} ${'span'.padEnd(width)} ${'at ms'.padStart(8)} ${'took ms'.padStart(8)}`,
    ...rows.map(line)].join('\n');
}

// The names on the way from a span up to its root, itself first.
export function wayUp(spans, span) {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [`${span.service}: ${span.name}`, ...(parent ? wayUp(spans, parent) : [])];
}
