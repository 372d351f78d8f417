// SPDX-License-Identifier: MIT
// The vendors' own descriptions of their requests, from the reference data, as
// checkers: OpenAI's OpenAPI, AWS's service model, Google's protos, and tables of
// fields, a type a line, as Anthropic's and OpenAI's SDKs declare them.
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import * as is from './checkers.mjs';
import { Skip } from './tap.mjs';

const DATA =
  process.env.LLMGW_REFERENCE_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** Where a part of the reference data is; who needs it is skipped without it. */
export function reference(...path) {
  const where = join(DATA, ...path);
  if (existsSync(where)) return where;
  if (process.env.CI === 'true') throw new Error(`reference data is missing: ${path.join('/')}`);
  throw new Skip(`no reference data: ${path.join('/')}`);
}

const text = (...path) => readFileSync(reference(...path), 'utf8');

/* ---- OpenAI's OpenAPI -------------------------------------------------- */

/** As JSON Schema means it: null where it is allowed, and no `oneOf`, whose
 * branches here overlap (an EasyInputMessage is an InputMessage too). */
function plain(schema) {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, oneOf, discriminator, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, each]) => [key, plain(each)]),
  );
  const one = oneOf ? { ...rest, anyOf: oneOf } : rest;
  return nullable === true ? { anyOf: [one, { type: 'null' }] } : one;
}

let ajv;
/** The schema of that name, and of its members none that is not in it. */
export function openapi(name) {
  const document = ajv ? undefined : plain(JSON.parse(text('openapi', 'openai', 'openapi.json')));
  if (document) {
    ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
    addFormats(ajv);
    ajv.addSchema(document, 'openai');
  }
  const validate = ajv.compile({
    $ref: `openai#/components/schemas/${name}`,
    unevaluatedProperties: false,
  });
  return (value) => {
    if (validate(value)) return [];
    const depth = ({ instancePath }) => instancePath.split('/').length;
    const deepest = Math.max(...validate.errors.map(depth));
    return validate.errors
      .filter((e) => depth(e) === deepest)
      .map(({ instancePath, message, params }) => ({
        at: instancePath,
        why: `${message} ${JSON.stringify(params)}`,
      }));
  };
}

/* ---- a table of fields ------------------------------------------------- */

const TOKEN = /\s*('(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?|[A-Za-z_$][\w$.]*|\[\]|[{}[\]()<>|&;:?,=])/y;

function tokens(source) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.trimEnd().length) {
    const match = TOKEN.exec(source);
    if (!match) throw new Error(`not understood: ${source}`);
    found.push(match[1]);
  }
  return found;
}

const words = {
  string: is.string,
  number: is.number,
  boolean: is.boolean,
  unknown: is.anything,
  any: is.anything,
  object: is.object({}, [], is.anything),
  null: is.literal(null),
  true: is.literal(true),
  false: is.literal(false),
};

/** Reads one type of a table; `named` gives the checker of a name. */
class TypeReader {
  constructor(source, named) {
    this.tokens = tokens(source);
    this.named = named;
  }
  take(token) {
    if (this.tokens[0] !== token) return false;
    this.tokens.shift();
    return true;
  }
  must(token) {
    if (!this.take(token)) throw new Error(`${token} expected before ${this.tokens.join(' ')}`);
  }
  type() {
    this.take('|');
    const some = [this.one()];
    while (this.take('|')) some.push(this.one());
    return some.length > 1 ? is.union(...some) : some[0];
  }
  one() {
    let check = this.atom();
    while (this.take('[]')) check = is.array(check);
    while (this.take('&')) this.atom(); // only of `string & {}`
    return check;
  }
  atom() {
    const token = this.tokens.shift();
    if (token === '{') return is.object(...this.members());
    if (token === '(') {
      const check = this.type();
      this.must(')');
      return check;
    }
    if (token[0] === "'") return is.literal(token.slice(1, -1));
    if (/^-?\d/.test(token)) return is.literal(Number(token));
    if (this.take('<')) return this.generic(token);
    return words[token] ?? this.named(token);
  }
  generic(name) {
    const of = [this.type()];
    while (this.take(',')) of.push(this.type());
    this.must('>');
    if (name === 'Array') return is.array(of[0]);
    if (name === 'Record') return is.object({}, [], of[1]);
    throw new Error(`${name} is not understood`);
  }
  /** What object() takes. */
  members() {
    const known = {};
    const required = [];
    let others;
    while (!this.take('}')) {
      if (this.take('[')) {
        while (!this.take(']')) this.tokens.shift();
        this.must(':');
        others = this.type();
      } else {
        const name = this.tokens.shift().replace(/^'|'$/g, '');
        if (!this.take('?')) required.push(name);
        this.must(':');
        known[name] = this.type();
      }
      this.take(';');
    }
    return [known, required, others];
  }
}

