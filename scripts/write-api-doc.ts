// Writes docs/api.md: its list of routes is taken from the API's own description; a test holds the
// page to it.

import { writeFileSync } from "node:fs";
import { createAdmin } from "../src/admin/server.ts";
import { REFUSING } from "../test/support/admin.ts";

const HEAD = `# The API

HTTP and JSON, described by itself at \`/openapi.json\` (OpenAPI 3.1). The command line uses nothing else.

## Who gets in

On the **unix socket** (\`STORE.sock\`, or \`admin: socket\`) the file's mode decides: 0660, so the owner and its group.

    curl --unix-socket var/livezone.db.sock http://localhost/v1/zones

At **TCP addresses** a bearer token does. \`livezone token NAME --scope read,edit\` prints one, once, and the line for
the configuration, which holds nothing but its SHA-256:

    admin:
      listen: [127.0.0.1:8053]
      tokens:
        - { name: ci, scopes: [read, edit], sha256: 5e88… }
      anonymous: read          # loopback only: look without a token, by address or as localhost
      tls: { certificate: cert.pem, key: key.pem }

| scope | allows |
|---|---|
| \`read\` | everything that changes nothing, the metrics too |
| \`operate\` | \`read\`, forcing, approving, reloading, heartbeats |
| \`edit\` | \`read\`, changing records |

\`/healthz\`, \`/readyz\` and \`/openapi.json\` are open. Wrong tokens are heard of as \`api.denied\`, once a minute.

## Changes

- Every change has an author and a reason. Over TCP the author is the token's name if none is given. Each is an
  \`api.changed\` event, in the log for good and at \`/v1/audit\` while the process lives.
- Records can be edited in zones with \`source: store\`; others refuse and name their file. An edit brings the serial it
  was made for, as \`If-Match\`: it is the \`ETag\` of the zone and of its records. All changes are made, or none.

      curl -X POST -H 'Authorization: Bearer lz_…' -H 'If-Match: "2026010102"' \\
        -H 'Content-Type: application/json' https://ns1.example.org:8053/v1/zones/example.org/edits \\
        -d '{ "reason": "new mail host", "changes": [
              { "action": "replace", "name": "mail.example.org", "type": "A", "ttl": 300, "rdata": ["192.0.2.25"] },
              { "action": "add", "name": "example.org", "type": "MX", "rdata": ["20 mail.example.org."] },
              { "action": "remove", "name": "www.example.org", "type": "A", "rdata": ["192.0.2.9"] },
              { "action": "delete", "name": "old.example.org", "type": "CNAME" } ] }'

- An edit that would break the zone or its pools is refused, and one that takes a pool's last healthy member too,
  unless \`"force": true\` says that it is meant. Zones above 20,000 records are checked where they change.
- \`Idempotency-Key\` makes a repeated POST harmless: it is answered as the first one was, for a day, for the last 1000 keys.

## Errors

Problem documents (RFC 9457), \`application/problem+json\`: \`status\`, \`title\`, \`detail\` (a sentence), and a stable \`code\`.

| status | codes |
|---|---|
| 400 | \`BAD_REQUEST\`, \`BAD_CHANGE\`, \`ZONE_UNFIT\`, \`KEY_REUSED\` |
| 401, 403 | \`NO_TOKEN\`, \`BAD_TOKEN\`, \`BAD_HOST\`; \`SCOPE\` |
| 404 | \`NO_ROUTE\`, \`NO_ZONE\`, \`NO_POOL\`, \`NO_TARGET\`, \`NO_ADDRESS\`, \`NO_SWAP\`, \`NOT_FORCED\` |
| 409 | \`FLOOR\`, \`ZONE_IN_FILE\`, \`POOLS\`, \`NOT_STORED\`, \`NOT_PUSH\`, \`NOT_A_COPY\`, \`NOTHING_TO_APPROVE\`, \`KEY_BUSY\` |
| 412, 428 | \`SERIAL\`; \`NO_IF_MATCH\` |
| 503 | \`NOT_READY\`, \`TOO_MANY_READERS\` |

## Events as they happen

\`GET /v1/events\` is a stream of server-sent events. Each one's data is the line of the log ([events](events.md)), its id
\`RUN-NUMBER\`. The last 2048 events come first; \`Last-Event-ID\` (or \`?after=ID\`) continues instead, and an event named
\`gap\` says when more was missed than is kept. \`?level=debug\` adds single probes, live only. A comment every 15 seconds
keeps the connection; a reader that falls 4 MiB behind is dropped.

## Notifications

\`notify:\` tells people who are not looking. Each receiver has a \`severity\` (default \`warning\`), a \`delay\` (what is over
within it is never told) and a \`repeat\` for troubles that last:

    notify:
      - { name: ops, url: "https://example.org/hook", secretFile: hook.key, delay: 30s, repeat: 4h }
      - { name: page, exec: /usr/local/bin/page, severity: critical }

A message is JSON: \`id\`, \`state\` (\`opened\`, \`repeated\`, \`closed\`, \`once\`), \`severity\`, \`about\`, \`event\`, \`message\`, \`time\`,
\`fields\`. Webhooks carry \`Livezone-Signature: t=SECONDS,v1=HEX\`, the HMAC-SHA-256 of \`SECONDS.BODY\` with the secret file's
text, and the id as \`Idempotency-Key\`: a message that is tried again has the same. Any status from 200 to 299 takes it;
else it is tried for a day, 1 s to 5 min apart. A program gets it on standard input and takes it with exit status 0.

## Routes

This page is written by \`npm run docs:api\`.

| route | does |
|---|---|
`;

/** The page. */
export async function apiPage(): Promise<string> {
  const server = createAdmin(REFUSING);
  const document = (await server.inject({ url: "/openapi.json" })).json() as {
    paths: Record<string, Record<string, { summary: string }>>;
  };
  const rows = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { summary }]) => {
      return `| \`${method.toUpperCase()} ${path}\` | ${summary} |`;
    }),
  );
  return `${HEAD}${rows.join("\n")}\n`;
}

if (process.argv[1]?.endsWith("write-api-doc.ts") === true) {
  writeFileSync("docs/api.md", await apiPage());
}
