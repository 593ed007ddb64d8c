// The page of pools: what each answers, and why.

import type { JSX } from "preact";
import {
  type AddressView,
  type DrillView,
  type MemberView,
  type PoolView,
  poolKey,
} from "../../view/state.ts";
import { drainWords, formatAgo } from "../../view/words.ts";
import type { Order } from "./act.tsx";
import { Ago, BeliefBar, BeliefPill, Empty, type Sheet, useFilter } from "./parts.tsx";
import { linkTo } from "./place.ts";

type Give = (order: Order) => void;
type AddressOrder = "drain" | "undrain" | "force" | "unforce";

export function PoolsPage(props: { readonly sheet: Sheet; readonly give: Give }): JSX.Element {
  const { sheet, give } = props;
  const pools = [...sheet.state.pools.values()].sort(byNeed);
  const { shown, field } = useFilter(pools, wordsOf);
  if (pools.length === 0) {
    return <Empty>No name follows the health of anything: no zone has a pools file.</Empty>;
  }
  return (
    <div class="cards">
      {field}
      {shown.map((pool) => (
        <PoolCard key={poolKey(pool)} pool={pool} sheet={sheet} give={give} />
      ))}
    </div>
  );
}

function wordsOf(pool: PoolView): string {
  return `${poolKey(pool)} ${pool.members.map(({ address }) => address).join(" ")} ${pool.reason}`;
}

/** What is not well comes first. */
function byNeed(a: PoolView, b: PoolView): number {
  return troubleOf(b) - troubleOf(a);
}

function troubleOf(pool: PoolView): number {
  if (pool.isFailOpen) return 3;
  if (pool.wanted !== undefined) return 2;
  return pool.members.some(({ belief }) => belief === "down") ? 1 : 0;
}

function PoolCard(props: {
  readonly pool: PoolView;
  readonly sheet: Sheet;
  readonly give: Give;
}): JSX.Element {
  const { pool, sheet, give } = props;
  const { nowMs } = sheet;
  const drill = [...sheet.state.drills.values()].findLast((each) => each.pool === pool.pool);
  const isToCome = pool.nextMs !== undefined && pool.nextMs > nowMs;
  const trouble = ["", "warn", "warn", "bad"][troubleOf(pool)] ?? "";
  return (
    <section class={`card ${trouble}`} aria-label={poolKey(pool)}>
      <header>
        <h2>
          {pool.pool} <span class="chip">{pool.type}</span>
        </h2>
        <span class="facts">
          {pool.policy}
          {pool.mode !== "auto" && `, mode ${pool.mode}`}
          {`, TTL ${pool.ttlSeconds} s`}
          {pool.rtoMs !== undefined && `, goal ${formatAgo(pool.rtoMs)}`}
        </span>
      </header>
      {pool.isFailOpen && (
        <p class="alarm" role="alert">
          No member is up: the last good answer goes on
        </p>
      )}
      <p class="serving">
        <span class="dim">answers</span> <strong>{pool.serving.join("  ") || "nothing"}</strong>
      </p>
      <p class="why">
        {pool.code !== "" && <code>{pool.code}</code>} {pool.reason}
      </p>
      {pool.wanted !== undefined && (
        <p class="ask">
          Wants to answer <strong>{pool.wanted.join(" ") || "nothing"}</strong>
          {pool.mode !== "shadow" && (
            <button
              type="button"
              onClick={() => give({ kind: "approve", pool: pool.pool, wanted: pool.wanted ?? [] })}
            >
              Approve…
            </button>
          )}
        </p>
      )}
      <table class="members">
        <thead>
          <tr>
            <th scope="col">member</th>
            <th scope="col">belief</th>
            <th scope="col">since</th>
            <th scope="col">past</th>
            <th scope="col">why</th>
            <th scope="col">
              <span class="hidden">orders</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {pool.members.map((member) => (
            <MemberRow key={member.member} member={member} pool={pool} sheet={sheet} give={give} />
          ))}
        </tbody>
      </table>
      <footer>
        {pool.swap > 0 && (
          <span>
            since <Ago atMs={pool.sinceMs} nowMs={nowMs} />, by{" "}
            <a href={linkTo("swaps", pool.swap)}>swap {pool.swap}</a>
          </span>
        )}
        {drill !== undefined && <span>{drillText(drill)}</span>}
        {isToCome && <span>decides again in {formatAgo((pool.nextMs ?? 0) - nowMs)}</span>}
        {isFailbackDue(pool) && (
          <button type="button" onClick={() => give({ kind: "failback", pool: pool.pool })}>
            fail back…
          </button>
        )}
        <button
          type="button"
          class="quiet"
          onClick={() => give({ kind: "drill", pool: pool.pool })}
        >
          drill…
        </button>
      </footer>
    </section>
  );
}

