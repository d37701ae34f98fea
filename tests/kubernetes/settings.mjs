// Whether the programs take the settings that they are given in a cluster: their own --check-config is asked.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildDirectory } from '../e2e/support/contract.mjs';
import { containersOf, environmentOf, ownPodsOf } from './documents.mjs';

export function refusedConfigurations(documents) {
  const problems = [];
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'arasta-settings-')), 'file');
  fs.writeFileSync(file, 'f'.repeat(64));
  for (const pod of ownPodsOf(documents)) {
    for (const container of containersOf(pod)) {
      const [program, command] = container.args ?? [];
      if (!program?.startsWith('arasta-')) continue;
      const environment = { ...environmentOf(documents, container), ...fromSecrets(container) };
      // What is mounted there, the programs want to read.
      for (const [name, value] of Object.entries(environment)) if (value.startsWith('/etc/arasta/')) environment[name] = file;
      try {
        execFileSync(path.join(buildDirectory, 'bin', program), [command, '--check-config'], { env: environment, stdio: 'pipe' });
      } catch (refused) {
        problems.push(`${pod.id} ${container.name}: ${refused.stderr ?? refused.message}`);
      }
    }
  }
  fs.rmSync(path.dirname(file), { recursive: true });
  return problems;
}

const fromSecrets = ({ env = [] }) => Object.fromEntries(env.filter(({ valueFrom }) => valueFrom).map(({ name }) => [name, 'from-a-secret@shop.example']));
