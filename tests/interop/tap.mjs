// SPDX-License-Identifier: MIT
// Cases that speak TAP: registered by test(), run one after the other.
const cases = [];
const CASE_MS = 20_000;

export class Skip extends Error {}

export const test = (name, run) => cases.push({ name, run });

function limited(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${CASE_MS} ms`)), CASE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Runs all cases, or those with `part` in their name; gives how many failed. */
export async function run(part, before) {
  const chosen = cases.filter(({ name }) => !part || name.includes(part));
  let failed = 0;
  console.log(`1..${chosen.length}`);
  for (const [i, { name, run }] of chosen.entries()) {
    const label = `${i + 1} - ${name.replaceAll('#', '\\#')}`;
    try {
      before();
      await limited(Promise.resolve().then(run));
      console.log(`ok ${label}`);
    } catch (e) {
      if (e instanceof Skip) {
        console.log(`ok ${label} # SKIP ${e.message}`);
        continue;
      }
      failed++;
      console.log(String(e?.stack ?? e).replace(/^/gm, '# '));
      console.log(`not ok ${label}`);
    }
  }
  return failed;
}
