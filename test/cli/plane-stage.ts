// A simulated control plane with a real API before it, for tests of the verbs that ask a server.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AdminServer, openAdmin } from "../../src/admin/server.ts";
import { PLANE_SETTLES_MS, Plane } from "../simulation/plane.ts";
import { REFUSING } from "../support/admin.ts";
import { type Run, run } from "./world.ts";

/** A plane that has settled, its API on a socket, and the command line of somebody called ann. */
export class PlaneStage {
  readonly plane: Plane;
  readonly #folder = mkdtempSync(join(tmpdir(), "lz-"));
  #admin: AdminServer | undefined;

  private constructor(pools: string | undefined, anchors: readonly string[]) {
    this.plane = new Plane({ ...(pools !== undefined && { pools }), anchors });
  }

  /** @param pools The pools file, the sample's if not given. */
  static async open(pools?: string, anchors: readonly string[] = []): Promise<PlaneStage> {
    const stage = new PlaneStage(pools, anchors);
    const { plane } = stage;
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    const { desk: operators, records: zones, swaps } = plane;
    const socket = stage.#socket;
    stage.#admin = await openAdmin({ ...REFUSING, socket, operators, swaps, zones });
    return stage;
  }

  async close(): Promise<void> {
    await this.#admin?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Runs a command line on the plane's clock. */
  run(args: readonly string[]): Promise<Run> {
    const { time } = this.plane;
    return run([...args, "--socket", this.#socket], new Map(), {
      now: () => time.wallMs(),
      sleep: (forMs) => time.advance(forMs),
    });
  }

  /** What a command line says, line by line, a bad exit status first. */
  async order(line: string): Promise<readonly string[]> {
    const { status, out, err } = await this.run(line.split(" "));
    const lines = `${out}${err}`.split("\n").filter((text) => text !== "");
    return status === 0 ? lines : [`status ${status}`, ...lines];
  }

  get #socket(): string {
    return join(this.#folder, "x.sock");
  }
}
