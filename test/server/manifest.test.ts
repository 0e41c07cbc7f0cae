import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { configurationSchema } from '../../src/workspace';
import { COMMANDS, LANGUAGES, settings } from '../../src/extension/manifest';

interface Manifest {
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: { commands: { command: string; title: string; category: string }[]; configuration: { properties: Record<string, object> } };
}

const { activationEvents, capabilities, contributes } = JSON.parse(readFileSync(path.join(__dirname, '../../package.json'), 'utf8')) as Manifest;

describe('package.json', () => {
  it('activates the extension with a file that can be checked, and with nothing else', () => {
    assert.deepEqual(activationEvents, LANGUAGES.map((language) => `onLanguage:${language}`));
  });

  it('contributes the commands that the language server part registers, as they are', () => {
    const ours = contributes.commands.filter(({ command }) => Object.values(COMMANDS).some((known) => known.command === command));
    assert.deepEqual(ours, Object.values(COMMANDS));
  });

  it('titles every command alike', () => {
    for (const { command, title, category } of contributes.commands) {
      assert.match(command, /^roundtrip\.[a-z][A-Za-z]*$/);
      assert.equal(category, 'Roundtrip', command);
      assert.match(title, /^[A-Z][A-Za-z]*( (a|an|the|to|of|in|[A-Z][A-Za-z]*))*…?$/, command);
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
