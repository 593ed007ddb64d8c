// What the keeper of zones is given, and what it lends of a zone to whoever edits it.

import type { Time } from "../base/clock.ts";
import type { Name } from "../dns/name.ts";
import type { Engine } from "./engine.ts";
import type { EventSink, FilesPort, LoaderPort, StorePort } from "./ports.ts";
import type { Publisher } from "./publisher.ts";
import type { ServedZone } from "./served-zone.ts";
import type { StoreWriter } from "./store-writer.ts";
import type { ZoneFiles } from "./zone-files.ts";
import type { ZonePools } from "./zone-pools.ts";

/** What zones are given. */
export interface ZonePorts {
  readonly files: FilesPort;
  readonly loader: LoaderPort;
  readonly store: StorePort;
  readonly writer: StoreWriter;
  readonly publisher: Publisher;
  readonly engine: Engine;
  readonly time: Time;
  readonly emit: EventSink;
  /** Asks for another call of `changed`, after those that wait. */
  readonly again: (paths: readonly string[]) => void;
}

/** A zone while nothing else happens to it. */
export interface ZonePlace {
  readonly known: ZoneFiles;
  readonly served: ServedZone;
  readonly pools: ZonePools;
  /** Other zones that are given the same pools file. */
  readonly sharing: () => readonly Name[];
}
