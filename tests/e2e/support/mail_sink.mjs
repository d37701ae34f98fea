// A real SMTP server that keeps what it is sent, read by a real mail parser.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { SMTPServer } = require('smtp-server');
const { simpleParser } = require('mailparser');

export class MailSink {
  static async start({ host = '127.0.0.1', port = 0 } = {}) {
    const sink = new MailSink();
    await new Promise((resolve) => sink.server.listen(port, host, resolve));
    return sink;
  }

  constructor() {
    this.mails = [];
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      onData: (stream, session, done) => {
        simpleParser(stream).then((mail) => {
          this.mails.push({ to: session.envelope.rcptTo.map((recipient) => recipient.address), time: Date.now(), mail });
          done();
        }, done);
      },
    });
    // A sender that was killed is nothing to fail for.
    this.server.on('error', () => {});
  }

  get url() {
    return `smtp://127.0.0.1:${this.server.server.address().port}`;
  }

  // Confirmations of orders that went to `address`, parsed.
  confirmationsTo(address) {
    return this.mails.filter(({ to, mail }) => to.includes(address) && /^Your order \S+$/.test(mail.subject)).map(({ mail }) => mail);
  }

  stop() {
    return new Promise((resolve) => this.server.close(resolve));
  }
}
