import { expect, test } from 'vitest';
import { serversOf } from '../../src/db/connection/url.js';
import { type Floors, localFloors } from '../../src/db/replicas/floors.js';
import { laterOf, positionOf, shared, unknownPosition } from '../../src/db/replicas/position.js';
import { StartError } from '../../src/lib/process/start-error.js';

test('positions are ordered as text as their LSNs are', () => {
  const lsns = ['0/1', '0/A0', '0/FFFFFFFF', '1/0', '9/FF', '10/0', 'FF/A', 'FFFFFFFE/0'];
  const positions = lsns.map(positionOf);
  expect([...positions].sort()).toEqual(positions);
  expect(positionOf('16/B374D848')).toBe('00000016B374D848');
  expect(positionOf('16/b374d848')).toBe('00000016B374D848');
  expect(laterOf(['', ...positions])).toBe(positionOf('FFFFFFFE/0'));
  expect(laterOf([])).toBe('');
  expect(positions.every((position) => position < unknownPosition)).toBe(true);
});

test('callers share a look that begins after they called', async () => {
  const ends: (() => void)[] = [];
  const look = shared(() => new Promise<number>((resolve) => ends.push(() => resolve(ends.length))));
  const first = look();
  await expect.poll(() => ends.length).toBe(1);
  // Begun already, so it may not see what was before these.
  const others = Promise.all([look(), look()]);
  ends[0]?.();
  expect(await first).toBe(1);
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.();
  expect(await others).toEqual([2, 2]);
});

test('a look that fails lets the next one begin', async () => {
  let times = 0;
  const look = shared(async () => {
    times += 1;
    if (times === 1) throw new Error('away');
    return times;
  });
  const first = look();
  await expect(first).rejects.toThrow('away');
  expect(await look()).toBe(2);
});

test('a holder keeps the latest position, whatever order they come in', async () => {
  const floors: Floors = localFloors(() => undefined);
  await floors.raise('key', positionOf('0/20'));
  await floors.raise('key', positionOf('0/10'));
  await floors.raise('desk', positionOf('0/18'));
  expect(await floors.read(['key', 'desk'])).toBe(positionOf('0/20'));
  expect(await floors.read(['desk'])).toBe(positionOf('0/18'));
  expect(await floors.read(['nobody'])).toBe('');
});

test('the position of a holder that there is no room for is told of', async () => {
  const forgotten: string[] = [];
  const floors = localFloors((position) => void forgotten.push(position));
  for (let at = 0; at <= 100_000; at += 1) await floors.raise(`key-${at}`, positionOf(`0/${at.toString(16)}`));
  expect(forgotten).toEqual([positionOf('0/0')]);
  await floors.raise('key-5', positionOf('1/0'));
  expect(forgotten).toHaveLength(1);
});

test('each host of each URL is a replica', () => {
  expect(serversOf('postgres://a:b@one,two:5433/desk?sslmode=require , postgresql://three/desk', 'V')).toEqual([
    { url: 'postgres://a:b@one/desk?sslmode=require', name: 'one:5432' },
    { url: 'postgres://a:b@two:5433/desk?sslmode=require', name: 'two:5433' },
    { url: 'postgresql://three/desk', name: 'three:5432' },
  ]);
  expect(() => serversOf('postgres://one/desk,postgres://two/desk?sslmode=maybe', 'V')).toThrow(StartError);
});
