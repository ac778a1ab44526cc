import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fixture } from '../fixtures.js';

/** 6,919 real purchases of 2,357 customers, from January 1997 to June 1998. */
export const purchasesCsv = (): string => gunzipSync(readFileSync(fixture('purchases.csv.gz'))).toString();

export interface Purchase {
  customer: string;
  orderId: string;
  occurredAt: Date;
  amountMinor: number;
}

/** The purchases of the file, read apart from the code under test. */
export const purchases = (): Purchase[] =>
  purchasesCsv()
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [customer = '', orderId = '', occurredAt = '', amount = ''] = line.split(',');
      return { customer, orderId, occurredAt: new Date(occurredAt), amountMinor: Number(amount) };
    });
