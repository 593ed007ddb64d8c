// What counts of an address beside its probes: an address of which nothing counts is not listed.

import type { Draft } from "./draft.ts";
import type { AddressView } from "./state.ts";

/** Changes what is known of an address, or begins with nothing. */
export function changeAddress(
  draft: Draft,
  address: string,
  changes: (view: AddressView) => AddressView,
): void {
  const view = changes(draft.addresses.get(address) ?? { address });
  const { forced, damping, drain } = view;
  if ([forced, damping, drain].every((each) => each === undefined)) draft.addresses.delete(address);
  else draft.addresses.set(address, view);
}
