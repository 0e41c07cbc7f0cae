import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { configurationSchema } from '../../src/workspace';
import { COMMANDS, LANGUAGES, SESSION_COMMANDS, settings } from '../../src/extension/manifest';

interface Manifest {
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string; title: string; category: string }[];
    menus: Record<string, { command: string }[]>;
    colors: { id: string }[];
    configuration: { properties: Record<string, object> };
  };
}

const { activationEvents, capabilities, contributes } = JSON.parse(readFileSync(path.join(__dirname, '../../package.json'), 'utf8')) as Manifest;

describe('package.json', () => {
  it('activates the extension with a file that can be checked, and with nothing else', () => {
    assert.deepEqual(activationEvents, LANGUAGES.map((language) => `onLanguage:${language}`));
  });

  it('contributes the commands that are registered, as they are', () => {
    assert.deepEqual(contributes.commands, [...Object.values(COMMANDS), ...Object.values(SESSION_COMMANDS)]);
  });

  it('puts only commands into menus that exist', () => {
    const known = contributes.commands.map(({ command }) => command);
    for (const [menu, entries] of Object.entries(contributes.menus)) for (const { command } of entries) assert.ok(known.includes(command), `${menu}: ${command}`);
  });

  it('contributes every colour that the margin takes', () => {
    const ids = contributes.colors.map(({ id }) => id);
    const used = readFileSync(path.join(__dirname, '../../src/extension/margin/margin.ts'), 'utf8').match(/roundtrip\.\w+(?:Foreground|Ruler)/g);
    assert.deepEqual([...new Set(used)].sort(), [...ids].sort());
  });

  it('titles every command alike', () => {
    for (const { command, title, category } of contributes.commands) {
      assert.match(command, /^roundtrip\.[a-z][A-Za-z]*$/);
      assert.equal(category, 'Roundtrip', command);
      assert.match(title, /^[A-Z][A-Za-z]*( (a|an|the|to|of|in|at|[A-Z][A-Za-z]*))*…?$/, command);
    }
  });

  it('has the settings that the rules make', () => {
    for (const [name, made] of Object.entries(settings(configurationSchema()['properties'] as Record<string, object>))) {
      assert.deepEqual(contributes.configuration.properties[name], JSON.parse(JSON.stringify(made)), `${name} is stale: run npm run generate`);
    }
  });

  it('restricts only settings that exist', () => {
    for (const name of capabilities.untrustedWorkspaces.restrictedConfigurations) assert.ok(name in contributes.configuration.properties, name);
  });
});
