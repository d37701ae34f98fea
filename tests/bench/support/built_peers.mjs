// Peers that are a few lines of ours on the libraries of others, from Debian and npm: built when they are needed, into
// build/bench/peers.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { labelOf, versionOf } from './debian.mjs';

const GO = ['golang-go', 'golang-google-grpc-dev', 'protoc-gen-go-1-3'];

const sourceOf = (bench, file) => path.join(bench.source, 'tests/bench/servers', file);

// A program by one of the scripts called `build`.
function built(bench, script, args, program) {
  const folder = path.join(bench.output, 'peers');
  execFileSync(sourceOf(bench, script), [...args, folder], { stdio: ['ignore', 2, 2] });
  return path.join(folder, 'bin', program);
}

// Who answers G2's calls beside us.
export const ECHO_SERVERS = [
  {
    name: 'Go gRPC',
    packages: GO,
    label: () => `${labelOf('Go gRPC', 'golang-google-grpc-dev')} on Go ${versionOf('golang-go')}`,
    start: (bench) => bench.processes.start('go', built(bench, 'go/build', ['echo'], 'go_echo'), [], { hello: true }),
  },
  {
    name: 'gRPC-Java',
    packages: ['libgeronimo-annotation-1.3-spec-java', 'libgoogle-gson-java', 'libgrpc-java', 'libguava-java', 'libnetty-java',
      'libperfmark-java', 'libprotobuf-java', 'openjdk-17-jdk-headless', 'protobuf-compiler-grpc-java-plugin'],
    label: () => `${labelOf('gRPC-Java', 'libgrpc-java')} on OpenJDK ${versionOf('openjdk-17-jdk-headless')}`,
    start: (bench) => bench.processes.start('java', built(bench, 'java/build', [], 'java_echo'), [], { hello: true }),
    // Until it has compiled what is called often.
    warmUpSeconds: 8,
  },
  {
    name: 'grpc-js',
    packages: [],
    label: (bench) => bench.npmVersion('@grpc/grpc-js'),
    start: (bench) => bench.processes.start('grpc-js', process.execPath, [sourceOf(bench, 'grpc_js_echo.mjs')], { hello: true }),
  },
];

export const GRPC_GATEWAY = {
  name: 'grpc-gateway',
  packages: [...GO, 'golang-github-grpc-ecosystem-grpc-gateway-dev', 'golang-golang-x-net-dev', 'golang-grpc-gateway'],
  label: () => `${labelOf('grpc-gateway', 'golang-github-grpc-ecosystem-grpc-gateway-dev')} on Go ${versionOf('golang-go')}`,
  start: (bench, backend) => bench.processes.start('grpc-gateway', built(bench, 'go/build', ['rest'], 'go_rest'),
    [`127.0.0.1:${backend.port}`], { hello: true }),
};
