import { conformance } from "./conformance.ts";
import { batched, portable, tcp, tls } from "./transports.ts";

for (const transport of [batched, portable, tcp, tls]) conformance(transport);
