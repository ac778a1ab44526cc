-- Further spellings: account numbers in groups, acronyms with signs, signs that choose a shape or a direction, digits of more
-- scripts, a hamza behind its letter. The two functions replace those of before; src/lib/text/spelling.ts does the same to a
-- query. What is stored is computed again: each table is rewritten once.

CREATE OR REPLACE FUNCTION "deskgraph_plain"(text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
SET standard_conforming_strings TO on AS $$
DECLARE
  plain text;
BEGIN
  IF octet_length($1) = length($1) THEN RETURN translate(left($1, 100000), '`', ''''); END IF;
  plain := translate(
    normalize(replace(left($1, 100000), E'\u00B4', ''''), NFKC),
    E'`\u2018\u2019\u201B\u2032\u2035\u02B9\u02BB\u02BC\u02BD\u02BE\u02BF\uA78C\u055A\u05F3\u05F4\u201C\u201D\u201E\u201F'
    || E'\u2010\u2011\u2012\u2013\u2212\u2043\u05BE\u200C\u00B7'
    || E'\u00AD\u061C\u180B\u180C\u180D\u180E\u200B\u200D\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2060\u2061\u2062\u2063\u2064'
    || E'\u2065\u2066\u2067\u2068\u2069\uFE00\uFE01\uFE02\uFE03\uFE04\uFE05\uFE06\uFE07\uFE08\uFE09\uFE0A\uFE0B\uFE0C\uFE0D\uFE0E'
    || E'\uFE0F\uFEFF\U000E0100\U000E0101\U000E0102\U000E0103\U000E0104\U000E0105\U000E0106\U000E0107\U000E0108\U000E0109\U000E010A\U000E010B\U000E010C\U000E010D\U000E010E\U000E010F',
    repeat('''', 15) || repeat('"', 5) || repeat('-', 9));
  -- To translate takes the longer the more characters there are to look for, so most are looked for only where there is one.
  IF plain ~ '[\u05B0-\u06FF]' THEN
    plain := translate(plain,
      E'\u0622\u0623\u0625\u0671\u0624\u0626\u0649\u06CC\u0629\u06A9\u06C0\u06C1\u06C3\u06BE\u06D5\u066B\u066C'
      || E'\u0640\u064B\u064C\u064D\u064E\u064F\u0650\u0651\u0652\u0653\u0654\u0655\u0656\u0657\u0658\u0670\u05B0\u05B1\u05B2\u05B3'
      || E'\u05B4\u05B5\u05B6\u05B7\u05B8\u05B9\u05BA\u05BB\u05BC\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7',
      E'\u0627\u0627\u0627\u0627\u0648\u064A\u064A\u064A\u0647\u0643\u0647\u0647\u0647\u0647\u0647.,');
    -- A hamza behind the letter that others write it upon.
    plain := replace(replace(plain, E'\u064A\u0621', E'\u064A'), E'\u0648\u0621', E'\u0648');
  END IF;
  IF position(E'\u30FB' IN plain) > 0 THEN
    -- The dot between the words of names in katakana.
    plain := regexp_replace(plain, '([\u30A1-\u30FA\u30FC-\u30FF])\u30FB', '\1', 'g');
  END IF;
  IF plain ~ '[\u0E4D\u0ECD]' THEN
    -- Marks of Thai and Lao in the other order.
    plain := regexp_replace(plain, '([\u0E48-\u0E4B\u0EC8-\u0ECB])([\u0E4D\u0ECD])', '\2\1', 'g');
  END IF;
  IF plain ~ ('[\u0660-\u0669\u06F0-\u06F9\u0E50-\u0E59\u0ED0-\u0ED9\u1040-\u1049\u17E0-\u17E9\u0F20-\u0F29\u1810-\u1819\u0966-\u096F'
    || '\u09E6-\u09EF\u0A66-\u0A6F\u0AE6-\u0AEF\u0B66-\u0B6F\u0BE6-\u0BEF\u0C66-\u0C6F\u0CE6-\u0CEF\u0D66-\u0D6F]') THEN
    plain := translate(plain,
      E'\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u06F0\u06F1\u06F2\u06F3\u06F4\u06F5\u06F6\u06F7\u06F8\u06F9'
      || E'\u0E50\u0E51\u0E52\u0E53\u0E54\u0E55\u0E56\u0E57\u0E58\u0E59\u0ED0\u0ED1\u0ED2\u0ED3\u0ED4\u0ED5\u0ED6\u0ED7\u0ED8\u0ED9'
      || E'\u1040\u1041\u1042\u1043\u1044\u1045\u1046\u1047\u1048\u1049\u17E0\u17E1\u17E2\u17E3\u17E4\u17E5\u17E6\u17E7\u17E8\u17E9'
      || E'\u0F20\u0F21\u0F22\u0F23\u0F24\u0F25\u0F26\u0F27\u0F28\u0F29\u1810\u1811\u1812\u1813\u1814\u1815\u1816\u1817\u1818\u1819'
      || E'\u0966\u0967\u0968\u0969\u096A\u096B\u096C\u096D\u096E\u096F\u09E6\u09E7\u09E8\u09E9\u09EA\u09EB\u09EC\u09ED\u09EE\u09EF'
      || E'\u0A66\u0A67\u0A68\u0A69\u0A6A\u0A6B\u0A6C\u0A6D\u0A6E\u0A6F\u0AE6\u0AE7\u0AE8\u0AE9\u0AEA\u0AEB\u0AEC\u0AED\u0AEE\u0AEF'
      || E'\u0B66\u0B67\u0B68\u0B69\u0B6A\u0B6B\u0B6C\u0B6D\u0B6E\u0B6F\u0BE6\u0BE7\u0BE8\u0BE9\u0BEA\u0BEB\u0BEC\u0BED\u0BEE\u0BEF'
      || E'\u0C66\u0C67\u0C68\u0C69\u0C6A\u0C6B\u0C6C\u0C6D\u0C6E\u0C6F\u0CE6\u0CE7\u0CE8\u0CE9\u0CEA\u0CEB\u0CEC\u0CED\u0CEE\u0CEF'
      || E'\u0D66\u0D67\u0D68\u0D69\u0D6A\u0D6B\u0D6C\u0D6D\u0D6E\u0D6F',
      repeat('0123456789', 17));
  END IF;
  RETURN plain;
END
$$;

CREATE OR REPLACE FUNCTION "deskgraph_spellings"(given text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
SET standard_conforming_strings TO on AS $$
DECLARE
  -- Scripts that put no blanks between words: Thai, Lao, Burmese, Khmer, Hangul, kana, bopomofo, Han.
  unspaced CONSTANT text := '\u0E01-\u0EFF\u1000-\u109F\u1100-\u11FF\u1780-\u17D3\u3005-\u3007\u3041-\u30FA\u30FC-\u30FF'
    || '\u3105-\u312F\u31A0-\u31BF\u31F0-\u31FF\u3400-\u4DBF\u4E00-\u9FFF\uA960-\uA97F\uAA60-\uAA7F\uAC00-\uD7FF\uF900-\uFAFF\U00020000-\U0003FFFF';
  -- A character of a word, whatever the collation calls a letter.
  letter CONSTANT text := '[^\x01-/:-@\[-`{-~\u0080-\u00BF\u2000-\u206F\u3000-\u3004\u3008-\u3020]';
  arabic CONSTANT text := '[\u0621-\u06D3]';
  article CONSTANT text := '[\u0648\u0641]?(?:[\u0628\u0643]?\u0627\u0644|\u0644\u0644)';
  serial CONSTANT text := '(?<![0-9A-Za-z])(?:(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{2,4}'
    || '(?: (?:[A-Za-z]{4} )?(?=[A-Za-z]{0,3}[0-9])[A-Za-z0-9]{1,4}){1,9}'
    || '|[0-9]{4} [A-Z]{2}|[A-Z]{2,3}(?: [0-9]{1,4}){2,9}(?: [A-Z])?)(?![0-9A-Za-z])';
  most CONSTANT integer := 64;
  plain text := "deskgraph_plain"(given);
  normal text := normalize(left(given, 100000), NFC);
  -- Words in another spelling, by blanks, and numbers.
  words text := '';
  numbers text[] := '{}';
  bigrams tsvector := '';
BEGIN
  IF octet_length(plain) > length(plain) THEN
    IF plain ~ ('[' || unspaced || ']') THEN
      -- Each character with the next; the last one of a run alone, so that a query of one character finds it by its beginning.
      SELECT COALESCE(string_agg(quote_literal(c || n) || ':' || least(o, 16383), ' ' ORDER BY o), '')::tsvector INTO bigrams
      FROM (
        SELECT c, o, replace(COALESCE(lead(c) OVER (ORDER BY o), ''), ' ', '') AS n
        FROM unnest(string_to_array(left(regexp_replace(plain, '[^' || unspaced || ']+', ' ', 'g'), 20000), NULL))
          WITH ORDINALITY AS run(c, o)
      ) AS pairs WHERE c <> ' ';
      plain := regexp_replace(plain, '[' || unspaced || ']+', ' ', 'g');
    END IF;
    -- The sign of an acronym in Hebrew is an apostrophe as others are.
    plain := regexp_replace(plain, '([\u05D0-\u05EA])"(?=[\u05D0-\u05EA])', '\1''', 'g');
    IF plain ~ arabic THEN
      -- Without the article, which is written with the word.
      SELECT COALESCE(string_agg(regexp_replace(part[1], article, ''), ' '), '') INTO words FROM (
        SELECT regexp_matches(plain, '(?<!' || arabic || ')' || article || arabic || '{2,}', 'g') AS part LIMIT 5000) AS stems;
    END IF;
  END IF;
  IF plain <> normal AND "deskgraph_words"(plain) <> "deskgraph_words"(normal) THEN
    words := words || ' ' || "deskgraph_words"(plain);
  END IF;

  IF position('''' IN plain) > 0 THEN
    SELECT words || ' ' || COALESCE(string_agg(replace(part[1], '''', ''), ' '), '') INTO words FROM (
      SELECT regexp_matches(plain, letter || '+(?:''''?' || letter || '+)+', 'g') AS part LIMIT 5000) AS joined
    WHERE length(part[1]) <= most;
    plain := replace(plain, '''', '');
  END IF;
  IF position('-' IN plain) > 0 THEN
    SELECT words || ' ' || COALESCE(string_agg(replace(part[1], '-', ''), ' '), '') INTO words FROM (
      SELECT regexp_matches(plain, letter || '+(?:-' || letter || '+)+', 'g') AS part LIMIT 2000) AS joined
    WHERE length(part[1]) <= most;
  END IF;
  IF position('.' IN plain) > 0 THEN
    -- Acronyms, such as U.S.A. and Ph.D.
    SELECT words || ' ' || COALESCE(string_agg(replace(part[1], '.', ''), ' '), '') INTO words FROM (
      SELECT regexp_matches(plain, '(?<!' || letter || '|[.])' || letter || '{1,2}(?:[.]' || letter || '{1,2})+(?!' || letter || ')', 'g') AS part
      LIMIT 1000) AS joined
    WHERE length(part[1]) <= most;
  END IF;
  IF plain ~ '[0-9]' THEN
    -- Serial numbers in groups, as bank accounts and post codes have them, and pairs of hexadecimal digits.
    SELECT words || ' ' || COALESCE(string_agg(replace(part[1], ' ', ''), ' '), '') INTO words FROM (
      SELECT regexp_matches(plain, serial, 'g') AS part LIMIT 1000) AS joined;
    SELECT words || ' ' || COALESCE(string_agg(replace(part[1], ':', ''), ' '), '') INTO words FROM (
      SELECT regexp_matches(plain, '(?<![0-9A-Za-z])[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+(?![0-9A-Za-z])', 'g') AS part LIMIT 1000) AS joined
    WHERE length(part[1]) <= most;
    SELECT words || ' ' || COALESCE(string_agg(translate(part[1], '-._/', ''), ' '), '') INTO words FROM (
      SELECT regexp_matches(plain, letter || '+(?:[-._/]' || letter || '+)+', 'g') AS part LIMIT 2000) AS joined
    WHERE part[1] ~ '[0-9]' AND length(part[1]) <= most;
    -- Amounts: whole units, and with cents.
    SELECT numbers || COALESCE(array_agg(n), '{}') INTO numbers FROM (
      SELECT regexp_matches(plain, '(?<![0-9.,])(?:[0-9]{1,3}(?:[ ,.][0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}|[0-9]+)(?:[.,][0-9]{1,2})?(?![0-9]|[.,][0-9])', 'g') AS part LIMIT 1000) AS amounts,
      LATERAL (SELECT substring(part[1], '[.,]([0-9]{1,2})$') AS cents) AS c,
      LATERAL (SELECT translate(CASE WHEN cents IS NULL THEN part[1] ELSE left(part[1], -1 - length(cents)) END, ' ,.', '') AS units) AS u,
      LATERAL (VALUES (units), (units || rpad(cents, 2, '0'))) AS v(n)
    WHERE n IS NOT NULL AND length(part[1]) BETWEEN length(units) + 1 AND 20;
    -- Phone and serial numbers: from any digit on that has six more behind it.
    SELECT numbers || COALESCE(array_agg(DISTINCT substr(digits, i)), '{}') INTO numbers FROM (
      SELECT regexp_matches(replace(plain, '(0)', ''), '[0-9](?:[ ./()-]{0,3}[0-9])+', 'g') AS part LIMIT 2000) AS runs,
      LATERAL (SELECT left(translate(part[1], ' ./()-', ''), 24) AS digits) AS d,
      LATERAL generate_series(1, length(digits) - 6) AS i;
  END IF;
  RETURN to_tsvector('deskgraph', words)
    || COALESCE((SELECT string_agg(quote_literal(n) || ':1', ' ') FROM unnest(numbers) AS n), '')::tsvector
    || bigrams;
END
$$;

ALTER TABLE "Customer" DROP COLUMN "search", ADD COLUMN "search" tsvector GENERATED ALWAYS AS (
  "deskgraph_vector"("name", 'A') || "deskgraph_vector"("email", 'B') ||
  "deskgraph_vector"("deskgraph_lines"("otherEmails"), 'B') ||
  "deskgraph_vector"(COALESCE("externalId", '') || E'\n' || COALESCE("phone", ''), 'C')
) STORED;
ALTER TABLE "Conversation" DROP COLUMN "search", ADD COLUMN "search" tsvector GENERATED ALWAYS AS (
  "deskgraph_vector"("subject", 'A') || "deskgraph_vector"("lastMessagePreview", 'B') || "deskgraph_vector"("externalId", 'C')
  || "deskgraph_vector"("deskgraph_lines"("tags"), 'C')
) STORED;
ALTER TABLE "Message" DROP COLUMN "search", ADD COLUMN "search" tsvector
  GENERATED ALWAYS AS ("deskgraph_vector"("text", 'D')) STORED;

CREATE INDEX "Customer_search_idx" ON "Customer" USING GIN ("workspaceId", "search") WITH (gin_pending_list_limit = 256);
CREATE INDEX "Conversation_search_idx" ON "Conversation" USING GIN ("workspaceId", "search") WITH (gin_pending_list_limit = 256);
CREATE INDEX "Message_search_idx" ON "Message" USING GIN ("workspaceId", "search") WITH (gin_pending_list_limit = 256);
