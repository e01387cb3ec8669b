// What the nation at this screen would see if nobody shared: its own sensors' tracks as a state of their own. Pure.
import type { State, Track } from '../feed/types';

export function aloneState(state: State): State {
  const own = state.node.nation;
  const tracks = state.alone.map((track): Track => {
    const shared = state.tracks.find((t) => t.event === track.event);
    const mine = shared?.contributors?.find((c) => c.nation === own);
    return { ...track, contributors: mine ? [mine] : [{ nation: own, sources: track.sources, first_valid: track.first_detection, last_valid: track.last_update, contributions: 0, impact: track.impact, launch: track.launch }] };
  });
  return { ...state, tracks, products: [], links: [] };
}
