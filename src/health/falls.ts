// Which falls of an address count for its damping: a host that dies takes every target of it down,
// which is one fall and not as many as it has checks.

/** The targets of one address that went down together. */
export type FallEpisode = ReadonlySet<string>;

/**
 * Takes a target's fall into the episode of its address.
 *
 *   the episode before                                   the fall
 *   none, or every target of it is up again              counts, and begins a new one
 *   a target of it is still down, and this is a new one  does not count: it joins
 *   this target has fallen in it before                  counts, and begins a new one
 *
 * @param isDown whether another target is believed down now.
 */
export function withFallen(
  episode: FallEpisode,
  target: string,
  isDown: (target: string) => boolean,
): { readonly episode: FallEpisode; readonly isCounted: boolean } {
  const goesOn = !episode.has(target) && [...episode].some(isDown);
  if (goesOn) return { episode: new Set([...episode, target]), isCounted: false };
  return { episode: new Set([target]), isCounted: true };
}
