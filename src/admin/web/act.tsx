// Orders to the server: each asks who says so and why before it is sent, and says what came of it.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { order } from "./api.ts";

/** What may be ordered from the page. */
export type Order =
  | { readonly kind: "force"; readonly address: string }
  | { readonly kind: "unforce"; readonly address: string }
  | { readonly kind: "drain"; readonly address: string }
  | { readonly kind: "undrain"; readonly address: string }
  | { readonly kind: "drill"; readonly pool: string }
  | { readonly kind: "failback"; readonly pool: string }
  | { readonly kind: "approve"; readonly pool: string; readonly wanted: readonly string[] };

const AUTHOR = "livezone-author";

interface Words {
  readonly author: string;
  readonly reason: string;
  readonly state: "down" | "up";
  readonly minutes: string;
  readonly isFloorIgnored: boolean;
}

/** The dialog of one order. */
export function OrderDialog(props: {
  readonly order: Order;
  readonly close: () => void;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [words, setWords] = useState<Words>(firstWords);
  const [problem, setProblem] = useState("");
  const [isSending, setSending] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const change = (changes: Partial<Words>): void => setWords({ ...words, ...changes });
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setSending(true);
    setProblem("");
    try {
      localStorage.setItem(AUTHOR, words.author);
      await carryOut(props.order, words);
      props.close();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setSending(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={props.close} aria-labelledby="order-title">
      <form onSubmit={send}>
        <h2 id="order-title">{titleOf(props.order)}</h2>
        <p class="dim">{meaningOf(props.order)}</p>
        {props.order.kind === "force" && <ForceFields words={words} change={change} />}
        {props.order.kind === "drill" && <DrillFields words={words} change={change} />}
        <label>
          Your name
          <input
            required
            maxLength={100}
            value={words.author}
            onInput={({ currentTarget }) => change({ author: currentTarget.value })}
          />
        </label>
        <label>
          Reason
          <input
            required
            maxLength={500}
            placeholder="what the log will say"
            value={words.reason}
            onInput={({ currentTarget }) => change({ reason: currentTarget.value })}
          />
        </label>
        {problem !== "" && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="row end">
          <button type="button" onClick={props.close}>
            Cancel
          </button>
          <button type="submit" class="main" disabled={isSending}>
            {titleOf(props.order)}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function ForceFields(props: {
  readonly words: Words;
  readonly change: (changes: Partial<Words>) => void;
}): JSX.Element {
  const { words, change } = props;
  return (
    <>
      <fieldset>
        <legend>Whatever its probes say, it is</legend>
        {(["down", "up"] as const).map((state) => (
          <label key={state} class="choice">
            <input
              type="radio"
              name="state"
              checked={words.state === state}
              onInput={() => change({ state })}
            />
            {state === "down" ? "down: not answered" : "up: answered"}
          </label>
        ))}
      </fieldset>
      <label>
        For how many minutes
        <input
          type="number"
          min="1"
          max="527040"
          placeholder="until somebody ends it"
          value={words.minutes}
          onInput={({ currentTarget }) => change({ minutes: currentTarget.value })}
        />
      </label>
      <label class="choice">
        <input
          type="checkbox"
          checked={words.isFloorIgnored}
          onInput={({ currentTarget }) => change({ isFloorIgnored: currentTarget.checked })}
        />
        even where too few healthy members are left
      </label>
    </>
  );
}

function DrillFields(props: {
  readonly words: Words;
  readonly change: (changes: Partial<Words>) => void;
}): JSX.Element {
  const { words, change } = props;
  return (
    <label>
      For how many minutes
      <input
        type="number"
        min="1"
        max="60"
        required
        value={words.minutes}
        onInput={({ currentTarget }) => change({ minutes: currentTarget.value })}
      />
    </label>
  );
}

function firstWords(): Words {
  const author = localStorage.getItem(AUTHOR) ?? "";
  return { author, reason: "", state: "down", minutes: "", isFloorIgnored: false };
}

function carryOut(what: Order, words: Words): Promise<void> {
  const { author, reason, state, minutes, isFloorIgnored } = words;
  switch (what.kind) {
    case "force":
      return order("PUT", `/v1/targets/${encodeURIComponent(what.address)}/forced`, {
        ...{ author, reason, state },
        ...(minutes !== "" && { forMs: Number(minutes) * 60_000 }),
        ...(isFloorIgnored && { force: true }),
      });
    case "unforce": {
      const query = new URLSearchParams({ author, reason });
      return order("DELETE", `/v1/targets/${encodeURIComponent(what.address)}/forced?${query}`);
    }
    case "drain":
      return order("PUT", `/v1/targets/${encodeURIComponent(what.address)}/drain`, {
        ...{ author, reason },
      });
    case "undrain": {
      const query = new URLSearchParams({ author, reason });
      return order("DELETE", `/v1/targets/${encodeURIComponent(what.address)}/drain?${query}`);
    }
    case "failback":
      return order("POST", `/v1/pools/${encodeURIComponent(what.pool)}/failback`, {
        ...{ author, reason },
      });
    case "drill":
      return order("POST", "/v1/drills", {
        ...{ pool: what.pool, author, reason, forMs: Number(minutes) * 60_000 },
      });
    case "approve":
      return order("POST", `/v1/pools/${encodeURIComponent(what.pool)}/approval`, {
        ...{ author, reason },
      });
  }
}

function titleOf(what: Order): string {
  switch (what.kind) {
    case "force":
      return `Force ${what.address}`;
    case "unforce":
      return `Let the probes of ${what.address} decide`;
    case "drain":
      return `Drain ${what.address}`;
    case "undrain":
      return `Take ${what.address} back`;
    case "failback":
      return `Bring ${what.pool} back`;
    case "drill":
      return `Drill ${what.pool}`;
    case "approve":
      return `Approve for ${what.pool}`;
  }
}

function meaningOf(what: Order): string {
  switch (what.kind) {
    case "force":
      return "At once, in every pool, and over restarts.";
    case "unforce":
      return "A member comes back when the hold of its pool has passed.";
    case "drain":
      return "The TTL is lowered, longer copies are waited for, then it is taken out: no request fails.";
    case "undrain":
      return "Whatever the move has done so far is undone.";
    case "failback":
      return "The recovered member is answered again; its hold is not waited for.";
    case "drill":
      return "The member that is answered is taken out, and brought back whatever happens.";
    case "approve":
      return `It answers ${what.wanted.join(", ") || "nothing"} from then on.`;
  }
}
