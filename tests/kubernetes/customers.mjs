// The customers in the cluster (customers/main.mjs), for whoever breaks the shop around them.
import readline from 'node:readline';
import { execIn } from './cluster.mjs';

export class Customers {
  constructor() {
    this.asked = new Map();
    this.lastId = 0;
    this.child = execIn('customers', 'node', '/opt/arasta/tests/kubernetes/customers/main.mjs');
    this.child.stdin.on('error', () => {});
    readline.createInterface({ input: this.child.stdout }).on('line', (line) => this.hear(JSON.parse(line)));
    this.child.on('close', (code) => {
      for (const { reject } of this.asked.values()) reject(new Error(`the customers are gone (${code})`));
    });
  }

  hear({ id, result, error }) {
    const { resolve, reject } = this.asked.get(id);
    this.asked.delete(id);
    if (error) reject(new Error(`customers: ${error}`));
    else resolve(result);
  }

  // See customers/main.mjs.
  ask(command, args = {}) {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.child.stdin.write(`${JSON.stringify({ ...args, id, command })}\n`);
    });
  }

  note(op, args = {}) {
    return this.ask('note', { op, args });
  }

  goHome() {
    this.child.stdin.end();
  }
}
