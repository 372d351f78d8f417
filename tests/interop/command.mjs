// SPDX-License-Identifier: MIT
// The command as a process: what it wrote, or why it did not, with the exit code as `code`.
import { execFile } from 'node:child_process';

import { Skip } from './tap.mjs';

/** Runs it with `input`; gives {stdout, stderr}, the former as bytes. */
export function command(args, input, env = {}) {
  const program = process.env.LLMGW_COMMAND;
  if (!program) throw new Skip('the command is not built');
  const options = { env: { ...process.env, ...env }, encoding: 'buffer', maxBuffer: 1 << 26 };
  return new Promise((done, failed) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) done({ stdout, stderr: stderr.toString() });
      else failed(Object.assign(new Error(`${error.message}\n${stderr}`), { code: error.code, stdout }));
    });
    child.stdin.on('error', failed).end(input);
  });
}

/** llmgw convert; `kind` is request, response or stream. */
export const convert = async (kind, from, to, input) =>
  (await command(['convert', kind, '--from', from, '--to', to], input)).stdout;
