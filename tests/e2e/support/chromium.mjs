// Debian's headless Chromium, by its own protocol, which it describes itself: any version will do.
import { spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import CDP from 'chrome-remote-interface';

// What the package's wrapper runs, which would outlive the wrapper.
const program = '/usr/lib/chromium/chromium-headless-shell';

const keyHash = (pem) => createHash('sha256').update(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })).digest('base64');

export class Chromium {
  // `trusted`: certificates of servers, in PEM, that need no authority.
  static async start({ trusted = [] } = {}) {
    const chromium = new Chromium();
    chromium.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'arasta-chromium-'));
    // Root has no sandbox; these pages are our own. setpriv: it does not outlive a test that is killed.
    chromium.process = spawn('setpriv', ['--pdeathsig', 'KILL', program, '--no-sandbox', '--disable-gpu',
      '--disable-dev-shm-usage', '--hide-scrollbars', '--remote-debugging-port=0', `--user-data-dir=${chromium.folder}`,
      `--ignore-certificate-errors-spki-list=${trusted.map(keyHash).join()}`], { stdio: ['ignore', 'ignore', 'pipe'] });
    chromium.ended = once(chromium.process, 'exit');
    for await (const line of readline.createInterface({ input: chromium.process.stderr })) {
      const [, port] = /^DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line) ?? [];
      if (!port) continue;
      chromium.port = Number(port);
      break;
    }
    chromium.process.stderr.resume();
    if (!chromium.port) throw new Error('Chromium does not start');
    return chromium;
  }

  async open(url) {
    const page = new Page();
    await page.attach(this.port);
    await page.load(url);
    return page;
  }

  async stop() {
    this.process.kill('SIGTERM');
    await this.ended;
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class Page {
  // What went wrong in it: exceptions that nobody caught, and what the console shows as an error.
  problems = [];
  // Of every answer: { url, protocol }.
  answers = [];

  async attach(port) {
    const target = await CDP.New({ port, url: 'about:blank' });
    this.cdp = await CDP({ port, target });
    const { Log, Network, Page: page, Runtime } = this.cdp;
    Runtime.exceptionThrown(({ exceptionDetails: { text, exception } }) => this.problems.push(exception?.description ?? text));
    Runtime.consoleAPICalled(({ type, args }) => type === 'error' && this.problems.push(args.map(({ value, description }) => value ?? description).join(' ')));
    Log.entryAdded(({ entry }) => entry.level === 'error' && this.problems.push(entry.text));
    Network.responseReceived(({ response: { url, protocol } }) => this.answers.push({ url, protocol }));
    await Promise.all([Log.enable(), Network.enable(), page.enable(), Runtime.enable()]);
  }

  async load(url) {
    const loaded = this.cdp.Page.loadEventFired();
    const { errorText } = await this.cdp.Page.navigate({ url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  // What `what`, which knows nothing but its arguments, returns in the page.
  async run(what, ...args) {
    const expression = `(${what})(...${JSON.stringify(args)})`;
    const { result, exceptionDetails } = await this.cdp.Runtime.evaluate({ expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  // What a function of a module of support/page returns there.
  call(module, name, ...args) {
    return this.run(async (from, what, given) => (await import(from))[what](...given), module, name, args);
  }

  // Returns once `what` is true in the page.
  until(what, ...args) {
    return this.run(`async (...args) => {
      const end = Date.now() + 20000;
      while (!(${what})(...args)) {
        if (Date.now() > end) throw new Error(${JSON.stringify(`not within 20 s: ${what}`)});
        await new Promise(requestAnimationFrame);
      }
    }`, ...args);
  }

  async press(key, code) {
    await this.cdp.Input.dispatchKeyEvent({ type: 'keyDown', key, windowsVirtualKeyCode: code, text: key.length === 1 ? key : '\r' });
    await this.cdp.Input.dispatchKeyEvent({ type: 'keyUp', key, windowsVirtualKeyCode: code });
  }

  type(text) {
    return this.cdp.Input.insertText({ text });
  }

  // As on a screen of that width, whose owner likes it 'light' or 'dark'.
  async showOn({ width, scheme }) {
    await this.cdp.Emulation.setDeviceMetricsOverride({ width, height: 800, deviceScaleFactor: 1, mobile: width < 600 });
    await this.cdp.Emulation.setEmulatedMedia({ features: [{ name: 'prefers-color-scheme', value: scheme }] });
  }

  async close() {
    await this.cdp.Page.close();
    await this.cdp.close();
  }
}
