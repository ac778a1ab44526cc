import { join, raw, type Sql, sql } from '../../../db/database.js';
import { type Comparator, compares, type FilterField, plainText } from '../../../db/lists/filter.js';
import { matchesQuery } from '../../../db/lists/search.js';
import { phoneForms } from '../../../lib/text/spelling.js';
import { phoneNumberOf } from '../../../lib/values/phone.js';

/** The filters that find customers by parts of their names and keys, in any spelling. */

/** Exactly the expression of the index on similar names: name and addresses, folded. */
export const nameAndEmail = raw(
  `"deskgraph_folded"(COALESCE(r."name", '') || ' ' || COALESCE(r."email", '') || ' ' || COALESCE("deskgraph_lines"(r."otherEmails"), ''))`,
);

/**
 * The index on the joined name and address finds candidates. The second condition removes false ones: where the text
 * only matches across the two, or where another character is in the place of one that is special in LIKE.
 */
export const nameOrEmail: FilterField<string> = {
  operand: 'TEXT',
  description:
    'By any part of the name or of an e-mail address, regardless of case and accents, or by their words in any spelling.',
  condition: (value, path) => {
    const part = sql`"deskgraph_folded"(${plainText(value, path)})`;
    return sql`((${nameAndEmail} LIKE '%' || translate(${part}, '%' || chr(92), '__') || '%'
      AND (strpos("deskgraph_folded"(r."name"), ${part}) > 0 OR strpos("deskgraph_folded"(r."email"), ${part}) > 0
        OR strpos("deskgraph_folded"("deskgraph_lines"(r."otherEmails")), ${part}) > 0))
      OR ${matchesQuery(value, path, 'AB')})`;
  },
  isUneven: true,
};

/** Exactly the expression of the index on externalId and phone, folded. */
const idAndPhone = raw(`"deskgraph_folded"(COALESCE(r."externalId", '') || ' ' || COALESCE(r."phone", ''))`);

const maxParts = 32;

/** Each part between blanks must be in one of the fields, or all as words in any spelling; a sign alone is in none. */
export const identity: FilterField<string> = {
  operand: 'TEXT',
  description:
    'By parts of name, e-mail addresses, externalId and phone, between blanks: each must be in one of them, regardless of case and accents. Words and numbers are also found in other spellings, as by query. A part without letters and digits matches nothing.',
  condition: (value, path) => {
    const parts = plainText(value, path)
      .split(/\s+/u)
      .filter((part) => part !== '');
    if (parts.length === 0) return raw('true');
    const conditions = parts.slice(0, maxParts).map((part) => {
      if (!/[\p{L}\p{N}]/u.test(part)) return raw('false');
      const like = sql`'%' || replace(replace(replace("deskgraph_folded"(${part}), chr(92), chr(92) || chr(92)), '%', chr(92) || '%'), '_', chr(92) || '_') || '%'`;
      return sql`(${nameAndEmail} LIKE ${like} OR ${idAndPhone} LIKE ${like})`;
    });
    return sql`((${join(conditions, ' AND ')}) OR ${matchesQuery(value, path)})`;
  },
  isUneven: true,
};

const exactPhone = compares<string>(raw('r."phone"'), 'text', plainText);

/**
 * The index on words finds the candidates that contain the digits; the phone number must also end with them. A number
 * with a country code is also compared with the E.164 form, so it finds numbers that are stored in the national form.
 */
export const phone: FilterField<Comparator<string>> = {
  operand: 'String',
  description:
    'By the phone number: as it was given, in any other spelling, with or without the code of the country, or by its last seven digits or more.',
  condition: (comparator, path, workspaceId) => {
    const { eq, in: oneOf, ...others } = comparator;
    const spelt = [...(eq == null ? [] : [[eq]]), ...(oneOf == null ? [] : [oneOf])].map((phones) =>
      phones.map(isPhone),
    );
    const exactly = exactPhone(comparator, path, workspaceId);
    const conditions = spelt.map((phones) => (phones.length > 0 ? sql`(${join(phones, ' OR ')})` : raw('false')));
    return conditions.length === 0
      ? exactly
      : sql`(${join([exactPhone(others, path, workspaceId), ...conditions], ' AND ')})`;
  },
  isUneven: true,
};

function isPhone(given: string): Sql {
  const e164 = phoneNumberOf(given)?.e164;
  return e164 === undefined ? isSpelt(given) : sql`(r."phoneE164" = ${e164} OR ${isSpelt(given)})`;
}

function isSpelt(given: string): Sql {
  const forms = phoneForms(given);
  if (forms.length === 0) return sql`r."phone" = ${given}`;
  const query = forms.map((digits) => `'${digits}'`).join(' | ');
  const [, dialled = '', national = ''] = forms;
  return sql`(r."search" @@ ${query}::tsquery AND ("deskgraph_digits"(r."phone") LIKE '%' || ${dialled}
    OR ltrim("deskgraph_digits"(r."phone"), '0') = ${national}))`;
}
