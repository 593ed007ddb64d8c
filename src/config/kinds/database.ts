// Checks of kind redis and postgres: their settings, and what of them tells targets apart.

import type { PostgresAsk, RedisAsk, Role } from "../ask.ts";
import { flag, port, text, word } from "../fields.ts";
import { section } from "../yaml.ts";
import {
  addressKey,
  type CheckReading,
  healthKeys,
  type KindReading,
  kindKey,
  loginKeys,
  readLogin,
  sourceFor,
  sourceKey,
} from "./common.ts";

const USER = "livezone";
const DATABASE = "postgres";

const role = word(["primary", "standby"] satisfies readonly Role[]).optional();

export const redisCheck = section({
  kind: kindKey,
  role,
  ...loginKeys,
  tripwire: flag.optional(),
  ...healthKeys,
  port: port.optional(),
  address: addressKey,
  source: sourceKey,
});

export const postgresCheck = section({
  kind: kindKey,
  role,
  ...loginKeys,
  database: text("a database's name").optional(),
  ...healthKeys,
  port: port.optional(),
  address: addressKey,
  source: sourceKey,
});

/** Reads a check of kind redis. */
export function readRedis(reading: CheckReading): KindReading | undefined {
  const raw = reading.reader.read(reading.at, reading.value, redisCheck);
  const login = raw && readLogin(reading, raw);
  if (raw === undefined || login === undefined) return undefined;
  if (raw.user !== undefined && (raw.password ?? raw.passwordFile) === undefined) {
    const mend = 'write "password" or "passwordFile" beside it';
    reading.reader.complain([...reading.at, "user"], `a user logs in with a password; ${mend}`);
    return undefined;
  }
  const ask = (to: string): RedisAsk => ({
    kind: "redis",
    address: to,
    port: raw.port ?? 6379,
    ...sourceFor(raw.source, to),
    tripwire: raw.tripwire ?? false,
    ...login,
    ...(raw.role === undefined ? {} : { role: raw.role }),
  });
  return { raw, ask };
}

/** Reads a check of kind postgres. */
export function readPostgres(reading: CheckReading): KindReading | undefined {
  const raw = reading.reader.read(reading.at, reading.value, postgresCheck);
  const login = raw && readLogin(reading, raw);
  if (raw === undefined || login === undefined) return undefined;
  const ask = (to: string): PostgresAsk => ({
    kind: "postgres",
    address: to,
    port: raw.port ?? 5432,
    ...sourceFor(raw.source, to),
    tripwire: false,
    ...login,
    user: raw.user ?? USER,
    database: raw.database ?? DATABASE,
    ...(raw.role === undefined ? {} : { role: raw.role }),
  });
  return { raw, ask };
}

/** The role, and who is asked as. The password is no part of it: a new one asks the same. */
export function identifyRedis(ask: RedisAsk): { path: string; rest: object } {
  return { path: rolePath(ask.role), rest: ask.user === undefined ? {} : { user: ask.user } };
}

/** The role, and what of a postgres ask is not default. */
export function identifyPostgres(ask: PostgresAsk): { path: string; rest: object } {
  const rest = {
    ...(ask.user === USER ? {} : { user: ask.user }),
    ...(ask.database === DATABASE ? {} : { database: ask.database }),
  };
  return { path: rolePath(ask.role), rest };
}

function rolePath(asked: Role | undefined): string {
  return asked === undefined ? "" : `/${asked}`;
}