/** The type of that name in these tables; the first of a name is the one. `more`:
 * {type: {member: checker}} that they do not have. */
export function table(name, files, more = {}) {
  const lines = new Map();
  for (const file of files)
    for (const line of text('types', file).split('\n')) {
      const match = /^([\w.$]+) (?:= (.*)|extends ([\w.$, ]+?) (\{.*\})|(\{.*\}))$/.exec(line);
      if (match && !lines.has(match[1]))
        lines.set(match[1], { type: match[2], bases: match[3]?.split(/, */), members: match[4] ?? match[5] });
    }
  const made = new Map();
  const where = (from, name) => {
    for (let scope = from; ; scope = scope.slice(0, Math.max(0, scope.lastIndexOf('.')))) {
      const full = scope ? `${scope}.${name}` : name;
      if (lines.has(full) && full !== from) return full;
      if (!scope) throw new Error(`${from}: no type ${name}`);
    }
  };
  const reader = (from, source) => new TypeReader(source, (name) => named(where(from, name)));
  const members = (full) => {
    const { bases = [], members: own } = lines.get(full);
    const read = reader(full, own);
    read.must('{');
    const parts = [...bases.map((base) => members(where(full, base))), read.members()];
    return [
      Object.assign({}, ...parts.map(([known]) => known), more[full]),
      parts.flatMap(([, required]) => required),
      parts.map(([, , others]) => others).find(Boolean),
    ];
  };
  const named = (full) => {
    if (!made.has(full))
      made.set(
        full,
        is.lazy(() => {
          const { type } = lines.get(full);
          return type ? reader(full, type).type() : is.object(...members(full));
        }),
      );
    return made.get(full);
  };
  return (value) => named(name)(value, '');
}

/* ---- AWS's service model ----------------------------------------------- */

const length = (what, { min = 0, max = Infinity }) =>
  is.scalar(`${what} of ${min} to ${max}`, (value) => value >= min && value <= max);
const counted = (shape) => (value, at) =>
  typeof value === 'string' ? length('length', shape)([...value].length, at) : [];
const matching = ({ pattern }) =>
  is.scalar(`match of ${pattern}`, (value) => !pattern || new RegExp(`^(?:${pattern})$`, 'u').test(value));

const awsShapes = {
  string: (shape) =>
    shape.enum ? is.literal(...shape.enum) : is.all(is.string, counted(shape), matching(shape)),
  blob: () => is.base64,
  boolean: () => is.boolean,
  double: (shape) => is.all(is.number, length('number', shape)),
  float: (shape) => is.all(is.number, length('number', shape)),
  integer: (shape) => is.all(is.integer, length('number', shape)),
  long: (shape) => is.all(is.integer, length('number', shape)),
  list: (shape, named) => is.array(named(shape.member.shape), shape),
  map: (shape, named) => is.object({}, [], named(shape.value.shape)),
  structure(shape, named) {
    if (shape.document) return is.anything;
    const members = Object.entries(shape.members).filter(([, { location }]) => !location);
    const names = members.map(([name]) => name);
    const check = is.object(
      Object.fromEntries(members.map(([name, { shape: type }]) => [name, named(type)])),
      (shape.required ?? []).filter((name) => names.includes(name)),
    );
    return shape.union ? is.choosing(check, [names], true) : check;
  },
};

