// What others use: their configurations, and how old they are. Each runs on loopback from a folder of its own.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort, portAnswers } from './processes.mjs';

const CORES = os.availableParallelism?.() ?? os.cpus().length;

// The year Debian first had this version, fixes since then aside, by the package's changelog.
function yearOf(debianPackage, version) {
  try {
    const log = execFileSync('zcat', [`/usr/share/doc/${debianPackage}/changelog.Debian.gz`], { maxBuffer: 64 << 20 }).toString();
    const entries = log.split(/^(?=\S+ \([^)]+\) )/m).filter((entry) => entry.includes(`(${version}-`));
    return /^ -- .* (\d{4}) \d\d:/m.exec(entries.at(-1))[1];
  } catch {
    return 'age unknown';
  }
}

// "nginx 1.22.1 (2022)".
function peerOf(name, command, flag, pattern, debianPackage) {
  const text = execFileSync('bash', ['-c', `${command} ${flag} 2>&1`]).toString();
  const version = pattern.exec(text)?.[1] ?? '?';
  return `${name} ${version} (${yearOf(debianPackage, version)})`;
}

function nginx({ port, backend, certificate, key }) {
  const tls = certificate ? `ssl_certificate ${certificate}; ssl_certificate_key ${key};` : '';
  return `daemon off; ${process.getuid() === 0 ? 'user root;' : ''} worker_processes ${CORES}; pid nginx.pid;
error_log nginx.error.log;
worker_rlimit_nofile 60000; events { worker_connections 20000; }
http {
  access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  keepalive_requests 1000000000; http2_max_concurrent_streams 1024;
  upstream echo { server 127.0.0.1:${backend}; keepalive 512; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:${port} ${certificate ? 'ssl ' : ''}http2; ${tls}
    location / { grpc_pass grpc://echo; } }
}
`;
}

function haproxy({ port, backend, certificate }) {
  const tls = certificate ? `ssl crt haproxy.pem alpn h2` : 'proto h2';
  return `global
  nbthread ${CORES}
  tune.h2.max-concurrent-streams 1024
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port} ${tls}
  default_backend back
backend back
  http-reuse always
  server echo 127.0.0.1:${backend} proto h2
`;
}

export const PROXIES = {
  nginx: {
    version: () => peerOf('nginx', '/usr/sbin/nginx', '-v', /nginx\/([\d.]+)/, 'nginx'),
    async start(processes, settings) {
      const file = path.join(processes.directory, 'nginx.conf');
      fs.writeFileSync(file, nginx(settings));
      return processes.start('nginx', '/usr/sbin/nginx', ['-p', `${processes.directory}/`, '-e', 'nginx.error.log', '-c', file]);
    },
  },
  nghttpx: {
    version: () => peerOf('nghttpx', 'nghttpx', '--version', /nghttp2\/([\d.]+)/, 'nghttp2-proxy'),
    start(processes, { port, backend, certificate, key }) {
      return processes.start('nghttpx', 'nghttpx', ['--conf=/dev/null', `--workers=${CORES}`,
        `--frontend=127.0.0.1,${port}${certificate ? '' : ';no-tls'}`, `--backend=127.0.0.1,${backend};;proto=h2`,
        '--frontend-http2-max-concurrent-streams=1024', '--backend-http2-max-concurrent-streams=1024',
        '--accesslog-file=', '--errorlog-file=nghttpx.error.log', ...(certificate ? [key, certificate] : [])]);
    },
  },
  HAProxy: {
    version: () => peerOf('HAProxy', '/usr/sbin/haproxy', '-v', /version ([\d.]+)/, 'haproxy'),
    async start(processes, settings) {
      const file = path.join(processes.directory, 'haproxy.cfg');
      fs.writeFileSync(file, haproxy(settings));
      return processes.start('haproxy', '/usr/sbin/haproxy', ['-f', file]);
    },
  },
};

// Our gateway, with nothing but the echo behind it.
async function startGateway(processes, bin, { port, backend, descriptors }) {
  const file = path.join(processes.directory, 'gateway.json');
  fs.writeFileSync(file, JSON.stringify({ backends: { echo: { addresses: [`127.0.0.1:${backend}`] } },
    routes: [{ prefix: '/arasta.testing.v1.', backend: 'echo' }] }));
  return processes.start('gateway', path.join(bin, 'arasta-gateway'), [], { environment: {
    ARASTA_PROFILE: 'local', ARASTA_LISTEN: `127.0.0.1:${port}`, ARASTA_GATEWAY_ACCESS_LOG: 'false',
    ARASTA_GATEWAY_DESCRIPTORS: descriptors, ARASTA_GATEWAY_CONFIG: file } });
}

// Our gateway and each named proxy in front of `backend`: [{name, port, pid}].
export async function startProxies(bench, backend, names) {
  const proxies = [];
  for (const name of ['gateway', ...names]) {
    const settings = { port: await freePort(), backend, descriptors: bench.descriptors };
    const started = name === 'gateway' ? await startGateway(bench.processes, bench.bin, settings)
      : await PROXIES[name].start(bench.processes, settings);
    await portAnswers(settings.port);
    proxies.push({ ...started, name, port: settings.port });
  }
  return proxies;
}
