import { afterEach, expect, test, vi } from 'vitest';
import {
  type Counted,
  createGatherer,
  type GatherMessage,
  gatherBy,
  type Member,
} from '../../src/lib/observe/gather.js';

afterEach(() => void vi.useRealTimers());

/** Processes that are connected by calls. A process that hangs is told, and answers nothing. */
function processes(counted: (Counted | 'hangs')[]) {
  const members = new Set<Member>();
  const take = createGatherer(members);
  const asks = counted.map((own) => {
    let told: (message: GatherMessage) => void = () => undefined;
    const member: Member = { send: (message) => told(message) };
    members.add(member);
    const listen = (listener: typeof told): void => {
      told = listener;
    };
    const answer = (): Promise<Counted> => (own === 'hangs' ? new Promise(() => undefined) : Promise.resolve(own));
    return { member, ask: gatherBy((message) => take(member, message), listen)(answer) };
  });
  return { members, asks };
}

test('each process can ask what all have counted', async () => {
  const { asks } = processes([[{ name: 'a' }], [{ name: 'b' }]]);
  const answers = await Promise.all(asks.map(({ ask }) => ask()));
  for (const all of answers) expect(all.flat()).toEqual([{ name: 'a' }, { name: 'b' }]);
});

test('one that does not answer in time is left out', async () => {
  vi.useFakeTimers();
  const { asks } = processes([[{ name: 'a' }], 'hangs']);
  const answer = asks[0]?.ask();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await answer).toEqual([[{ name: 'a' }]]);
});
