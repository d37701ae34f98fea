// An origin for pages: an empty one that has the clients of Connect and gRPC-Web, as they are on npm, and the modules of
// support/page. No bundler: an import map says where packages are.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { sourceDirectory } from './contract.mjs';

const modules = path.join(sourceDirectory, 'tests/node_modules');
const ours = path.join(sourceDirectory, 'tests/e2e/support/page');
const read = (folder, file) => fs.readFileSync(path.join(folder, file));

function importMap(packages) {
  const imports = {};
  for (const name of packages) {
    const { exports } = JSON.parse(read(modules, `${name}/package.json`));
    for (const [key, target] of Object.entries(exports)) imports[path.join(name, key)] = path.join('/npm', name, target.import);
  }
  return JSON.stringify({ imports });
}

const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Another origin</title><link rel="icon" href="data:,">
<script type="importmap">${importMap(['@bufbuild/protobuf', '@connectrpc/connect', '@connectrpc/connect-web'])}</script>
<script src="/grpc-web.js"></script>
</html>`;

// grpc-web is CommonJS.
const grpcWeb = () => `(function (module) { const { exports } = module; ${read(modules, 'grpc-web/index.js')}
globalThis.grpcWeb = module.exports; })({ exports: {} });`;

export class WebSite {
  // `descriptors`: the set that pages find under /descriptors.binpb.
  static async start(descriptors) {
    const site = new WebSite();
    site.server = http.createServer(({ url }, response) => {
      const [type, body] = site.find(url, descriptors);
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': type });
      response.end(body);
    });
    await new Promise((resolve) => site.server.listen(0, '127.0.0.1', resolve));
    return site;
  }

  find(url, descriptors) {
    if (url === '/') return ['text/html', html];
    if (url === '/grpc-web.js') return ['text/javascript', grpcWeb()];
    if (url === '/descriptors.binpb') return ['application/octet-stream', descriptors];
    const [folder, file] = url.startsWith('/npm/') ? [modules, url.slice('/npm'.length)] : [ours, url];
    return /^\/[\w@./-]+\.m?js$/.test(file) && !file.includes('..') ? ['text/javascript', read(folder, file)] : ['text/plain'];
  }

  // The same pages are two origins.
  get origin() {
    return `http://localhost:${this.server.address().port}`;
  }

  get otherOrigin() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
