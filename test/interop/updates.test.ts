// What nsupdate and knsupdate send, and what ACME clients send through them: signed updates of a zone
// whose records the store owns.

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";

const PORT = 18_970;
const PATIENT_MS = 60_000;
const SECRET = Buffer.from("0123456789abcdef0123456789abcdef").toString("base64");
const PROGRAMS = ["nsupdate", "knsupdate", "dig"];

const CONFIG = `listen: [127.0.0.1:${PORT}]
store: { path: livezone.db }
keys: [admin.key, acme.key]
zones:
  - origin: lab.example
    source: store
    allowTransfer: [127.0.0.1]
    allowUpdate:
      - { key: admin }
      - { key: acme, names: ["_acme-challenge.www.lab.example", "*.acme.lab.example"], types: [TXT] }
  - origin: file.example
    allowUpdate: [{ key: admin }]
`;
const ZONE = `$TTL 300
@    SOA ns hostmaster 100 3600 600 86400 60
@    NS  ns
ns   A   192.0.2.53
www  A   192.0.2.10
www  A   192.0.2.20
mail A   192.0.2.25
`;
const POOLS = `checks:
  up: { kind: push, ttl: 1h }
pools:
  www.lab.example: { targets: [192.0.2.10, 192.0.2.20], checks: [up] }
`;

