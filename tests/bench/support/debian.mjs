// Peers come from Debian's packages: which are missing, and how old those are that are there.
import { execFileSync } from 'node:child_process';

function query(name, field) {
  try {
    return execFileSync('dpkg-query', ['-W', '-f', `\${${field}}`, name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  } catch {
    return '';
  }
}

// Why a peer that needs these packages can't be timed; null where it can.
export function absence(packages) {
  const missing = packages.filter((name) => query(name, 'db:Status-Status') !== 'installed');
  return missing.length === 0 ? null : `not installed: apt-get install ${missing.join(' ')}`;
}

// Upstream's version: 1.41.3 of "1:1.41.3+ds-1".
export const upstream = (version) => /^(?:\d+:)?([\d.]*\d)/.exec(version)?.[1] ?? '?';

export const versionOf = (name) => upstream(query(name, 'Version'));

// The year in which Debian first had upstream's version, fixes since then aside, by the package's changelog.
export function yearOf(version, changelog) {
  const entries = changelog.split(/^(?=\S+ \([^)]+\) )/m).filter((entry) => upstream(/\(([^)]+)\)/.exec(entry)?.[1] ?? '') === version);
  return /^ -- .* (\d{4}) \d\d:/m.exec(entries.at(-1) ?? '')?.[1] ?? 'age unknown';
}

// "nginx 1.22.1 (2022)".
export function labelOf(name, debianPackage) {
  const version = versionOf(debianPackage);
  let changelog = '';
  try {
    changelog = execFileSync('zcat', [`/usr/share/doc/${debianPackage}/changelog.Debian.gz`],
      { maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  } catch { /* A machine may go without documentation. */ }
  return `${name} ${version} (${yearOf(version, changelog)})`;
}
