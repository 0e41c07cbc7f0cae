import type { Environment } from '../../../program/program';
import { memoizedValue, type ContextValue } from '../../../rewrite/react/memoized-value';
import type { NewValue, ProviderFact } from '../../../syntax/react';
import { defineRule } from '../../rule';
import { consumerOf, contextOf } from './context-identity';

interface UnstableContextValue extends Omit<ContextValue, 'value'> {
  component?: string;
  built: NewValue;
}

const BUILT: Record<NewValue, string> = { object: 'a new object', array: 'a new array', function: 'a new function', element: 'a new element', instance: 'a new instance' };

export default defineRule<UnstableContextValue>({
  id: 'unstable-context-value',
  family: 'react',
  summary: 'A context value is new on each render, so that everything that reads the context renders again',
  severity: 'warning',
  confidence: 'high',
  fix: 'safe',
  options: {},

  *detect(file, program) {
    if (file.kind !== 'module' || !file.react || /\.stories\.[cm]?[jt]sx?$/.test(file.file)) return;
    for (const provider of file.react.providers) {
      if (isCompiled(provider, program.environmentOf(file.file))) continue;
      const context = contextOf(program, file.file, provider);
      const consumer = context && consumerOf(program, context);
      if (!consumer) continue;
      const { start, end, tag, member, component, built, render, ofClass } = provider;
      const name = tag.join('.');
      yield {
        start,
        end,
        // Without `children`, most of what reads the context lies in elements that this render makes anew anyway.
        confidence: provider.passesChildren ? 'high' : 'medium',
        related: [{ file: consumer.file, start: consumer.start, end: consumer.end, message: `\`${name}\` is read here` }],
        data: { context: name, tag: member ? `${name}.Provider` : name, ...(component !== undefined && { component }), built, render, ofClass },
      };
    }
  },

  explain({ context, component, built }, refusal) {
    const renderer = component ? `\`${component}\`` : 'this component';
    const name = `\`${context}\``;
    return {
      message: `The value of ${name} is ${BUILT[built]} on each render of ${renderer}`,
      reason: `React compares context values by identity: whenever ${renderer} renders, every component that reads ${name} renders too, even behind \`memo\` and although nothing in the value has changed.`,
      help: `Keep the value between renders with \`useMemo\`, and the functions in it with \`useCallback\`.${refusal ? ` No fix is offered: ${refusal}` : ''}`,
    };
  },

  rewrite: ({ data, start, end }, source) => memoizedValue({ ...data, value: { start, end } }, source),
});

/** React Compiler memoises the value; it leaves classes alone. */
function isCompiled({ directive, ofClass }: ProviderFact, { reactCompiler }: Environment): boolean {
  if (ofClass || reactCompiler === 'off' || directive === 'use no memo') return false;
  return reactCompiler !== 'annotation' || directive === 'use memo';
}