/** The shape of that name; what travels in the path is no member. */
export function aws(name) {
  const { shapes } = JSON.parse(text('providers', 'bedrock', 'bedrock-runtime_2023-09-30_service-2.json'));
  const made = {};
  const named = (each) => (made[each] ??= is.lazy(() => awsShapes[shapes[each].type](shapes[each], named)));
  return (value) => named(name)(value, '');
}

/* ---- Google's protos --------------------------------------------------- */

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const protoWords = {
  string: is.string,
  bool: is.boolean,
  bytes: is.base64,
  float: is.number,
  double: is.number,
  int32: is.integer,
  int64: is.union(
    is.integer,
    is.scalar('integer', (value) => /^-?\d+$/.test(value)),
  ),
  'google.protobuf.Struct': is.object({}, [], is.anything),
  'google.protobuf.Value': is.anything,
  'google.protobuf.ListValue': is.array(is.anything),
  'google.protobuf.Duration': is.scalar('duration', (value) => /^-?\d+(\.\d+)?s$/.test(value)),
  'google.protobuf.Timestamp': is.string,
  'google.type.LatLng': is.object({ latitude: is.number, longitude: is.number }),
  'google.type.Interval': is.object({ startTime: is.string, endTime: is.string }),
};

const FIELD = /^(optional |repeated )?(map<\w+, *([\w.]+)>|[\w.]+) (\w+) = \d+/;

/** The messages and enums of a file by their full names. */
function protoTypes(source, types) {
  const scopes = [];
  const statements = source
    .replace(/\/\/.*|\/\*[^]*?\*\//g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\s+/g, ' ')
    .split(/(?<=[{};])/)
    .map((statement) => statement.trim());
  const owner = () => scopes.findLast(({ type }) => type)?.type;
  for (const statement of statements) {
    const opened = /^(message|enum|oneof|\w+).*?(\w+)? ?\{$/.exec(statement);
    if (opened) {
      const [, kind, name] = opened;
      const full = [...scopes.map((scope) => scope.name), name].filter(Boolean).join('.');
      const type = kind === 'message' ? { fields: {}, groups: [] } : kind === 'enum' ? { values: [] } : null;
      if (type) types.set(full, type);
      if (kind === 'oneof') owner().groups.push([]);
      scopes.push({ name: type && name, type, oneof: kind === 'oneof' });
    } else if (statement === '}') scopes.pop();
    else if (owner()?.values) owner().values.push(/^\w*/.exec(statement)[0]);
    else if (owner()?.fields) {
      const [, label, type, valueType, name] = FIELD.exec(statement) ?? [];
      if (!name) continue;
      const at = scopes
        .filter((scope) => scope.name)
        .map((scope) => scope.name)
        .join('.');
      owner().fields[camel(name)] = {
        repeated: label === 'repeated ',
        type: valueType ?? type,
        map: valueType,
        at,
      };
      if (scopes.at(-1).oneof) owner().groups.at(-1).push(camel(name));
    }
  }
}

/** The message of that name; `more` as of table(). */
export function proto(name, folder, more = {}) {
  const types = new Map();
  for (const file of readdirSync(reference('providers', 'google', folder)))
    if (file.endsWith('.proto')) protoTypes(text('providers', 'google', folder, file), types);
  for (const [full, fields] of Object.entries(more)) Object.assign(types.get(full).fields, fields);
  const made = {};
  const named = (name, at) => {
    if (protoWords[name]) return protoWords[name];
    for (let scope = at; ; scope = scope.slice(0, Math.max(0, scope.lastIndexOf('.')))) {
      const full = scope ? `${scope}.${name}` : name;
      if (types.has(full)) return (made[full] ??= is.lazy(() => checker(types.get(full))));
      if (!scope) throw new Error(`${at}: no type ${name}`);
    }
  };
  const field = (each) => {
    if (typeof each === 'function') return each;
    const { type, repeated, map, at } = each;
    const check = named(type, at);
    return repeated ? is.array(check) : map ? is.object({}, [], check) : check;
  };
  const checker = ({ fields, groups, values }) =>
    values
      ? is.literal(...values)
      : is.choosing(
          is.object(Object.fromEntries(Object.entries(fields).map(([key, each]) => [key, field(each)]))),
          groups,
          false,
        );
  return (value) => named(name, '')(value, '');
}