function MemberRow(props: {
  readonly member: MemberView;
  readonly pool: PoolView;
  readonly sheet: Sheet;
  readonly give: Give;
}): JSX.Element {
  const { member, pool, sheet, give } = props;
  const { state, nowMs } = sheet;
  const isServed = pool.serving.includes(member.member) || member.isServed;
  const address = state.addresses.get(member.address);
  const [target = ""] = member.targets;
  const history = state.targets.get(target)?.history ?? [];
  return (
    <tr class={isServed ? "served" : ""}>
      <th scope="row">
        <span class="dot" title={isServed ? "answered" : "not answered"}>
          {isServed ? "●" : "○"}
        </span>{" "}
        {target === "" ? (
          member.address || member.member
        ) : (
          <a href={linkTo("targets", target)}>{member.address || member.member}</a>
        )}
      </th>
      <td>
        <BeliefPill belief={member.belief} />
      </td>
      <td class="number">
        <Ago atMs={member.sinceMs} nowMs={nowMs} />
      </td>
      <td>
        <BeliefBar history={history} sheet={sheet} />
      </td>
      <td class="reason">
        {notesOf(address, nowMs).map((note) => (
          <span key={note} class="note">
            {note}
          </span>
        ))}
        {member.reason}
      </td>
      <td class="number">
        {member.address !== "" &&
          ordersFor(address).map((kind) => (
            <button
              key={kind}
              type="button"
              class="quiet"
              aria-label={`${kind} ${member.address}`}
              onClick={() => give({ kind, address: member.address })}
            >
              {`${kind}…`}
            </button>
          ))}
      </td>
    </tr>
  );
}

/** A better member is well again, and only its hold or an operator keeps it back. */
function isFailbackDue({ code }: PoolView): boolean {
  return code === "failback-hold" || code === "failback-manual";
}

/** What may be ordered of an address as it stands. */
function ordersFor(address: AddressView | undefined): readonly AddressOrder[] {
  if (address?.drain !== undefined) return ["undrain"];
  return address?.forced === undefined ? ["drain", "force"] : ["unforce"];
}

function drillText({ drill, member, hasPassed, reason }: DrillView): string {
  if (hasPassed === undefined) return `drill ${drill}: ${member} is out`;
  return `drill ${drill} ${hasPassed ? "passed" : `FAILED: ${reason}`}`;
}

/** What counts of an address beside its probes. */
export function notesOf(view: AddressView | undefined, nowMs: number): string[] {
  const { forced, damping, drain } = view ?? {};
  const notes = drain === undefined ? [] : [drainWords(drain, nowMs)];
  // What a planned move forces is said by the move itself.
  if (forced !== undefined && (drain === undefined || forced.state !== "drain")) {
    const left = forced.untilMs === undefined ? "" : `, ${formatAgo(forced.untilMs - nowMs)} left`;
    const against = forced.isAgainstProbes ? " AGAINST ITS PROBES" : "";
    notes.push(`forced ${forced.state}${against} by ${forced.author}${left}: ${forced.reason}`);
  }
  if (damping?.reusableMs !== undefined && damping.reusableMs > nowMs) {
    notes.push(`damped, reusable in ${formatAgo(damping.reusableMs - nowMs)}`);
  }
  return notes;
}
