import { isFunction, type Code, type Node } from '../code';
import { refuse } from '../refusal';

/** Functions that give the same for the same arguments and do nothing else. */
const PURE_CALLS = /^(?:Object\.(?:assign|entries|freeze|fromEntries|keys|values)|Array\.(?:from|of|isArray)|Math\.(?!random\b)\w+|JSON\.\w+|Number(?:\.\w+)?|String|Boolean|BigInt|parseInt|parseFloat|isNaN|structuredClone)$/;
/** Methods of strings and arrays that change nothing. */
const PURE_METHODS =
  /\.(?:map|filter|flatMap|slice|concat|toSorted|toReversed|find|findIndex|findLast|some|every|includes|indexOf|join|at|reduce|flat|split|trim|toLowerCase|toUpperCase|replace|replaceAll|startsWith|endsWith|padStart|padEnd|toString|toFixed|bind)$/;
/** What these give is another thing each time, and some component may count on it. */
const VOLATILE = /^(?:Date(?:\.now)?|Math\.random|performance\.now|crypto\.\w+|nanoid|uuid|v4|randomUUID)$/;

/**
 * What happens while the value is made, apart from reading: the functions it calls that may do or return anything.
 * Refuses what cannot happen inside of a hook's callback, or must happen on each render.
 */
export function renderEffects(code: Code, value: Node): { calls: string[] } {
  const calls = new Set<string>();
  code.walk(value, (node, parent) => {
    // A function in the value runs later, as before; only a callback of a pure method runs at once.
    if (isFunction(node) && !(parent?.type === 'CallExpression' && parent.callee !== node)) return false;
    switch (node.type) {
      case 'AwaitExpression':
      case 'YieldExpression':
      case 'AssignmentExpression':
      case 'UpdateExpression':
      case 'ThisExpression':
        return refuse('making the value does more than reading what it is made of.');
      case 'MemberExpression':
        if (node.property.type === 'Identifier' && node.property.name === 'current' && !node.computed) refuse(`\`${code.textOf(node)}\` is read during the render, and no dependency shows when it changes.`);
        return true;
      case 'TaggedTemplateExpression':
        calls.add(code.textOf(node.tag));
        return true;
      case 'CallExpression':
      case 'NewExpression': {
        const name = code.textOf(node.callee).replace(/<[^]*>$/, '');
        const last = name.split(/\??\./).at(-1)!;
        if (/^use(?:[A-Z]|$)/.test(last)) refuse(`the value calls the hook \`${last}\`; call it before and use its result.`);
        if (VOLATILE.test(name) && !(name === 'Date' && node.arguments.length > 0)) refuse(`\`${name}\` gives something else on each render.`);
        if (node.type === 'NewExpression' ? !/^(?:Map|Set|Date|RegExp|URL|URLSearchParams)$/.test(name) : !PURE_CALLS.test(name) && !PURE_METHODS.test(name)) calls.add(last.length > 40 ? 'functions' : last);
        return true;
      }
      default:
        return true;
    }
  });
  return { calls: [...calls] };
}
