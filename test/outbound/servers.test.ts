// Questions to other name servers that cannot be asked at all. What is asked of real ones, and what
// they answer, is tested with them.

import { describe, expect, it } from "vitest";
import { Servers } from "../../src/outbound/servers.ts";
import { SimulatedTime } from "../support/simulated-time.ts";

const QUERY = Uint8Array.of(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1);

describe("Servers", () => {
  it("answers nothing, and lives on, where there is no way to the server", async () => {
    const servers = new Servers(new SimulatedTime());
    // Refused by the system's connect, as an address without a route is, on every host.
    const server = { address: "255.255.255.255", port: 53, key: undefined };
    expect(await servers.ask(server, QUERY, 1000)).toBeUndefined();
    // It can be asked again: nothing of the first question is left.
    expect(await servers.ask(server, QUERY, 1000)).toBeUndefined();
    servers.close();
  });
});
