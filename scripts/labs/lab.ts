// The lab as one thing: up, reset, down, and what can be done to its hosts.

import { mkdirSync, rmSync } from "node:fs";
import { healAll } from "./faults.ts";
import { makeNetwork, namespacesOf, removeNetwork } from "./network.ts";
import { AUTHORITATIVE, HOST_NAMES, type HostName, type Site } from "./plan.ts";
import { LabError } from "./run-program.ts";
import { killAll, launchService, type Service, startService } from "./service.ts";
import { database, removeDatabases, setUpDatabases } from "./services/database.ts";
import { DEFAULT_SETTINGS, type LivezoneSettings, livezone } from "./services/livezone.ts";
import { goodDelegation, parent, writeParentZone } from "./services/parent.ts";
import { bind, clamp, unbound } from "./services/resolvers.ts";
import { knot, nsd } from "./services/secondaries.ts";
import { web } from "./services/web.ts";

/** What a scenario wants to find. */
export interface LabSettings {
  readonly livezone: LivezoneSettings;
  readonly hosts: readonly HostName[];
}

/** What `up` starts. */
export const DEFAULT_LAB: LabSettings = {
  livezone: DEFAULT_SETTINGS,
  hosts: ["parent", "livezone", "unbound", "bind", "clamp", "web1", "web2"],
};

/** A lab that is up. */
export class Lab {
  readonly site: Site;
  #settings: LabSettings;

  /** For a lab that is up already; `reset` says what runs in it. */
  constructor(site: Site) {
    this.site = site;
    this.#settings = DEFAULT_LAB;
  }

  static isUp(site: Site): boolean {
    return namespacesOf(site).length > HOST_NAMES.length;
  }

  /** Makes the hosts; `reset` starts what is on them. What a crash has left of an earlier lab goes first. */
  static async make(site: Site): Promise<Lab> {
    await Lab.down(site);
    mkdirSync(site.folder, { recursive: true });
    makeNetwork(site);
    return new Lab(site);
  }

  /** Ends what runs in the lab's namespaces and removes them, whether it was whole or not. */
  static async down(site: Site): Promise<void> {
    await killAll(namespacesOf(site));
    removeNetwork(site);
    removeDatabases(site);
    rmSync(site.folder, { recursive: true, force: true });
  }

  /** Everything new, as if nothing had happened: empty caches, an empty store, no faults. */
  async reset(settings: LabSettings): Promise<void> {
    this.#settings = settings;
    await killAll(namespacesOf(this.site));
    healAll(this.site);
    rmSync(this.site.file("log"), { recursive: true, force: true });
    const servers = settings.hosts.filter((host) => AUTHORITATIVE.includes(host));
    for (const host of settings.hosts) {
      rmSync(this.site.file(host), { recursive: true, force: true });
      mkdirSync(this.site.file(host), { recursive: true });
      this.#service(host).prepare(this.site);
    }
    writeParentZone(this.site, goodDelegation(servers));
    // Whoever asks starts after those who are to answer: livezone after its targets, who copies the
    // zone from it after livezone.
    const of = (...hosts: readonly HostName[]): readonly HostName[] =>
      settings.hosts.filter((host) => hosts.includes(host));
    const [databases, secondaries] = [of("db1", "db2"), of("nsd", "knot")];
    const later = [...databases, ...secondaries, "livezone"];
    await Promise.all([
      databases.length > 0 ? setUpDatabases(this.site) : undefined,
      this.#startAll(settings.hosts.filter((host) => !later.includes(host))),
    ]);
    await this.#startAll(of("livezone"));
    await this.#startAll(secondaries);
  }

  /** Starts what runs on a host, and waits for it. */
  async start(host: HostName): Promise<void> {
    await startService(this.site, host, this.#service(host));
  }

  /** Starts what runs on a host. */
  launch(host: HostName): void {
    launchService(this.site, host, this.#service(host));
  }

  /** SIGKILL for everything on a host. */
  async kill(host: HostName): Promise<void> {
    await killAll([this.site.namespace(host)]);
  }

  async #startAll(hosts: readonly HostName[]): Promise<void> {
    await Promise.all(hosts.map((host) => this.start(host)));
  }

  #service(host: HostName): Service {
    switch (host) {
      case "parent":
        return parent;
      case "livezone":
        return livezone(this.#settings.livezone);
      case "unbound":
        return unbound;
      case "clamp":
        return clamp;
      case "bind":
        return bind;
      case "nsd":
        return nsd;
      case "knot":
        return knot;
      case "db1":
      case "db2":
        return database(host);
      case "web1":
      case "web2":
        return web(host);
      default:
        throw new LabError(`Cannot start ${host}: nothing is installed there`);
    }
  }
}
