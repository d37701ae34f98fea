// Proxies that others use, with their configurations. Each runs on loopback from a folder of its own.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { absence, labelOf } from './debian.mjs';
import { startGateway } from './gateway.mjs';
import { freePort, portAnswers } from './processes.mjs';

const CORES = os.availableParallelism?.() ?? os.cpus().length;

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
    name: 'nginx',
    packages: ['nginx'],
    label: () => labelOf('nginx', 'nginx'),
    async start(processes, settings) {
      const file = path.join(processes.directory, 'nginx.conf');
      fs.writeFileSync(file, nginx(settings));
      return processes.start('nginx', '/usr/sbin/nginx', ['-p', `${processes.directory}/`, '-e', 'nginx.error.log', '-c', file]);
    },
  },
  nghttpx: {
    name: 'nghttpx',
    packages: ['nghttp2-proxy'],
    label: () => labelOf('nghttpx', 'nghttp2-proxy'),
    start(processes, { port, backend, certificate, key }) {
      return processes.start('nghttpx', 'nghttpx', ['--conf=/dev/null', `--workers=${CORES}`,
        `--frontend=127.0.0.1,${port}${certificate ? '' : ';no-tls'}`, `--backend=127.0.0.1,${backend};;proto=h2`,
        '--frontend-http2-max-concurrent-streams=1024', '--backend-http2-max-concurrent-streams=1024',
        '--accesslog-file=', '--errorlog-file=nghttpx.error.log', ...(certificate ? [key, certificate] : [])]);
    },
  },
  HAProxy: {
    name: 'HAProxy',
    packages: ['haproxy'],
    label: () => labelOf('HAProxy', 'haproxy'),
    async start(processes, settings) {
      const file = path.join(processes.directory, 'haproxy.cfg');
      fs.writeFileSync(file, haproxy(settings));
      return processes.start('haproxy', '/usr/sbin/haproxy', ['-f', file]);
    },
  },
};

// Our gateway and those of the named proxies that are there, in front of `backend`: [{name, port, pid}].
export async function startProxies(bench, backend, names) {
  const proxies = [{ ...await startGateway(bench, backend), name: 'gateway' }];
  for (const name of names.filter((one) => !absence(PROXIES[one].packages))) {
    const port = await freePort();
    const started = await PROXIES[name].start(bench.processes, { port, backend: backend.port });
    await portAnswers(port);
    proxies.push({ ...started, name, port });
  }
  return proxies;
}
