// SPDX-License-Identifier: MIT
// What the relay takes for a provider: it keeps every request as it came, plays
// the answers that a case wrote by hand, and passes all else on to aimock.
import { once } from 'node:events';
import http from 'node:http';

export class Upstream {
  /** Requests in the order they came: {method, path, headers, raw, json, gone}. */
  seen = [];
  #written = [];
  #behind;
  #server = http.createServer((req, res) => {
    this.#serve(req, res).catch(() => res.destroy());
  });

  /** `behind`: the URL of aimock. */
  constructor(behind) {
    this.#behind = behind;
  }

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  clear() {
    this.seen.length = this.#written.length = 0;
  }

  /** The next requests are answered by these, one each. */
  answer(...answers) {
    this.#written.push(...answers);
  }

  /** The one request that a case should have made. */
  get only() {
    if (this.seen.length !== 1) throw new Error(`${this.seen.length} requests came, not one`);
    return this.seen[0];
  }

  async #serve(req, res) {
    const pieces = [];
    for await (const piece of req) pieces.push(piece);
    const raw = Buffer.concat(pieces).toString();
    const closed = once(res, 'close').then(() => !res.writableFinished);
    this.seen.push({
      method: req.method,
      path: req.url,
      headers: req.headers,
      raw,
      get json() {
        return JSON.parse(raw);
      },
      /** Did the caller go away before it had the answer? */
      gone: closed,
    });
    const answer = this.#written.shift() ?? this.#pass(req, raw);
    await answer(res);
  }

  #pass(req, raw) {
    return async (res) => {
      const { host, ...headers } = req.headers;
      const onward = http.request(this.#behind + req.url, { method: req.method, headers });
      onward.end(raw);
      const [back] = await once(onward, 'response');
      res.writeHead(back.statusCode, back.headers);
      for await (const piece of back) res.write(piece); // throws if it is cut
      res.end();
    };
  }
}

/** An answer that is whole. */
export const json =
  (status, body, headers = {}) =>
  (res) => {
    res.writeHead(status, { 'content-type': 'application/json', ...headers });
    res.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

/** A stream: each event is framed by its own type, if it has one. */
export const frame = (event) =>
  typeof event === 'string'
    ? event
    : `${event.type ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`;

export const stream =
  (events, { headers = {}, cut = false } = {}) =>
  async (res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    for (const event of events) {
      res.write(frame(event));
      await new Promise(setImmediate);
    }
    if (!cut) return res.end();
    await new Promise((done) => setTimeout(done, 20)); // what was written arrives
    res.destroy();
  };

/** A stream that goes on, an event every `ms`, until its reader leaves. */
export const endless =
  (events, again, ms = 10) =>
  async (res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) res.write(frame(event));
    const timer = again && setInterval(() => res.write(frame(again)), ms);
    await once(res, 'close');
    clearInterval(timer);
  };
