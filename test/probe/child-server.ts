// An HTTP server in a process of its own, to be killed or stopped for real.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

const PROGRAM = `
const server = require("node:http").createServer((_, response) => response.end("ok"));
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: process.argv[1], backlog: 1 }, () => console.log(server.address().port));
`;

/** A running child and where it listens. */
export interface ChildServer {
  readonly address: string;
  readonly port: number;
  readonly child: ChildProcess;
  /** SIGKILL, and waits for the end. */
  readonly kill: () => Promise<void>;
}

export async function startChild(address: string): Promise<ChildServer> {
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const child = spawn(process.execPath, ["-e", PROGRAM, address], { stdio: [...stdio] });
  const [line] = child.stdout === null ? [] : await once(child.stdout, "data");
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { address, port: Number(String(line)), child, kill };
}
