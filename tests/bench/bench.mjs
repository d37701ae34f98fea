// The runner behind tests/bench/run: times the goals that are asked for and reports them.
//   tests/bench/run [GOAL…] [--full] [--large] [--publish] [--list]
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { absence } from './support/debian.mjs';
import { Processes } from './support/processes.mjs';
import { busyWarning, printTable, publish, writeResults } from './support/report.mjs';
import { isMet, median, ratiosOf } from './support/statistics.mjs';
import { GOALS, OPEN } from './goals/index.mjs';

const source = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

class Bench {
  constructor({ full, large }, wanted) {
    this.full = full;
    this.large = large;
    // What a goal leaves out of this run: [goal, why].
    this.leftOut = large ? [] : wanted.filter(({ module }) => module.large).map(({ names, module }) => [names[0], `${module.large} are for --large`]);
    this.rounds = 5;
    this.seconds = 1.5;
    this.source = source;
    this.build = process.env.ARASTA_BUILD_DIR ?? path.join(source, 'build/release');
    this.bin = path.join(this.build, 'bin');
    this.descriptors = path.join(this.build, 'protos/testing.binpb');
    this.output = path.join(source, 'build/bench');
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), 'arasta-bench-'));
    this.processes = new Processes(this.directory);
    this.results = [];
    // Of others: taken before anything of ours runs.
    this.busy = os.loadavg()[0] / os.cpus().length > 0.5 ? os.loadavg()[0] : 0;
  }

  // One of our programs that greets with its port.
  async program(name, program, args = []) {
    return { ...await this.processes.start(program, path.join(this.bin, program), args, { hello: true }), name };
  }

  npmVersion(name) {
    const { version } = JSON.parse(fs.readFileSync(path.join(source, 'tests/node_modules', name, 'package.json'), 'utf8'));
    return `${name} ${version} on Node ${process.versions.node}`;
  }

  // A figure beside a peer's, taken in pairs.
  compare({ ours, theirs, reach, ...rest }) {
    const ratios = ratiosOf(ours, theirs);
    this.add({ ...rest, value: median(ours), peer_value: median(theirs), ...ratios, reach,
      met: reach === null ? null : isMet(ratios.ratio, reach) });
  }

  // The same beside one of support's peers, which may not be there: then `theirs` is not.
  compareWith(peer, { ours, theirs, ...rest }) {
    const missing = absence(peer.packages);
    if (missing) this.add({ ...rest, peer: peer.name, value: median(ours), met: null, absence: missing });
    else this.compare({ ...rest, peer: peer.label(this), ours, theirs });
  }

  add(result) {
    this.results.push({ peer: null, peer_value: null, ratio: null, ratio_min: null, ratio_max: null, floors: {}, ...result });
  }
}

function parse(args) {
  const options = { full: false, large: false, publish: false, list: false, goals: [] };
  for (const arg of args) {
    const flag = /^--(full|large|publish|list)$/.exec(arg);
    if (flag) options[flag[1]] = true;
    else if (GOALS.some(({ names }) => names.includes(arg.toUpperCase()))) options.goals.push(arg.toUpperCase());
    else throw new Error(`${arg}: neither an option (--full, --large, --publish, --list) nor one of ${GOALS.flatMap(({ names }) => names).join(' ')}`);
  }
  if (options.publish && options.goals.length > 0) throw new Error('--publish replaces the whole page: it goes with no goal');
  return options;
}

async function main(options) {
  if (options.list) {
    for (const { names, module } of GOALS) console.log(`${names.join(' ').padEnd(10)} ${module.title}${module.large ? ` (--large: ${module.large})` : ''}`);
    for (const [name, why] of Object.entries(OPEN)) console.log(`${name.padEnd(10)} open: ${why}`);
    return 0;
  }
  const wanted = GOALS.filter(({ names }) => options.goals.length === 0 || names.some((name) => options.goals.includes(name)));
  const bench = new Bench(options, wanted);
  const failures = [];
  if (bench.busy > 0) console.error(busyWarning(bench));
  for (const { names, module } of wanted) {
    const start = Date.now();
    process.stderr.write(`${names.join(', ')}: ${module.title} …`);
    try {
      await module.run(bench);
      process.stderr.write(` ${Math.round((Date.now() - start) / 1000)} s\n`);
    } catch (error) {
      failures.push(names.join(', '));
      process.stderr.write(` failed: ${error.stack}\n`);
    }
    await bench.processes.stopAll();
  }
  await bench.shop?.stop();
  printTable(bench.results, bench.leftOut);
  writeResults(bench, bench.output);
  // Half a page would hide what is missing.
  if (options.publish && failures.length === 0) publish(bench, [...Object.entries(OPEN), ...bench.leftOut], path.join(source, 'tests/bench'));
  if (failures.length > 0) {
    console.error(`Not timed, as something failed: ${failures.join('; ')}. Logs: ${bench.directory}`);
    return 1;
  }
  fs.rmSync(bench.directory, { recursive: true, force: true });
  return 0;
}

let options;
try {
  options = parse(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
process.exit(await main(options));
