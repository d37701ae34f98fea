// A gateway alone, told by files what it stands in front of.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { buildDirectory, googleApis } from './contract.mjs';
import { eventually } from './eventually.mjs';

// A folder for one test's files; goes with remove().
export class Folder {
  constructor() {
    this.path = fs.mkdtempSync(path.join(os.tmpdir(), 'arasta-gateway-'));
  }

  file(name) {
    return path.join(this.path, name);
  }

  write(name, text) {
    fs.writeFileSync(this.file(name), text);
    return this.file(name);
  }

  // The descriptor set of `protos`, which lie under `root`, by protoc; returns its file.
  compile(name, root, protos) {
    execFileSync('protoc', ['-I', root, '-I', '/usr/share/grpc-proto', '-I', googleApis, '--include_imports',
      `--descriptor_set_out=${this.file(name)}`, ...protos]);
    return this.file(name);
  }

  remove() {
    fs.rmSync(this.path, { recursive: true, force: true });
  }
}

export class ConfiguredGateway {
  // `config`: what ARASTA_GATEWAY_CONFIG is to say. Returns when every backend is reached, unless `ready` is false.
  static async start(folder, config, { environment = {}, ready = true } = {}) {
    const gateway = new ConfiguredGateway(folder);
    gateway.configure(config);
    // setpriv: it does not outlive a test that is killed.
    gateway.process = spawn('setpriv', ['--pdeathsig', 'TERM', path.join(buildDirectory, 'bin/arasta-gateway')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, ARASTA_PROFILE: 'test', ARASTA_GATEWAY_CONFIG: folder.file('gateway.json'), ...environment },
    });
    gateway.ended = once(gateway.process, 'exit');
    readline.createInterface({ input: gateway.process.stderr }).on('line', (line) => gateway.log.push(line));
    const serving = await gateway.logged('serving');
    gateway.address = serving.address;
    gateway.adminAddress = serving.admin_address;
    if (ready) await eventually('the gateway is ready', () => gateway.isReady(), { seconds: 20 });
    return gateway;
  }

  constructor(folder) {
    this.folder = folder;
    this.log = [];
  }

  get port() {
    return Number(this.address.split(':').pop());
  }

  configure(config) {
    this.folder.write('gateway.json', typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  }

  // Has the files read anew and returns what the log says of it.
  async reload() {
    const from = this.log.length;
    this.process.kill('SIGHUP');
    return JSON.parse(await eventually('the gateway reads its files anew',
      () => this.log.slice(from).find((line) => line.includes('"msg":"configuration re')), { seconds: 20 }));
  }

  async isReady() {
    const response = await fetch(`http://${this.adminAddress}/readyz`);
    return response.status === 200;
  }

  // The first line of the log, from line `from` on, with this message; fails when the process ends without it.
  async logged(message, from = 0) {
    const find = () => this.log.slice(from).find((line) => line.includes(`"msg":"${message}"`));
    const line = await eventually(`the gateway logs "${message}"`, () => {
      if (this.process.exitCode !== null && !find()) throw new Error(`the gateway ended:\n${this.log.join('\n')}`);
      return find();
    }, { seconds: 20 });
    return JSON.parse(line);
  }

  async stop() {
    this.process.kill('SIGTERM');
    const [code] = await this.ended;
    return code;
  }
}

// Writes ca.pem, and NAME.pem with NAME.key for every name: for localhost, 127.0.0.1 and spiffe://shop/NAME.
export function makeCertificates(folder, prefix, names) {
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder.path, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '1', '-subj', `/CN=${prefix}`, '-keyout', `${prefix}.key`, '-out', `${prefix}.pem`);
  for (const name of names) {
    folder.write('extensions', `subjectAltName=URI:spiffe://shop/${name},DNS:localhost,IP:127.0.0.1\n`);
    openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', `${prefix}.pem`, '-CAkey', `${prefix}.key`, '-CAcreateserial',
      '-days', '1', '-extfile', 'extensions', '-out', `${name}.pem`);
  }
}
