// The page of zones: serials, what was edited last, by whom and why, and what was refused.

import type { JSX } from "preact";
import type { ZoneView } from "../../view/state.ts";
import { formatMoment } from "../../view/words.ts";
import { Ago, Empty, type Sheet } from "./parts.tsx";

export function ZonesPage({ sheet }: { readonly sheet: Sheet }): JSX.Element {
  const zones = [...sheet.state.zones.values()];
  if (zones.length === 0) return <Empty>No zone is served.</Empty>;
  return (
    <div class="cards">
      {zones.map((zone) => (
        <ZoneCard key={zone.zone} zone={zone} sheet={sheet} />
      ))}
    </div>
  );
}

function ZoneCard({
  zone,
  sheet,
}: {
  readonly zone: ZoneView;
  readonly sheet: Sheet;
}): JSX.Element {
  const edits = [...zone.edits].reverse().slice(0, 12);
  return (
    <section class={`card ${zone.rejected.length > 0 ? "bad" : ""}`} aria-label={zone.zone}>
      <header>
        <h2>{zone.zone}</h2>
        <span class="facts">
          serial <strong>{zone.serial}</strong>, {zone.records} records, source {zone.source},
          published <Ago atMs={zone.publishedMs} nowMs={sheet.nowMs} /> ago
        </span>
      </header>
      {zone.rejected.length > 0 && (
        <div class="alarm" role="alert">
          The last save was refused; what was served goes on
          <pre>{zone.rejected.join("\n")}</pre>
        </div>
      )}
      {edits.length === 0 ? (
        <p class="dim">No edit since the log begins.</p>
      ) : (
        <table class="wide">
          <thead>
            <tr>
              <th scope="col">when</th>
              <th scope="col">serial</th>
              <th scope="col">records</th>
              <th scope="col">by</th>
              <th scope="col">why</th>
            </tr>
          </thead>
          <tbody>
            {edits.map((edit) => (
              <tr key={`${edit.atMs} ${edit.serial}`}>
                <td class="number">{formatMoment(edit.atMs)}</td>
                <td class="number">{edit.serial}</td>
                <td class="number">
                  +{edit.added} −{edit.removed}
                </td>
                <td>{edit.author ?? edit.cause}</td>
                <td class="reason">{edit.reason ?? edit.file ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
