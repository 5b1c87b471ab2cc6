/**
 * The mixing desk between the player's two audio elements and the loudspeaker: a channel each, with a low shelf for handing
 * over the bass. It is only there once somebody asks for what an audio element cannot do alone: louder than the file, or one
 * track into another.
 */

const RAMP_S = 0.02;
/** Below this the bass is handed over from one track to the other. */
const BASS_HZ = 220;
const BASS_OFF_DB = -30;

export class Channel {
  constructor(readonly gain: GainNode, readonly bass: BiquadFilterNode) {}
}

export class Desk {
  #context: AudioContext;
  #channels = new Map<HTMLAudioElement, Channel>();

  constructor() { this.#context = new AudioContext({ latencyHint: "playback" }) }

  /** Whether this browser can do it at all. */
  static possible(): boolean { return typeof AudioContext !== "undefined" }

  get now(): number { return this.#context.currentTime }

  /** The channel of an element; from then on it sounds through the desk. */
  channel(audio: HTMLAudioElement): Channel {
    let channel = this.#channels.get(audio);
    if (!channel) {
      const bass = new BiquadFilterNode(this.#context, { type: "lowshelf", frequency: BASS_HZ, gain: 0 });
      const gain = new GainNode(this.#context, { gain: 1 });
      this.#context.createMediaElementSource(audio).connect(bass).connect(gain).connect(this.#context.destination);
      channel = new Channel(gain, bass);
      this.#channels.set(audio, channel);
    }
    return channel;
  }

  /** A page may sound only after somebody touched it; asking again does no harm. */
  wake(): Promise<void> { return this.#context.state === "suspended" ? this.#context.resume() : Promise.resolve() }

  level(audio: HTMLAudioElement, factor: number): void {
    const { gain } = this.channel(audio);
    gain.gain.cancelScheduledValues(this.now);
    gain.gain.setTargetAtTime(factor, this.now, RAMP_S);
  }

  /** Everything as before any transition. */
  flat(audio: HTMLAudioElement): void {
    const { bass } = this.channel(audio);
    bass.gain.cancelScheduledValues(this.now);
    bass.gain.setTargetAtTime(0, this.now, RAMP_S);
  }

  /** From one element to the other: equal power over `seconds`, the bass handed over at `swapS` if it is. */
  cross(from: HTMLAudioElement, to: HTMLAudioElement, levels: { from: number; to: number }, seconds: number, swapS: number | null): void {
    const start = this.now;
    const curve = (level: number, rising: boolean) => Float32Array.from({ length: 65 }, (_, at) => level * Math.sin(((rising ? at : 64 - at) / 64) * (Math.PI / 2)));
    for (const [audio, level, rising] of [[from, levels.from, false], [to, levels.to, true]] as const) {
      const { gain, bass } = this.channel(audio);
      gain.gain.cancelScheduledValues(start);
      gain.gain.setValueCurveAtTime(curve(level, rising), start, Math.max(0.05, seconds));
      bass.gain.cancelScheduledValues(start);
      if (swapS !== null) {
        bass.gain.setValueAtTime(rising ? BASS_OFF_DB : 0, start);
        bass.gain.setTargetAtTime(rising ? 0 : BASS_OFF_DB, start + swapS, 0.08);
      }
    }
  }
}
