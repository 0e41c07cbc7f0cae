/**
 * Loaded into VS Code's server before its own code. When the process that started it is gone, however that ended, its standard
 * input closes: then the server ends too, with all that it started and with its home.
 */
const { rmSync } = require('node:fs');

const home = process.env.ROUNDTRIP_HOME_OF_PARENT;
// Processes that the server starts inherit this file, but not the variable.
delete process.env.ROUNDTRIP_HOME_OF_PARENT;
if (home) {
  process.stdin.resume().on('close', () => {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
  });
}
