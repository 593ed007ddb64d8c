// The page of changes: who did what, when and why, by people and by programs.

import type { JSX } from "preact";
import type { ChangeView } from "../../view/state.ts";
import { formatMoment } from "../../view/words.ts";
import { Ago, Empty, type Sheet, useFilter } from "./parts.tsx";

export function ChangesPage({ sheet }: { readonly sheet: Sheet }): JSX.Element {
  const newestFirst = [...sheet.state.changes].reverse();
  const { shown, field } = useFilter(newestFirst, wordsOf);
  if (newestFirst.length === 0) {
    return <Empty>Nobody has changed anything since the log begins.</Empty>;
  }
  return (
    <>
      {field}
      <table class="wide">
        <thead>
          <tr>
            <th scope="col">when</th>
            <th scope="col">ago</th>
            <th scope="col">who</th>
            <th scope="col">did what</th>
            <th scope="col">why</th>
            <th scope="col">by which door</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((change) => (
            <tr key={`${change.atMs} ${change.action} ${change.object}`}>
              <td class="number">{formatMoment(change.atMs)}</td>
              <td class="number">
                <Ago atMs={change.atMs} nowMs={sheet.nowMs} />
              </td>
              <th scope="row">{change.author}</th>
              <td>
                {change.action} <strong>{change.object}</strong>
                {change.detail !== undefined && <span class="dim"> {change.detail}</span>}
                {change.serial !== undefined && <span class="dim"> serial {change.serial}</span>}
              </td>
              <td class="reason">{change.reason}</td>
              <td class="dim">{change.via}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function wordsOf({ author, action, object, reason, via }: ChangeView): string {
  return `${author} ${action} ${object} ${reason} ${via}`;
}
