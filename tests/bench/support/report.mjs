// What a run says: a table on the terminal, results.json, plots, and the published page.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { plots } from './plots.mjs';
import { isMet, missBy, strayed } from './statistics.mjs';

export function figure(value) {
  if (value === null) return '';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function verdict({ met, ratio, ratio_min: min, ratio_max: max, value, reach, absence }) {
  if (absence) return absence;
  if (met === null) return 'published';
  const said = met ? 'met' : `missed by ${missBy(ratio ?? value, reach).toFixed(0)} %`;
  return ratio !== null && isMet(min, reach) !== isMet(max, reach) ? `${said}, but the range has both` : said;
}

const HEAD = ['goal', 'what', 'ours', 'peer', 'theirs', 'ratio', 'range', 'reach', ''];

function cells(result) {
  const { goal, name, value, unit, peer, peer_value: theirs, ratio, ratio_min: min, ratio_max: max, reach } = result;
  return [goal, name, `${figure(value)} ${unit}`, peer ?? '', figure(theirs), figure(ratio),
    ratio === null ? '' : `${figure(min)}–${figure(max)}`, reach ?? '', verdict(result)];
}

const floorsOf = ({ floors }) => Object.entries(floors).map(([name, value]) => `${name} ${figure(value)}`).join(', ');

// `leftOut`: [goal, why] of what a run did not time.
export function printTable(results, leftOut = []) {
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  rows.forEach((row, i) => {
    console.log(row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd());
    const floors = i > 0 ? floorsOf(results[i - 1]) : '';
    const last = i === 0 || results[i]?.floors !== results[i - 1].floors;
    if (floors && last) console.log(`${' '.repeat(widths[0] + 2)}of the same minute: ${floors}`);
  });
  for (const [goal, why] of leftOut) console.log(`${goal} leaves something out: ${why}`);
}

export function writeResults(bench, directory) {
  fs.mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'results.json');
  const earlier = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : [];
  for (const { goal, name, peer } of strayed(bench.results, earlier)) {
    console.log(`${goal} ${name}, ${peer}: its range does not touch that of the run before`);
  }
  fs.writeFileSync(file, JSON.stringify(bench.results, null, 2) + '\n');
  for (const [name, svg] of Object.entries(plots(bench.results))) fs.writeFileSync(path.join(directory, name), svg);
}

export function busyWarning({ busy }) {
  return `The machine was busy with other things (load ${busy.toFixed(1)} on ${os.cpus().length} cores): what is not CPU-µs or a count is provisional.`;
}

// RESULTS.md and its plots, in the source tree. `open` has the goals that nothing
// times yet, or not wholly, with the reason.
export function publish(bench, open, directory) {
  const commit = execFileSync('git', ['-C', directory, 'rev-parse', '--short', 'HEAD']).toString().trim();
  const system = /^PRETTY_NAME="(.*)"$/m.exec(fs.readFileSync('/etc/os-release', 'utf8'))[1];
  const row = (columns) => `| ${columns.join(' | ')} |`;
  const drawn = plots(bench.results);
  const text = `# Results

Taken ${new Date().toISOString().slice(0, 10)} at commit ${commit} by \`tests/run bench\`, on ${os.cpus().length} cores, ${system}.
On loopback, in cleartext unless it says TLS. A ratio is ours divided by theirs: the median of ${bench.rounds} interleaved pairs, and their range.
${bench.busy > 0 ? `
**${busyWarning(bench)}**
` : ''}
${row(HEAD)}
${row(HEAD.map(() => '---'))}
${bench.results.map((result) => row(cells(result))).join('\n')}

## Floors of the same minute

${bench.results.filter((result) => floorsOf(result)).map((result) => `- ${result.goal}, ${result.name}: ${floorsOf(result)}`)
    .filter((line, i, all) => all.indexOf(line) === i).join('\n')}

## Open

${open.map(([name, why]) => `- ${name}: ${why}.`).join('\n')}

${Object.keys(drawn).map((name) => `![${name.replace('.svg', '')}](${name})`).join('\n')}
`;
  fs.writeFileSync(path.join(directory, 'RESULTS.md'), text);
  for (const [name, svg] of Object.entries(drawn)) fs.writeFileSync(path.join(directory, name), svg);
}
