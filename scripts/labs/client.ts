// The lab's client, run inside its host: asks for one name through each resolver all the time, and
// requests the page where the answer leads, or commits a row there. Prints what it sees as lines of JSON.
//
// usage: client.ts '{"owner": …, "lanes": [{ "name": …, "address": …, "isRequested": … }]}'
// Lines on its standard input: a rate, that many more questions a second to the first lane; or "rows",
// to count those that were committed.

import { createInterface } from "node:readline";
import { Asking } from "./client-asking.ts";
import { Load } from "./client-load.ts";
import { pageOf, Requests } from "./client-requests.ts";
import { Rows } from "./client-rows.ts";
import type { ClientOrder, Seen } from "./seen.ts";

const order = JSON.parse(process.argv[2] ?? "{}") as ClientOrder;
const say = (seen: Seen): void => console.log(JSON.stringify(seen));
const rows = new Rows(order.port);
const lanes = order.lanes.map((lane) => ({ lane, asking: new Asking(lane, order.owner, say) }));

for (const { lane, asking } of lanes) {
  const ask = (host: string): Promise<string> =>
    order.wants === "rows" ? rows.commit(host) : pageOf(host, order.port);
  if (lane.isRequested) new Requests(lane, asking, ask, say);
}

const [first] = lanes;
if (first !== undefined) {
  const load = new Load(first.lane, order.owner, say);
  // The end of whoever ordered this is the end of this.
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      if (line === "rows") void rows.count(first.asking.answer).then(say);
      else load.rate(Number(line));
    })
    .on("close", () => process.exit());
}
