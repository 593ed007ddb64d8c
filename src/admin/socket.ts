// The unix socket that the API stands on: taken only from the dead, never from the living.

import { lstatSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { codeOf, messageOf } from "../base/errors.ts";
import { AdminError } from "./errors.ts";

/** Octets of `sun_path` on Linux without its final zero (unix(7)); others have a little less. */
const PATH_OCTETS_MAX = 107;
/** A living server accepts at once; one that is silent for this long is living, but not well. */
const CONNECT_TIMEOUT_MS = 1000;

/**
 * Makes `path` free to listen on: removes the socket file that a dead server left.
 *
 * @throws AdminError when a server answers there, or when something else bears that name.
 */
export async function claimSocketPath(path: string): Promise<void> {
  const octets = Buffer.byteLength(path);
  if (octets > PATH_OCTETS_MAX) {
    const state = `its path has ${octets} octets, the most is ${PATH_OCTETS_MAX}; use --socket PATH`;
    throw new AdminError("ADMIN_SOCKET_PATH_TOO_LONG", path, state);
  }
  if (!isSocketThere(path)) return;
  const code = await connectCode(path);
  if (code === "ECONNREFUSED") {
    rmSync(path, { force: true });
    return;
  }
  if (code === "ENOENT") return;
  if (code === undefined || code === "ETIMEDOUT") {
    const state = "another server answers there; stop it first, or use --socket PATH";
    throw new AdminError("ADMIN_SOCKET_IN_USE", path, state);
  }
  throw new AdminError("ADMIN_SOCKET_UNUSABLE", path, `connecting to it fails with ${code}`);
}

function isSocketThere(path: string): boolean {
  try {
    if (lstatSync(path).isSocket()) return true;
  } catch (error) {
    // Whatever else is wrong with the path, listening on it will say so.
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return false;
    throw new AdminError("ADMIN_SOCKET_UNUSABLE", path, messageOf(error), error);
  }
  const state = "a file that is no socket stands there; remove it, or use --socket PATH";
  throw new AdminError("ADMIN_SOCKET_NOT_A_SOCKET", path, state);
}

/** The error of connecting, or `undefined` when somebody accepted. */
function connectCode(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (code: string | undefined): void => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => end("ETIMEDOUT"));
    socket.once("connect", () => end(undefined));
    socket.once("error", (error) => end(codeOf(error) ?? "an unknown error"));
  });
}
