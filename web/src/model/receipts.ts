// Where a released product has gone: the newest receipt of each channel. Pure.
import type { Channel } from '../feed/types';

export interface ChannelReceipt {
  channel: string;
  kind: string;
  state: string;
  attempts: number;
  at: string | null;
  detail: string;
}

/** Channels that take products and say nothing of this one are pending, not forgotten. */
export function receiptsOf(channels: Channel[], product: string): ChannelReceipt[] {
  const same = (id: string) => id.replace(/^0+/, '') === product.replace(/^0+/, '');
  return channels.flatMap((c): ChannelReceipt[] => {
    const r = c.receipts.find((x) => same(x.product));
    return r ? [{ channel: c.name, kind: c.kind, state: r.state, attempts: r.attempts, at: r.at, detail: r.detail }] : [];
  });
}
