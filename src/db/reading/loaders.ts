import DataLoader from 'dataloader';

/**
 * A family of loaders, one per distinct arguments: the same field of many parents shares one, and so one statement;
 * an alias with other arguments has its own.
 */
export function loaderPerArguments<Arguments extends object, Value>(
  loadMany: (args: Arguments, parentIds: readonly string[]) => Promise<readonly Value[]>,
): (args: Arguments) => DataLoader<string, Value> {
  const loaders = new Map<string, DataLoader<string, Value>>();
  let latest: { args: Arguments; loader: DataLoader<string, Value> } | undefined;
  return (args) => {
    // The parents of a list come one after the other, and writing the arguments out costs more than all else here.
    if (latest && haveSameValues(latest.args, args)) return latest.loader;
    const key = JSON.stringify(args, bigintAsText);
    let loader = loaders.get(key);
    if (!loader) {
      // Asynchronous, since what a batch throws at once DataLoader takes for a defect of the batch.
      loader = new DataLoader(async (parentIds) => loadMany(args, parentIds));
      loaders.set(key, loader);
    }
    latest = { args, loader };
    return loader;
  };
}

function haveSameValues(one: object, other: object): boolean {
  const names = Object.keys(one) as (keyof typeof one)[];
  return (
    names.length === Object.keys(other).length && names.every((name) => name in other && one[name] === other[name])
  );
}

const bigintAsText = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
