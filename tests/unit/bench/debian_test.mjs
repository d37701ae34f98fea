import assert from 'node:assert/strict';
import { test } from 'node:test';
import { absence, upstream, yearOf } from '../../bench/support/debian.mjs';

test("a version is upstream's, without what Debian adds before and after", () => {
  assert.deepEqual(['1.22.1-9+deb12u7', '1:4.1.48-7+deb12u2', '1.41.3+ds-1', '2:1.19~1', '17.0.15+6-1~deb12u1', ''].map(upstream),
    ['1.22.1', '4.1.48', '1.41.3', '1.19', '17.0.15', '?']);
});

const CHANGELOG = `nginx (1.22.1-9+deb12u1) bookworm; urgency=medium

  * CVE fixed in 1.22.1-9.

 -- A Maintainer <a@debian.example>  Mon, 01 Jan 2024 10:00:00 +0100

nginx (1:1.22.1-1) unstable; urgency=medium

  * New upstream release.

 -- A Maintainer <a@debian.example>  Thu, 20 Oct 2022 10:00:00 +0200

nginx (1.22.0-4) unstable; urgency=medium

 -- A Maintainer <a@debian.example>  Fri, 01 Jul 2021 10:00:00 +0200
`;

test('a version is as old as its first package, whatever was mended since', () => {
  assert.equal(yearOf('1.22.1', CHANGELOG), '2022');
  assert.equal(yearOf('1.22.0', CHANGELOG), '2021');
  assert.equal(yearOf('1.22', CHANGELOG), 'age unknown');
  assert.equal(yearOf('1.22.1', ''), 'age unknown');
});

test('a peer that is not there says how to get it', () => {
  assert.equal(absence([]), null);
  assert.equal(absence(['dpkg']), null);
  assert.equal(absence(['dpkg', 'no-such-package', 'nor-this']), 'not installed: apt-get install no-such-package nor-this');
});
