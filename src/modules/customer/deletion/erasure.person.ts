import { opaque, raw, sql, type Transaction } from '../../../db/database.js';
import type { Identity } from '../../../lib/text/mask.js';
import { nameWords, phoneDigits } from '../../../lib/text/mentions.js';
import { nameKeyOf } from '../customer.fields.js';
import { idsByEmail } from '../lookup/customer.emails.js';

/** The values that name a person. */
export interface PersonNames {
  own: Identity;
  elsewhere: Identity;
}

type Field = 'email' | 'phone' | 'name' | 'externalId';

interface Row {
  field: Field;
  value: string;
  /** Whether another customer has the value now. */
  isShared: boolean;
  /** Whether the person has the value now. False for a former value. */
  isCurrent: boolean;
}

/** How many former values and author names are read. */
const maxFormer = 200;
const recentMessages = 1_000;

/** Words that occur in names but do not identify anybody. */
const particles = new Set(
  'and bin bint dal das del den der des dos las los mrs the van von und inc ltd llc gmbh'.split(' '),
);
const minPartLength = 3;

/**
 * The names of a person's customers: current and former values, and the author names of inbound messages. Former values
 * that another customer has now are left out, for example after a merge was undone.
 *
 * In any text of the workspace, these name the person: an e-mail address, a phone number of at least seven digits, an
 * externalId that is distinctive, and a full name that no other customer has. Parts of a name count only in the
 * person's own conversations and in texts that also contain one of these values, and not if the word is also in the
 * name of an agent, a channel or the workspace.
 */
export async function namesOf(
  tx: Transaction,
  workspaceId: string,
  customerIds: readonly string[],
): Promise<PersonNames> {
  const rows = await readValues(tx, workspaceId, customerIds);
  const others = await readOtherWords(tx, workspaceId);
  const usable = rows.filter(({ isCurrent, isShared, field }) => isCurrent || !isShared || field === 'name');
  const valuesOf = (field: Field, from = usable): string[] => [
    ...new Set(from.flatMap((row) => (row.field === field ? row.value : []))),
  ];
  const emails = valuesOf('email').filter((email) => email.lastIndexOf('@') > 0);
  const externalIds = valuesOf('externalId').filter(isDistinctive);
  const names = valuesOf('name').filter((name) => name !== '' && !name.includes('@'));
  const parts = names
    .flatMap(nameWords)
    .filter((word) => word.length >= minPartLength || /^\p{Lo}{2,}$/u.test(word))
    .filter((word) => !particles.has(word.toLowerCase()) && !others.has(word.toLowerCase()));
  const own = usable.filter(({ isShared }) => !isShared);
  return {
    own: { emails, externalIds, phones: valuesOf('phone'), names: [...new Set([...names, ...parts])] },
    elsewhere: {
      emails,
      externalIds,
      phones: valuesOf('phone', own).filter((phone) => phoneDigits(phone).length >= 7),
      names: valuesOf('name', own).filter((name) => names.includes(name) && namesOnePerson(name, others)),
    },
  };
}

/** Whether an identifier is distinctive enough not to be mistaken for a word or a number. */
const isDistinctive = (id: string): boolean =>
  /^\d+$/.test(id) ? id.length >= 8 : id.length >= 6 || (id.length >= 4 && /\p{L}/u.test(id) && /\p{N}/u.test(id));

/** A single first name is shared by many people. A long word or a word with digits is not. */
function namesOnePerson(name: string, others: ReadonlySet<string>): boolean {
  const words = nameWords(name);
  if (words.every((word) => others.has(word.toLowerCase()))) return false;
  return words.length > 1 || (words[0] ?? '').length >= 8 || /\p{N}/u.test(name) || /^\p{Lo}{3,}$/u.test(name);
}

const fields = ['email', 'phone', 'name', 'externalId'] satisfies Field[];

