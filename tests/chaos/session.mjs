// One person's account and session, used the way clients use tokens, deliberate misuse included.
import { fingerprint, now } from './history.mjs';

// Past the leeway, and past what the clocks of two processes differ by anyway.
const LATE_MS = 31_000;

const milliseconds = ({ seconds, nanos }) => Number(seconds) * 1000 + nanos / 1e6;

export class Session {
  // `say(op, service, method, request, {args, pick, public})` makes a call that gets into the history.
  constructor(say, email, password) {
    Object.assign(this, { say, email, password, registered: false, tokens: undefined, spent: [], used: [] });
  }

  get accessToken() {
    return this.tokens?.access_token;
  }

  // What the history says of the token that a call carries.
  get args() {
    return this.tokens && argsOf(this.tokens);
  }

  take(tokens) {
    this.tokens = tokens;
    this.used.push(tokens);
  }

  // True once there is a session. Both steps may be repeated: a registration that is there already answers the same.
  async signIn() {
    const { email, password } = this;
    if (!this.registered) {
      this.registered = (await this.say('Register', 'AuthService', 'Register',
        { email, password, display_name: 'Ada', locale: 'en' }, { public: true, seconds: 20 })).ok;
    }
    const login = await this.say('Login', 'AuthService', 'Login', { email, password },
      { public: true, seconds: 20, pick: ({ tokens }) => tellTokens(tokens) });
    if (!login.ok) return false;
    this.take(login.response.tokens);
    this.spent = [];
    return true;
  }

  // Exchanges the newest token, or an older one that is given.
  async refresh(token = this.tokens.refresh_token, purpose = 'refresh') {
    const refreshed = await this.say('RefreshToken', 'AuthService', 'RefreshToken', { refresh_token: token },
      { public: true, args: { session: this.tokens.session, presented: fingerprint(token), purpose },
        pick: ({ tokens }) => tellTokens(tokens) });
    if (refreshed.ok && token === this.tokens.refresh_token) {
      this.spent.push(token);
      this.take(refreshed.response.tokens);
    }
    return refreshed;
  }

  // Three tabs at the same moment: were two of them to step, the token that all have heard would still be good.
  async refreshTogether() {
    const token = this.tokens.refresh_token;
    const answers = await Promise.all(Array.from({ length: 3 }, () => this.refresh(token, 'together')));
    if (answers.some(({ ok }) => ok)) await this.refresh(undefined, 'after together');
  }

  // A thief's copy: older than the one before the newest, so the family has to end.
  async reuse() {
    while (this.spent.length < 3) if (!(await this.refresh()).ok) return;
    await this.refresh(this.spent[this.spent.length - 3], 'reuse');
    await this.refresh(undefined, 'after reuse');
    this.tokens = undefined;
  }

  // Comes back with the access token of half a minute ago and more, which was good once, also where the clock of who
  // looks at it has been set since. Only a shop whose tokens live for seconds sees that in a run.
  async comeLate() {
    const late = this.used.filter((tokens) => argsOf(tokens).token_expires + LATE_MS < now());
    for (const tokens of late.slice(-2)) {
      await this.say('ComeLate', 'CartService', 'GetCart', { name: 'carts/me' }, { token: tokens.access_token, args: argsOf(tokens) });
    }
  }

  async logOut() {
    const { ok } = await this.say('Logout', 'AuthService', 'Logout', {});
    if (ok) await this.refresh(undefined, 'after logout');
    this.tokens = undefined;
  }
}

function argsOf(tokens) {
  return { session: tokens.session, token_expires: milliseconds(tokens.access_expire_time) };
}

function tellTokens(tokens) {
  return { session: tokens.session, principal: tokens.principal, successor: fingerprint(tokens.refresh_token) };
}
