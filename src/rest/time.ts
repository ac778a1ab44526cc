import { z } from 'zod';

/** Times as the documents write them, in whole seconds: 2026-03-13T10:00:00Z. */
export const time = (value: string): string => `${value.slice(0, 19)}Z`;
export const timeOrNull = (value: string | null | undefined): string | null => (value == null ? null : time(value));

export const timeSchema = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .meta({ format: 'date-time' });

/** A point in time with its zone, as far as the graph has years. */
export const instant = (error: string) =>
  z.iso.datetime({ offset: true, error }).refine((value) => /^(?!0000)\d{4}-/.test(utc(value)), { error });

const utc = (value: string): string => (Number.isNaN(Date.parse(value)) ? '' : new Date(value).toISOString());