function readValues(tx: Transaction, workspaceId: string, customerIds: readonly string[]): Promise<Row[]> {
  const ids = opaque(customerIds);
  const other = sql`FROM "Customer" AS o
    WHERE o."workspaceId" = ${workspaceId} AND o."deletedAt" IS NULL AND o."id" <> ALL(${ids}::text[])`;
  return tx.$queryRaw<Row[]>(sql`
    WITH current AS (
      SELECT v.* FROM "Customer" AS c, LATERAL (
        VALUES ('email', c."email"), ('phone', c."phone"), ('name', c."name"), ('externalId', c."externalId")) AS v("field", "value")
      WHERE c."workspaceId" = ${workspaceId} AND c."id" = ANY(${ids}::text[])
      UNION ALL SELECT 'email', unnest(c."otherEmails") FROM "Customer" AS c
      WHERE c."workspaceId" = ${workspaceId} AND c."id" = ANY(${ids}::text[])
    ), former AS (
      SELECT DISTINCT CASE field.key WHEN 'otherEmails' THEN 'email' ELSE field.key END AS "field", single.value #>> '{}' AS "value"
      FROM "DomainEvent" AS e, jsonb_each(e."data") AS part,
        jsonb_each(CASE WHEN jsonb_typeof(part.value) = 'object' THEN part.value ELSE '{}' END) AS field,
        jsonb_array_elements(
          CASE jsonb_typeof(field.value) WHEN 'array' THEN field.value ELSE jsonb_build_array(field.value) END) AS single
      WHERE e."workspaceId" = ${workspaceId} AND e."entityId" = ANY(${ids}::text[]) AND e."type" LIKE 'customer.%'
        AND part.key IN ('before', 'after') AND field.key = ANY(${[...fields, 'otherEmails']}::text[])
        AND jsonb_typeof(single.value) = 'string'
      LIMIT ${maxFormer}
    ), authors AS (
      SELECT DISTINCT 'name' AS "field", m."authorName" AS "value" FROM (
        SELECT m."authorName" FROM "Conversation" AS c JOIN "Message" AS m
          ON m."workspaceId" = c."workspaceId" AND m."conversationId" = c."id"
        WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = ANY(${ids}::text[]) AND m."direction" = 'INBOUND'
        LIMIT ${recentMessages}) AS m
      WHERE m."authorName" NOT LIKE '%@%' LIMIT ${maxFormer}
    ), every AS (
      SELECT *, true AS "isCurrent" FROM current UNION SELECT *, false FROM former UNION SELECT *, false FROM authors
    )
    SELECT v."field", v."value", bool_or(v."isCurrent") AS "isCurrent", CASE v."field"
        WHEN 'email' THEN EXISTS (SELECT ${other} AND o."id" = (${idsByEmail(workspaceId, sql`= lower(v."value")`)}))
        WHEN 'externalId' THEN EXISTS (SELECT ${other} AND o."externalId" = v."value")
        WHEN 'phone' THEN EXISTS (SELECT ${other} AND o."phone" = v."value"
          AND o."search" @@ plainto_tsquery('deskgraph', "deskgraph_words"(v."value")))
        ELSE EXISTS (SELECT ${other} AND o."mergedIntoId" IS NULL
          AND ${nameKeyOf(raw('o."name"'))} = ${nameKeyOf(raw('v."value"'))})
      END AS "isShared"
    FROM every AS v WHERE v."value" <> '' GROUP BY v."field", v."value"`);
}

/** The words in the names of the agents, the channels and the workspace, in lower case. */
async function readOtherWords(tx: Transaction, workspaceId: string): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ name: string }[]>(sql`
    SELECT "name" FROM "Agent" WHERE "workspaceId" = ${workspaceId}
    UNION ALL SELECT "name" FROM "Channel" WHERE "workspaceId" = ${workspaceId}
    UNION ALL SELECT "name" FROM "Workspace" WHERE "id" = ${workspaceId}`);
  return new Set(rows.flatMap(({ name }) => nameWords(name)).map((word) => word.toLowerCase()));
}
