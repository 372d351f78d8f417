// SPDX-License-Identifier: MIT
// Small checkers of JSON: each takes a value and its pointer and gives what is
// wrong with it, [{at, why}]. A member that is not known is wrong.
const wrong = (at, why, tag = false) => [{ at, why, tag }];
const shown = (value) => JSON.stringify(value)?.slice(0, 60);

export const anything = () => [];
export const lazy = (make) => {
  let made;
  return (value, at) => (made ??= make())(value, at);
};
export const scalar = (what, accepts) => (value, at) =>
  accepts(value) ? [] : wrong(at, `${shown(value)} is no ${what}`);
export const string = scalar('string', (value) => typeof value === 'string');
export const number = scalar('number', (value) => typeof value === 'number');
export const integer = scalar('integer', Number.isInteger);
export const boolean = scalar('boolean', (value) => typeof value === 'boolean');
export const base64 = scalar('base64', (value) => /^[A-Za-z0-9+/_-]*={0,2}$/.test(value));
/** One of these values; what it is tells a union of objects apart. */
export const literal =
  (...values) =>
  (value, at) =>
    values.includes(value)
      ? []
      : wrong(at, `${shown(value)} is none of ${values.slice(0, 8).join(', ')}`, true);

export const array =
  (item, { min = 0, max = Infinity } = {}) =>
  (value, at) => {
    if (!Array.isArray(value)) return wrong(at, `${shown(value)} is no array`);
    if (value.length < min || value.length > max) return wrong(at, `${value.length} items`);
    return value.flatMap((each, i) => item(each, `${at}/${i}`));
  };

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `others` checks members that are not known. */
export const object =
  (members, required = [], others) =>
  (value, at) => {
    if (!isObject(value)) return wrong(at, `${shown(value)} is no object`);
    return [
      ...required.filter((name) => !(name in value)).flatMap((name) => wrong(at, `${name} is missing`)),
      ...Object.entries(value).flatMap(([name, each]) => {
        const check = (Object.hasOwn(members, name) && members[name]) || others;
        return check ? check(each, `${at}/${name}`) : wrong(`${at}/${name}`, 'is not known');
      }),
    ];
  };

/** An object of which `groups` each have at most (or exactly) one member. */
export const choosing = (check, groups, exactly) => (value, at) => {
  const errors = check(value, at);
  for (const group of isObject(value) ? groups : []) {
    const has = group.filter((name) => name in value);
    if (has.length > 1 || (exactly && has.length === 0))
      errors.push(...wrong(at, `${has.join(' and ') || 'none'} of ${group.join(', ')}`));
  }
  return errors;
};

/** One of these; the errors are those of the one that was meant. */
export const union =
  (...checks) =>
  (value, at) => {
    let best;
    for (const check of checks) {
      const errors = check(value, at);
      if (errors.length === 0) return errors;
      const depth = at.split('/').length;
      const strange = errors.filter((e) => e.at === at || (e.tag && e.at.split('/').length === depth + 1));
      const score = strange.length * 1000 + errors.length;
      if (!best || score < best.score) best = { errors, score };
    }
    return best.errors;
  };

export const all =
  (...checks) =>
  (value, at) =>
    checks.flatMap((check) => check(value, at));