function hasProgram(name: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${name}`]).status === 0;
}

describe.skipIf(!PROGRAMS.every(hasProgram))("updates by stock tools", () => {
  let box: Sandbox;
  let server: ServerProcess;

  beforeAll(async () => {
    box = sandbox();
    for (const name of ["admin", "acme"]) {
      const key = `key "${name}" {\n\talgorithm hmac-sha256;\n\tsecret "${SECRET}";\n};\n`;
      chmodSync(box.write(`${name}.key`, key), 0o600);
    }
    box.write("livezone.yaml", CONFIG);
    box.write("lab.example.zone", ZONE);
    box.write("lab.example.pools.yaml", POOLS);
    box.write("file.example.zone", ZONE);
    server = new ServerProcess(["serve", box.file("livezone.yaml")]);
    await server.waitFor("server.ready", undefined, PATIENT_MS);
  }, PATIENT_MS);

  afterAll(async () => {
    await server.stop();
    box.remove();
  });

  /** Sends commands; the RCODE's name, or "sent". */
  function update(program: string, commands: string, options: readonly string[] = []): string {
    const head = `server 127.0.0.1 ${PORT}\n`;
    const { stdout, stderr } = spawnSync(program, [...options], {
      input: `${head}${commands}\nsend\n`,
      encoding: "utf8",
      timeout: PATIENT_MS,
    });
    const said = `${stdout}${stderr}`;
    const [, rcode] = /update failed(?:: | with error ')([A-Z]+)/.exec(said) ?? [];
    return rcode ?? (said.trim() === "" ? "sent" : said.trim());
  }

  function keyed(name: string): string[] {
    return ["-y", `hmac-sha256:${name}:${SECRET}`];
  }

  function ask(name: string, type: string): string {
    const server = ["@127.0.0.1", "-p", String(PORT), "+short", "+norecurse"];
    return execFileSync("dig", [...server, `${name}.lab.example`, type], {
      encoding: "utf8",
    }).trim();
  }

  function serial(): number {
    const server = ["@127.0.0.1", "-p", String(PORT), "+short", "+norecurse"];
    const soa = execFileSync("dig", [...server, "lab.example", "SOA"], { encoding: "utf8" });
    return Number(soa.split(" ")[2]);
  }

  it.each([
    ["nsupdate", [], "a"],
    ["nsupdate", ["-v"], "b"],
    ["knsupdate", [], "c"],
    ["knsupdate", ["-v"], "d"],
  ] as const)("%s %j adds, replaces and deletes", (program, options, name) => {
    const before = serial();
    const send = (commands: string): string => {
      return update(program, `zone lab.example\n${commands}`, [...options, ...keyed("admin")]);
    };
    const owner = `${name}.lab.example.`;
    expect(send(`prereq nxdomain ${owner}\nupdate add ${owner} 60 A 192.0.2.1`)).toBe("sent");
    expect(ask(name, "A")).toBe("192.0.2.1");
    expect(serial()).toBe(before + 1);
    expect(send(`update delete ${owner} A\nupdate add ${owner} 60 A 192.0.2.2`)).toBe("sent");
    expect(ask(name, "A")).toBe("192.0.2.2");
    expect(send(`prereq nxdomain ${owner}\nupdate add ${owner} 60 A 192.0.2.3`)).toBe("YXDOMAIN");
    expect(send(`prereq yxrrset ${owner} A 192.0.2.9\nupdate delete ${owner}`)).toBe("NXRRSET");
    expect(send(`update delete ${owner}`)).toBe("sent");
    expect(ask(name, "A")).toBe("");
    expect(serial()).toBe(before + 3);
    const ixfr = execFileSync(
      "dig",
      ["@127.0.0.1", "-p", String(PORT), "lab.example", `IXFR=${before}`, "+noall", "+answer"],
      { encoding: "utf8" },
    );
    expect(
      ixfr
        .trim()
        .split("\n")
        .filter((line) => !/\tSOA\t/.test(line)),
    ).toEqual([]);
  });

  it("takes an update as long as a message can be, and one of the serial alone", () => {
    const send = (commands: string): string => {
      return update("nsupdate", `zone lab.example\n${commands}`, ["-v", ...keyed("admin")]);
    };
    const many = Array.from({ length: 500 }, (_, i) => {
      return `update add many${i}.lab.example. 60 TXT "${"x".repeat(80)}"`;
    });
    expect(send(many.join("\n"))).toBe("sent");
    expect(ask("many499", "TXT")).toBe(`"${"x".repeat(80)}"`);
    const wanted = serial() + 1000;
    const soa = `ns.lab.example. hostmaster.lab.example. ${wanted} 3600 600 86400 60`;
    expect(send(`update add lab.example. 300 SOA ${soa}`)).toBe("sent");
    expect(serial()).toBe(wanted);
    expect(send(`update add lab.example. 300 SOA ${soa}`)).toBe("sent");
    expect(serial()).toBe(wanted);
  });

  it("takes what certbot and lego send, and no more from their key", () => {
    const challenge = "_acme-challenge.www.lab.example.";
    const send = (commands: string): string => update("nsupdate", commands, keyed("acme"));
    // certbot adds, and deletes the very record.
    expect(send(`zone lab.example\nupdate add ${challenge} 120 TXT "token-1"`)).toBe("sent");
    expect(send(`zone lab.example\nupdate add ${challenge} 120 TXT "token-2"`)).toBe("sent");
    expect(ask("_acme-challenge.www", "TXT").split("\n").sort()).toEqual([
      '"token-1"',
      '"token-2"',
    ]);
    expect(send(`zone lab.example\nupdate delete ${challenge} TXT "token-1"`)).toBe("sent");
    // lego deletes the RRset and adds the record, in one message.
    const replace = `update delete ${challenge} TXT\nupdate add ${challenge} 120 TXT "token-3"`;
    expect(send(`zone lab.example\n${replace}`)).toBe("sent");
    expect(ask("_acme-challenge.www", "TXT")).toBe('"token-3"');
    // The zone is found by asking for its SOA, under the key.
    expect(send(`update delete ${challenge} TXT "token-3"`)).toBe("sent");
    expect(ask("_acme-challenge.www", "TXT")).toBe("");
    const others = [
      `update add ${challenge} 60 CNAME mail.lab.example.`,
      'update add www.lab.example. 60 TXT "x"',
      'update add acme.lab.example. 60 TXT "x"',
      "update delete mail.lab.example.",
    ];
    for (const command of others) expect(send(`zone lab.example\n${command}`)).toBe("REFUSED");
    expect(ask("mail", "A")).toBe("192.0.2.25");
    expect(send('zone lab.example\nupdate add x.acme.lab.example. 60 TXT "x"')).toBe("sent");
  });

  it("refuses strangers, files, pools and what breaks the zone, and says so", async () => {
    const add = "update add new.lab.example. 60 A 192.0.2.1";
    const send = (zone: string, ...commands: string[]): string => {
      return update("nsupdate", [`zone ${zone}`, ...commands].join("\n"), keyed("admin"));
    };
    const a = "60 A 192.0.2.1";
    expect(update("nsupdate", `zone lab.example\n${add}`)).toBe("REFUSED");
    expect(send("other.example", `update add a.other.example. ${a}`)).toBe("NOTAUTH");
    expect(send("file.example", `update add a.file.example. ${a}`)).toBe("REFUSED");
    expect(send("lab.example", add, "update delete www.lab.example. A")).toBe("REFUSED");
    expect(send("lab.example", add, `update add a.example.net. ${a}`)).toBe("NOTZONE");
    const alias = "update add sub.lab.example. 60 DNAME a.example.";
    expect(send("lab.example", add, alias, `update add x.sub.lab.example. ${a}`)).toBe("REFUSED");
    const reasons = [
      /it is not in allowUpdate/,
      /its records come from the file/,
      /www\.lab\.example A belongs to a pool/,
      /is out of zone/,
      /the zone would break/,
    ];
    for (const reason of reasons) {
      const isMeant = ({ msg }: { msg: string }): boolean => reason.test(msg);
      await server.waitFor("session.refused", isMeant, PATIENT_MS);
    }
    expect(ask("new", "A")).toBe("");
    expect(ask("www", "A")).not.toBe("");
  });

  it("keeps what was acknowledged over a kill", { timeout: 2 * PATIENT_MS }, async () => {
    const add = "zone lab.example\nupdate add kept.lab.example. 60 A 192.0.2.77";
    expect(update("nsupdate", add, keyed("admin"))).toBe("sent");
    const before = serial();
    server.signal("SIGKILL");
    await server.exited;
    server = new ServerProcess(["serve", box.file("livezone.yaml")]);
    await server.waitFor("server.ready", undefined, PATIENT_MS);
    expect(ask("kept", "A")).toBe("192.0.2.77");
    expect(serial()).toBeGreaterThanOrEqual(before);
  });
});
