#!/usr/bin/env node
import { ProjectTooLargeError } from '../workspace';
import { parseArguments } from './arguments';
import { check } from './check';
import { printable } from './terminal-text';
import { UsageError } from './usage-error';

const COULD_NOT_RUN = 2;

// Whoever reads the output may stop at any time (`roundtrip check | head`): that is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

async function main(): Promise<void> {
  try {
    const read = parseArguments(process.argv.slice(2));
    if (read?.command === 'check') process.exitCode = await check(read.options);
    else if (read) {
      const { profile } = await import('./profile/profile');
      process.exitCode = await profile(read.options);
    }
  } catch (error) {
    process.exitCode = COULD_NOT_RUN;
    const message = error instanceof UsageError || error instanceof ProjectTooLargeError ? error.message : `Something went wrong that is Roundtrip's own fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    process.stderr.write(`roundtrip: ${message.split('\n').map(printable).join('\n')}\n`);
  }
}

void main();
