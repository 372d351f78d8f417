// SPDX-License-Identifier: MIT
// examples/relay.c as a process of its own, on a port of the system's choice.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export const TOKEN = 'the-callers-token';
export const UPSTREAM_KEY = 'the-providers-key';

/** Providers of both formats, all of them the one upstream. */
export const settingsFor = ({ url }) => ({
  'providers.chat.type': 'openai',
  'providers.chat.base_url': `${url}/v1`,
  'providers.chat.api_key': UPSTREAM_KEY,
  'providers.claude.type': 'anthropic',
  'providers.claude.base_url': url,
  'providers.claude.api_key': UPSTREAM_KEY,
  'providers.local.type': 'compatible',
  'providers.local.base_url': `${url}/v1`,
});

export class Relay {
  #process;

  constructor(upstream, settings = {}, token = TOKEN) {
    this.settings = { 'retry.initial_ms': 20, ...settingsFor(upstream), ...settings };
    this.token = token;
  }

  async start() {
    const args = ['--listen', '127.0.0.1:0'];
    if (this.token) args.push('--token-env', 'RELAY_TOKEN');
    for (const [key, value] of Object.entries(this.settings)) args.push('--set', `${key}=${value}`);
    this.#process = spawn(process.env.LLMGW_RELAY, args, {
      env: { ...process.env, RELAY_TOKEN: this.token },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    process.once('exit', () => this.#process.kill('SIGKILL')); // whatever happens
    this.ended = new Promise((done) => this.#process.once('close', (code, signal) => done(signal ?? code)));
    for await (const line of createInterface(this.#process.stdout)) {
      const where = /listening on (?:http:\/\/)?(\S+)/.exec(line);
      if (!where) continue;
      this.url = `http://${where[1]}`;
      this.#process.stdout.resume();
      return this;
    }
    throw new Error(`the relay ended at once: ${await this.ended}`);
  }

  /** Asks it to end; gives its exit code. */
  async stop() {
    this.#process.kill('SIGTERM');
    return this.ended;
  }
}
