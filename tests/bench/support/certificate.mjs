// A certificate for a run over TLS: the gateway's, signed by itself.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

export function makeCertificate(directory) {
  const cert = path.join(directory, 'bench.crt');
  const key = path.join(directory, 'bench.key');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=bench',
    '-addext', 'subjectAltName=URI:spiffe://arasta/gateway,DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { cert, key };
}
