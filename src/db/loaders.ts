import DataLoader from 'dataloader';

/**
 * A family of loaders, one per distinct arguments: the same field of many parents shares one, and so one statement;
 * an alias with other arguments has its own.
 */
export function loaderPerArguments<Arguments, Value>(
  loadMany: (args: Arguments, parentIds: readonly string[]) => Promise<readonly Value[]>,
): (args: Arguments) => DataLoader<string, Value> {
  const loaders = new Map<string, DataLoader<string, Value>>();
  return (args) => {
    const key = JSON.stringify(args, bigintAsText);
    let loader = loaders.get(key);
    if (!loader) {
      // Asynchronous, since what a batch throws at once DataLoader takes for a defect of the batch.
      loader = new DataLoader(async (parentIds) => loadMany(args, parentIds));
      loaders.set(key, loader);
    }
    return loader;
  };
}

const bigintAsText = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
