// Two tones, made here so that no file is needed: high urgency three rising beeps, middle one low one.
import type { Priority } from './alarms';

const TONES: Record<'high' | 'middle', [start_s: number, hertz: number][]> = {
  high: [[0, 880], [0.22, 1047], [0.44, 1319]],
  middle: [[0, 523]],
};

export class Sounder {
  private context: AudioContext | null = null;

  /** Browsers give sound only after a key or a click; call it from one. */
  wake(): void {
    this.context ??= new AudioContext();
    void this.context.resume();
  }

  /** One beat of what is wanted; whether it can be heard. */
  beat(level: Priority | null): boolean {
    if (navigator.userActivation?.hasBeenActive) this.wake();
    const context = this.context;
    if (!context || context.state !== 'running') return false;
    if (level === null || level === 'low') return true;
    for (const [start, hertz] of TONES[level]) {
      const tone = new OscillatorNode(context, { frequency: hertz, type: 'triangle' });
      const gain = new GainNode(context, { gain: 0 });
      const at = context.currentTime + start;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.25, at + 0.02);
      gain.gain.linearRampToValueAtTime(0, at + 0.18);
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.2);
    }
    return true;
  }
}
