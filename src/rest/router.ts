import type { Method, Route } from './route.js';

/** The routes of one path, by method. */
export interface RouteMatch {
  /** The path pattern of the routes, such as "/v1/customers/{id}". */
  pattern: string;
  methods: ReadonlyMap<Method, Route>;
  /** The path parameters, decoded. */
  path: Readonly<Record<string, string>>;
}

interface Entry {
  pattern: string;
  segments: readonly string[];
  methods: Map<Method, Route>;
}

const isName = (segment: string): boolean => segment.startsWith('{');

/** Finds the routes of a path. A path without parameters has precedence over a pattern with parameters. */
export function createRouter(routes: readonly Route[]): (path: string) => RouteMatch | undefined {
  const entries = new Map<string, Entry>();
  for (const route of routes) {
    const entry = entries.get(route.path) ?? {
      pattern: route.path,
      segments: route.path.split('/'),
      methods: new Map(),
    };
    entries.set(route.path, entry);
    entry.methods.set(route.method, route);
  }
  const names = ({ segments }: Entry): number => segments.filter(isName).length;
  const sorted = [...entries.values()].sort((one, other) => names(one) - names(other));

  return (path) => {
    const given = path.split('/');
    for (const { pattern, segments, methods } of sorted) {
      if (segments.length !== given.length) continue;
      const parts: Record<string, string> = {};
      const fits = segments.every((segment, place) => {
        const value = given[place] ?? '';
        if (!isName(segment)) return segment === value;
        const decoded = decode(value);
        if (!decoded) return false;
        parts[segment.slice(1, -1)] = decoded;
        return true;
      });
      if (fits) return { pattern, methods, path: parts };
    }
    return undefined;
  };
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
