/**
 * One way of writing, and the writes per second of each round.
 * @typedef {{ writers: number, workspaces: number, perSecond: number[], p50: number[], p99: number[] }} Writing
 */

const ways = [
  { writers: 1, workspaces: 1 },
  { writers: 16, workspaces: 1 },
  { writers: 16, workspaces: 16 },
];
const most = 16;

const createCustomer = `
  mutation Create($input: CreateCustomerInput!) {
    createCustomer(input: $input) { customer { databaseId } userErrors { message } }
  }`;

const updateCustomer = `
  mutation Update($input: UpdateCustomerInput!) {
    updateCustomer(input: $input) { result customer { id version } userErrors { message } }
  }`;

/**
 * Writers that each change a customer of their own, one change after the other.
 * @param {import('../load/load.js').LoadGenerator} load
 * @param {import('../server/server.js').RunningServer} server
 * @param {import('./desk.js').NewDesk} newDesk
 * @param {import('./options.js').EventOptions} options
 */
export async function measureWrites(load, { origin }, newDesk, { seconds, rounds }) {
  /** @type {import('./desk.js').Desk[]} */
  const desks = [];
  for (let number = 0; number < most; number += 1) desks.push(await newDesk(`wrk_writes${number}`));
  /**
   * What a writer sends over and over: each request changes what the one before it wrote.
   * @param {number} writer
   * @param {number} workspace
   */
  const sequence = async (writer, workspace) => {
    const desk = desks[workspace];
    if (!desk) throw new Error('There is no such workspace');
    const externalId = `usr_${writer}`;
    const created = await desk.run(createCustomer, { input: { externalId } });
    const id = created.createCustomer.customer.databaseId;
    return ['Jane', 'June'].map((name) => desk.request(updateCustomer, { input: { id, name } }));
  };
  const measured = [];
  for (const { writers, workspaces } of ways) {
    /** @type {import('../server/rival.js').Request[][]} */
    const sequences = [];
    for (let writer = 0; writer < writers; writer += 1) {
      sequences.push(await sequence(measured.length * most + writer, writer % workspaces));
    }
    /** @type {Writing} */
    const writing = { writers, workspaces, perSecond: [], p50: [], p99: [] };
    measured.push({ sequences, writing });
  }
  // The first round warms. Turn about, so that what else the machine does hits all alike.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { sequences, writing } of measured) {
      const result = await load.run({ origin, sequences, connections: sequences.length, seconds });
      await load.settle();
      if (result.failures > 0 || result.requests === 0) throw new Error(`${result.failures} of ${result.requests} writes failed`);
      if (round === 0) continue;
      writing.perSecond.push(result.requests / result.seconds);
      writing.p50.push(result.p50);
      writing.p99.push(result.p99);
    }
  }
  return measured.map(({ writing }) => writing);
}
