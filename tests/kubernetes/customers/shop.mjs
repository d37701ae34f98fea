// The shop as its customers in the cluster see it, and as far as tests/chaos wants to know it: the gateway's Service,
// the databases as their owners read them, the mail that came.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { promisify } from 'node:util';
import { MailSink } from '../../e2e/support/mail_sink.mjs';
import { NativeClient } from '../../e2e/support/native_client.mjs';

const run = promisify(execFile);
const PASSWORDS = '/tmp/pgpass';
const STORES = ['auth', 'catalog', 'order', 'notification'];
// Connections, each to whichever replica the Service picks.
const CONNECTIONS = 6;

export class Shop {
  static async find() {
    const shop = new Shop();
    shop.mail = await MailSink.start({ host: '0.0.0.0', port: 1025 });
    return shop;
  }

  constructor() {
    this.gateways = Array(CONNECTIONS).fill('gateway:8080');
    this.client = new NativeClient(this.gateways[0]);
    const line = (store) => `${process.env[`${store.toUpperCase()}_HOST`]}:5432:arasta_${store}:arasta_${store}_owner:${process.env[`${store.toUpperCase()}_PASSWORD`]}\n`;
    fs.writeFileSync(PASSWORDS, STORES.map(line).join(''), { mode: 0o600 });
  }

  conninfo(store) {
    return `host=${process.env[`${store.toUpperCase()}_HOST`]} dbname=arasta_${store} user=arasta_${store}_owner passfile=${PASSWORDS} connect_timeout=5`;
  }

  databases() {
    return Object.fromEntries(STORES.map((store) => [store, this.conninfo(store)]));
  }

  // The rows of a query as objects.
  async sql(store, query) {
    const { stdout } = await run('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', this.conninfo(store),
      '-c', `SELECT coalesce(json_agg(row), '[]') FROM (${query}) AS row`], { maxBuffer: 64 << 20 });
    return JSON.parse(stdout);
  }

  mails() {
    return this.mail.mails;
  }

  // No proxy lies on the way.
  effects() {
    return {};
  }

  async adminToken() {
    const { ADMINISTRATOR: email, ADMINISTRATOR_PASSWORD: password } = process.env;
    const { tokens } = await this.client.call('AuthService', 'Login', { email, password });
    return tokens.access_token;
  }
}
