import { describe, expect, it } from "vitest";
import type { OperatorHandlers } from "../../src/admin/operator-routes.ts";
import { createAdmin } from "../../src/admin/server.ts";
import type { ForceOrder } from "../../src/view/orders.ts";
import { REFUSING } from "../support/admin.ts";

const PATH = "/v1/targets/192.0.2.10/forced";
const BODY = { state: "down", author: "ann", reason: "update" };

function ask(request: { method: "PUT" | "DELETE" | "POST"; url: string; payload?: object }) {
  const orders: unknown[] = [];
  const report = (address: string) => ({ address, isDurable: true, nowWallMs: 0, pools: [] });
  const operators: OperatorHandlers = {
    ...REFUSING.operators,
    force: async (order: ForceOrder) => {
      orders.push(order);
      return report(order.address);
    },
    unforce: async (address, author) => {
      orders.push({ address, author });
      return report(address);
    },
  };
  return createAdmin({ ...REFUSING, operators })
    .inject(request)
    .then((response) => ({ status: response.statusCode, body: response.json(), orders }));
}

describe("PUT /v1/targets/:address/forced", () => {
  it("passes the order on, the address in its canonical form", async () => {
    const url = "/v1/targets/2001%3ADB8%3A%3A10/forced";
    const payload = { ...BODY, forMs: 60_000, force: true };
    const { status, orders } = await ask({ method: "PUT", url, payload });
    expect(status).toBe(200);
    expect(orders).toEqual([
      { address: "2001:db8::10", ...BODY, forMs: 60_000, isFloorIgnored: true },
    ]);
  });

  it("answers problem documents that say what is wrong", async () => {
    const said = async (payload: object, url = PATH) => {
      const { status, body, orders } = await ask({ method: "PUT", url, payload });
      expect({ status, orders }).toEqual({ status: 400, orders: [] });
      return body.detail;
    };
    expect(await said({ ...BODY, state: "drained" })).toContain('"state"');
    expect(await said({ ...BODY, author: " " })).toContain('"author"');
    expect(await said({ state: "up", author: "ann" })).toContain('"reason"');
    expect(await said({ ...BODY, forMs: 1 })).toContain('"forMs"');
    expect(await said({ ...BODY, for: "1m" })).toContain("for");
    expect(await said(BODY, "/v1/targets/www/forced")).toBe(
      'Cannot read "www": it is no IP address; name an address that a pool answers, such as 192.0.2.10 or "2001:db8::10"',
    );
  });
});

describe("DELETE /v1/targets/:address/forced", () => {
  it("wants to know who says so", async () => {
    const { orders } = await ask({ method: "DELETE", url: `${PATH}?author=ben` });
    expect(orders).toEqual([{ address: "192.0.2.10", author: "ben" }]);
    expect((await ask({ method: "DELETE", url: PATH })).status).toBe(400);
  });
});

describe("refusals", () => {
  it("are problem documents with their own status and code", async () => {
    const { status, body } = await ask({
      ...{ method: "POST", url: "/v1/pools/www.example.org/approval", payload: { author: "ann" } },
    });
    expect(body).toMatchObject({ status: 409, code: "NO_SERVER", title: "Conflict" });
    expect(status).toBe(409);
  });
});
