// The lab's client, run inside its host: asks for one name through each resolver all the time, and
// requests the page where the answer leads. Prints what it sees as lines of JSON.
//
// usage: client.ts '{"owner": …, "lanes": [{ "name": …, "address": …, "isRequested": … }]}'
// Lines on its standard input are rates: that many more questions a second to the first lane.

import { createInterface } from "node:readline";
import { Asking } from "./client-asking.ts";
import { Load } from "./client-load.ts";
import { Requests } from "./client-requests.ts";
import type { ClientOrder, Seen } from "./seen.ts";

const order = JSON.parse(process.argv[2] ?? "{}") as ClientOrder;
const say = (seen: Seen): void => console.log(JSON.stringify(seen));

for (const lane of order.lanes) {
  const asking = new Asking(lane, order.owner, say);
  if (lane.isRequested) new Requests(lane, order, asking, say);
}

const [first] = order.lanes;
if (first !== undefined) {
  const load = new Load(first, order.owner, say);
  // The end of whoever ordered this is the end of this.
  createInterface({ input: process.stdin })
    .on("line", (line) => load.rate(Number(line)))
    .on("close", () => process.exit());
}
