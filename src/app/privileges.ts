// Who the process is. Started as root it becomes another user before any thread is started, and keeps
// two capabilities: to bind ports below 1024, which a replaced thread must do again, and to send ICMP.

import { execFileSync } from "node:child_process";
import { existsSync, lchownSync } from "node:fs";
import { userInfo } from "node:os";
import { AppError, messageOf } from "../base/errors.ts";

/** The process cannot become the user that the configuration names. */
class UserError extends AppError {
  override readonly code = "USER";

  constructor(user: string, state: string, cause?: unknown) {
    super(`Cannot run as user "${user}": ${state}`, { cause });
  }
}

/** What is to belong to the user: written by a server that ran as root before, perhaps. */
export interface OwnFiles {
  /** The database's path; undefined: it is in memory. */
  readonly store: string | undefined;
  readonly log: string | undefined;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** What the store writes beside the database, and what the image and the API do. */
const STORE_SUFFIXES = [
  ...["", "-wal", "-shm", "-journal", "-lock", "-lock-journal"],
  ...[".image", ".live", ".sock"],
];

const CAP_NET_BIND_SERVICE = 10;
const CAP_NET_RAW = 13;
const KEPT = (1 << CAP_NET_BIND_SERVICE) | (1 << CAP_NET_RAW);
const PR_SET_KEEPCAPS = 8;
/** `struct __user_cap_header_struct` of version 3: capabilities are two words each. */
const CAP_VERSION_3 = 0x2008_0522;

/**
 * Becomes `user` with its groups, for good, where the process was started as root.
 *
 * @returns a sentence for the log where it was not, and is somebody else.
 * @throws UserError when that cannot be done whole: then nothing is served.
 */
export async function becomeUser(user: string, files: OwnFiles): Promise<string | undefined> {
  if (process.getuid?.() !== 0) {
    const own = ownName();
    return own === user ? undefined : `"user: ${user}" is for root, and this is ${own}`;
  }
  const account = accountOf(user);
  const capabilities = await openCapabilities(user);
  handOver(account, files);
  capabilities.keepOverChange();
  process.setgroups?.([...account.groups]);
  process.setgid?.(account.gid);
  process.setuid?.(account.uid);
  capabilities.reduce();
  if (process.getuid?.() !== account.uid || canReturn()) {
    throw new UserError(user, "the system has not taken root away");
  }
  return undefined;
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}

/** By `id`, which asks whatever the system keeps its users in. */
function accountOf(user: string): Account {
  const ask = (flag: string): number[] => {
    const out = execFileSync("id", [flag, "--", user], { encoding: "utf8", stdio: "pipe" });
    return out.trim().split(/\s+/).map(Number);
  };
  try {
    const [[uid = Number.NaN], [gid = Number.NaN], groups] = [ask("-u"), ask("-g"), ask("-G")];
    if (uid > 0 && gid > 0) return { uid, gid, groups };
  } catch (error) {
    throw new UserError(user, "there is no such user; create it by useradd --system", error);
  }
  throw new UserError(user, "it is root by another name");
}

/** Of what is there, only what this program itself writes changes hands. */
function handOver({ uid, gid }: Account, { store, log }: OwnFiles): void {
  const written = store === undefined ? [] : STORE_SUFFIXES.map((suffix) => store + suffix);
  for (const path of [...written, ...(log === undefined ? [] : [log])]) {
    // A link is not followed: whoever put it there is not to be given what it leads to.
    if (existsSync(path)) lchownSync(path, uid, gid);
  }
}

interface Capabilities {
  /** They are to outlive the change of user. */
  keepOverChange(): void;
  /** Keeps two of them, of those that there are. */
  reduce(): void;
}

/** For the calling thread, and so for those that it starts. */
async function openCapabilities(user: string): Promise<Capabilities> {
  try {
    const { default: koffi } = await import("koffi");
    const library = koffi.load(null);
    const prctl = library.func(
      "int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)",
    );
    const capget = library.func("int capget(void *, void *)");
    const capset = library.func("int capset(void *, void *)");
    const checked = (what: string, result: unknown): void => {
      if (result !== 0) throw new UserError(user, `${what} fails with errno ${koffi.errno()}`);
    };
    const header = Uint32Array.of(CAP_VERSION_3, 0);
    return {
      keepOverChange: () => checked("prctl", prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)),
      reduce: () => {
        // Effective, permitted, inheritable; and the same of the upper 32.
        const words = new Uint32Array(6);
        checked("capget", capget(header, words));
        const kept = (words[1] ?? 0) & KEPT;
        checked("capset", capset(header, Uint32Array.of(kept, kept, 0, 0, 0, 0)));
      },
    };
  } catch (error) {
    const mend = "start it as that user, with CAP_NET_BIND_SERVICE";
    throw new UserError(user, `koffi cannot be used: ${messageOf(error)}; ${mend}`, error);
  }
}

/** Whether root can be had back: that must fail. */
function canReturn(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    return false;
  }
}
