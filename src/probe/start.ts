/**
 * The preload that a program of the user runs with (`NODE_OPTIONS=--require …/probe.cjs`). Without {@link PROBE_OPTIONS_VARIABLE},
 * or when nobody listens any more, it does nothing. It never throws into the program, never prints, and never keeps it alive.
 */
import { wantedOptions } from './arming';
import { watchLibraries } from './loading';
import { Recorder } from './recorder';
import { watchRequests } from './requests';
import { Transport } from './transport';

/** Set once per thread, so that a probe that is required twice starts once. */
const MARK = Symbol.for('roundtrip.probe');

function start(): void {
  if (MARK in globalThis) return;
  Object.defineProperty(globalThis, MARK, { value: true, enumerable: false });
  const options = wantedOptions();
  if (!options) return;
  const recorder = new Recorder(new Transport(options));
  watchLibraries(recorder);
  watchRequests(recorder);
}

try {
  start();
} catch {
  // A program must start as if there were no probe.
}
