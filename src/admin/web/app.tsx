// The page as a whole: what it knows, which part is shown, and orders that are being given.

import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { EMPTY_VIEW, type ServerView } from "../../view/state.ts";
import { formatAgo, formatClock } from "../../view/words.ts";
import { type Order, OrderDialog } from "./act.tsx";
import { setToken, token } from "./api.ts";
import { ChangesPage } from "./changes.tsx";
import { Feed, type Known, type Link } from "./feed.ts";
import { LogPage } from "./log.tsx";
import { barMs, type Sheet } from "./parts.tsx";
import { linkTo, PAGES, type Place, placeOf } from "./place.ts";
import { PoolsPage } from "./pools.tsx";
import { SwapsPage } from "./swaps.tsx";
import { TargetsPage } from "./targets.tsx";
import { ZonesPage } from "./zones.tsx";

const NOTHING: Known = { state: EMPTY_VIEW, link: { kind: "connecting" }, aheadMs: 0 };

export function App(): JSX.Element {
  const [known, setKnown] = useState<Known>(NOTHING);
  const feed = useMemo(() => new Feed(setKnown), []);
  useEffect(() => {
    feed.connect();
    return () => feed.close();
  }, [feed]);
  const place = usePlace();
  const nowMs = useNow() + known.aheadMs;
  const [order, setOrder] = useState<Order | undefined>(undefined);
  const [isTokenAsked, setTokenAsked] = useState(false);
  const { state, link } = known;
  const sheet = { state, nowMs, pastMs: barMs(state, nowMs) };
  const enter = (value: string): void => {
    setToken(value);
    setTokenAsked(false);
    feed.connect();
  };
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <Head sheet={sheet} link={link} place={place} askToken={() => setTokenAsked(true)} />
      <Alarms server={state.server} nowMs={nowMs} link={link} />
      <main id="main" tabIndex={-1}>
        <h1 class="hidden">{place.page}</h1>
        {link.kind === "refused" || isTokenAsked ? (
          <TokenForm why={link.kind === "refused" ? link.why : ""} enter={enter} />
        ) : (
          <Page place={place} sheet={sheet} give={setOrder} />
        )}
      </main>
      {order !== undefined && <OrderDialog order={order} close={() => setOrder(undefined)} />}
    </>
  );
}

function Page(props: {
  readonly place: Place;
  readonly sheet: Sheet;
  readonly give: (order: Order) => void;
}): JSX.Element {
  const { place, sheet, give } = props;
  switch (place.page) {
    case "pools":
      return <PoolsPage sheet={sheet} give={give} />;
    case "targets":
      return <TargetsPage sheet={sheet} id={place.id} />;
    case "swaps":
      return <SwapsPage sheet={sheet} id={place.id} />;
    case "zones":
      return <ZonesPage sheet={sheet} />;
    case "log":
      return <LogPage sheet={sheet} isFiltering={place.id === "filter"} />;
    case "changes":
      return <ChangesPage sheet={sheet} />;
  }
}

function Head(props: {
  readonly sheet: Sheet;
  readonly link: Link;
  readonly place: Place;
  readonly askToken: () => void;
}): JSX.Element {
  const { sheet, link, place, askToken } = props;
  const { state, nowMs } = sheet;
  const { server } = state;
  const counts = {
    pools: state.pools.size,
    targets: state.targets.size,
    swaps: state.swaps.size,
    zones: state.zones.size,
    log: state.log.length,
    changes: state.changes.length,
  };
  const up = server.startedMs > 0 ? `up ${formatAgo(Math.max(0, nowMs - server.startedMs))}` : "";
  return (
    <header class="head">
      <span class="name">
        <img src="./icon.svg" alt="" width="22" height="22" /> livezone{" "}
        <span class="dim">{server.version}</span>
      </span>
      <nav aria-label="pages">
        {PAGES.map((page, i) => (
          <a
            key={page}
            href={linkTo(page)}
            aria-current={page === place.page ? "page" : undefined}
            title={`key ${i + 1}`}
          >
            {page} <span class="count">{counts[page]}</span>
          </a>
        ))}
      </nav>
      <span class="standing" aria-live="polite">
        <span class={`link ${link.kind}`}>{link.kind}</span>
        <span class="dim">
          {up} · {formatClock(nowMs)}Z
        </span>
        <button type="button" class="quiet" onClick={askToken}>
          token…
        </button>
      </span>
    </header>
  );
}

/** What nobody should overlook, on every page. */
function Alarms(props: {
  readonly server: ServerView;
  readonly nowMs: number;
  readonly link: Link;
}): JSX.Element | null {
  const { server, nowMs, link } = props;
  const sick = [...server.threads].filter(([, thread]) => thread.state !== "alive");
  const alarms = [
    ...(link.kind === "lost" ? [`Not connected: ${link.why}. Trying again.`] : []),
    ...(server.store.state === "failing"
      ? [
          `The store fails, ${server.store.waiting} writes wait; answers and swaps go on. ${server.store.why}`,
        ]
      : []),
    ...sick.map(([id, thread]) => `Thread ${id} is ${thread.state}`),
    ...(server.brake === undefined ? [] : [`The brake is on: ${server.brake.reason}`]),
    ...(server.fault === undefined ? [] : [`The prober itself fails: ${server.fault.detail}`]),
    ...(server.holdUntilMs > nowMs ? ["The clock jumped: nothing is decided for a while"] : []),
  ];
  if (alarms.length === 0) return null;
  return (
    <div class="alarms" role="alert">
      {alarms.map((alarm) => (
        <p key={alarm}>{alarm}</p>
      ))}
    </div>
  );
}

function TokenForm(props: {
  readonly why: string;
  readonly enter: (token: string) => void;
}): JSX.Element {
  const [value, setValue] = useState(token);
  return (
    <form
      class="card narrow"
      onSubmit={(event) => {
        event.preventDefault();
        props.enter(value.trim());
      }}
    >
      <h2>Token</h2>
      {props.why !== "" && <p class="problem">{props.why}</p>}
      <p class="dim">
        Kept in this tab until it is closed. To look, it needs the scope "read"; to give orders,
        "operate".
      </p>
      <label>
        Token
        <input
          type="password"
          autocomplete="off"
          value={value}
          onInput={({ currentTarget }) => setValue(currentTarget.value)}
        />
      </label>
      <div class="row end">
        <button type="submit" class="main">
          Use it
        </button>
      </div>
    </form>
  );
}

/** The page in the address; keys 1 to 6 change it, "/" goes to the filter. */
function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const moved = (): void => setPlace(placeOf(location.hash));
    const pressed = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLInputElement;
      if (isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
      if (document.querySelector("dialog[open]") !== null) return;
      const page = PAGES[Number(event.key) - 1];
      if (page !== undefined) location.hash = linkTo(page);
      if (event.key !== "/") return;
      event.preventDefault();
      location.hash = linkTo("log", "filter");
      // Where the page is there already, its address does not change.
      document.getElementById("filter")?.focus();
    };
    addEventListener("hashchange", moved);
    addEventListener("keydown", pressed);
    return () => {
      removeEventListener("hashchange", moved);
      removeEventListener("keydown", pressed);
    };
  }, []);
  return place;
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
