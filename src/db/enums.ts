import type { $Enums } from '../generated/prisma/client.js';

type Enums = typeof $Enums;

/** The enums of the data model by name, and their values. */
export type EnumName = keyof Enums;
export type EnumValue<Name extends EnumName> = Extract<Enums[Name][keyof Enums[Name]], string>;
