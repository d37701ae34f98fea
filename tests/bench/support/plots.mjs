// SVG by hand: how each ratio lies beside what it should reach, and what a call costs.

const WIDTH = 1000;
const ROW = 26;
const LEFT = 480;

const escape = (text) => text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]);

function svg(height, body) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${body.join('\n')}
</svg>
`;
}

// Every ratio on a logarithmic scale where 1 is exactly what was to be reached; left is better.
function goals(results) {
  const rows = results.filter(({ ratio, reach }) => ratio !== null && reach);
  const height = ROW * (rows.length + 2);
  const at = (factor) => LEFT + (WIDTH - LEFT - 20) * (Math.log2(Math.min(Math.max(factor, 1 / 16), 16)) + 4) / 8;
  const body = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8].map((tick) =>
    `<line x1="${at(tick)}" x2="${at(tick)}" y1="${ROW}" y2="${height - ROW / 2}" stroke="${tick === 1 ? 'black' : '#ddd'}"/>
<text x="${at(tick)}" y="${ROW - 8}" text-anchor="middle">${tick === 1 ? 'goal' : tick > 1 ? `${tick}× worse` : `${1 / tick}× better`}</text>`);
  rows.forEach(({ goal, name, peer, ratio, ratio_min: min, ratio_max: max, reach, met }, i) => {
    const bound = Number(/[\d.]+/.exec(reach)[0]);
    const factor = (value) => (reach.startsWith('≥') ? bound / value : value / bound);
    const y = ROW * (i + 1.5);
    const colour = met ? '#2a7' : '#c33';
    body.push(`<text x="8" y="${y + 4}">${escape(`${goal} ${name}: ${peer}`.slice(0, 74))}</text>
<line x1="${at(factor(min))}" x2="${at(factor(max))}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="3"/>
<circle cx="${at(factor(ratio))}" cy="${y}" r="5" fill="${colour}"/>`);
  });
  return svg(height, body);
}

// What a call costs: a group a workload, a bar each for ours and its peers.
function costs(results) {
  const groups = new Map();
  for (const result of results.filter(({ unit, peer_value: theirs }) => unit === 'CPU-µs' && theirs !== null)) {
    const title = `${result.goal} ${result.name}`;
    if (!groups.has(title)) groups.set(title, [['ours', result.value, '#27c']]);
    groups.get(title).push([result.peer, result.peer_value, '#aaa']);
  }
  const most = Math.max(1, ...[...groups.values()].flat().map(([, value]) => value));
  const body = [];
  let y = ROW;
  for (const [title, bars] of groups) {
    body.push(`<text x="8" y="${y}" font-weight="bold">${escape(title)}</text>`);
    y += 8;
    for (const [name, value, colour] of bars) {
      const width = (WIDTH - LEFT - 60) * value / most;
      body.push(`<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${escape(name)}</text>
<rect x="${LEFT}" y="${y + 2}" width="${width}" height="16" fill="${colour}"/>
<text x="${LEFT + width + 6}" y="${y + 14}">${value.toFixed(1)} µs</text>`);
      y += 22;
    }
    y += ROW;
  }
  return svg(y, body);
}

// {file name: SVG}
export function plots(results) {
  return { 'goals.svg': goals(results), 'costs.svg': costs(results) };
}
