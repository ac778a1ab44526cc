import { z } from 'zod';
import { onlyIdentified } from '../customer/customer.input.js';
import { exactlyOne, oneName } from '../tracked-customer/tracked-customer.input.js';

export const recalculateCustomerLtvInput = z
  .object({ ...oneName, onlyIdentified })
  .refine(exactlyOne.check, exactlyOne.refusal);

export type RecalculateCustomerLtvInput = z.input<typeof recalculateCustomerLtvInput>;
