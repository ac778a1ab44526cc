-- Search finds values in any spelling: numbers with and without signs, scripts without blanks, optional marks. The words of
-- before stay as they are; what follows is stored beside them in the same vectors. Each table is rewritten once.

-- One spelling for characters that look alike or are optional: width, digits of other scripts, apostrophes, hyphens, the
-- marks of Arabic and Hebrew, invisible characters. src/lib/text/spelling.ts does the same to a query.
CREATE FUNCTION "deskgraph_plain"(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length($1) = length($1) THEN translate(left($1, 100000), '`', '''') ELSE translate(
    normalize(replace(left($1, 100000), E'\u00B4', ''''), NFKC),
    E'`\u2018\u2019\u201B\u2032\u02B9\u02BB\u02BC\uA78C\u055A\u05F3\u2010\u2011\u2012\u2013\u2212\u2043\u05BE'
    || E'\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u06F0\u06F1\u06F2\u06F3\u06F4\u06F5\u06F6\u06F7\u06F8\u06F9'
    || E'\u0E50\u0E51\u0E52\u0E53\u0E54\u0E55\u0E56\u0E57\u0E58\u0E59\u0ED0\u0ED1\u0ED2\u0ED3\u0ED4\u0ED5\u0ED6\u0ED7\u0ED8\u0ED9'
    || E'\u1040\u1041\u1042\u1043\u1044\u1045\u1046\u1047\u1048\u1049\u17E0\u17E1\u17E2\u17E3\u17E4\u17E5\u17E6\u17E7\u17E8\u17E9'
    || E'\u0966\u0967\u0968\u0969\u096A\u096B\u096C\u096D\u096E\u096F'
    || E'\u0622\u0623\u0625\u0671\u0624\u0626\u0649\u06CC\u0629\u06A9\u06C1\u06BE'
    || E'\u0640\u064B\u064C\u064D\u064E\u064F\u0650\u0651\u0652\u0653\u0654\u0655\u0656\u0657\u0658\u0670'
    || E'\u05B0\u05B1\u05B2\u05B3\u05B4\u05B5\u05B6\u05B7\u05B8\u05B9\u05BA\u05BB\u05BC\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7'
    || E'\u00AD\u200B\u200C\u200D\u200E\u200F\u2060\uFEFF',
    repeat('''', 11) || repeat('-', 7) || repeat('0123456789', 7)
    || E'\u0627\u0627\u0627\u0627\u0648\u064A\u064A\u064A\u0647\u0643\u0647\u0647'
  ) END
$$;

-- The functions set how they read their own text, whatever a session has set.

-- The digits of a phone number, without the zero of "+49 (0)30" and without an extension.
CREATE FUNCTION "deskgraph_digits"(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
SET standard_conforming_strings TO on AS $$
BEGIN
  RETURN regexp_replace(
    regexp_replace(replace("deskgraph_plain"($1), '(0)', ''), '([0-9])[^0-9]*[A-Za-z#;,].*$', '\1'), '[^0-9]', '', 'g');
END
$$;

-- What the words of a text miss: the lexemes of other spellings. Their number is bounded, since a vector has at most 1 MiB.
CREATE FUNCTION "deskgraph_spellings"(given text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
SET standard_conforming_strings TO on AS $$
DECLARE
  -- Scripts that put no blanks between words: Thai, Lao, Burmese, Khmer, Hangul, kana, Han.
  unspaced CONSTANT text := '\u0E01-\u0EFF\u1000-\u109F\u1100-\u11FF\u1780-\u17D3\u3005-\u3007\u3041-\u30FA\u30FC-\u30FF'
    || '\u31F0-\u31FF\u3400-\u4DBF\u4E00-\u9FFF\uA960-\uA97F\uAA60-\uAA7F\uAC00-\uD7FF\uF900-\uFAFF\U00020000-\U0003FFFF';
  -- A character of a word, whatever the collation calls a letter.
  letter CONSTANT text := '[^\x01-/:-@\[-`{-~\u0080-\u00BF\u2000-\u206F\u3000-\u3004\u3008-\u3020]';
  arabic CONSTANT text := '[\u0621-\u06D3]';
  article CONSTANT text := '[\u0648\u0641]?(?:[\u0628\u0643]?\u0627\u0644|\u0644\u0644)';
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
      SELECT regexp_matches(plain, letter || '+(?:''' || letter || '+)+', 'g') AS part LIMIT 5000) AS joined
    WHERE length(part[1]) <= most;
    plain := replace(plain, '''', '');
  END IF;
  IF position('-' IN plain) > 0 THEN
    SELECT words || ' ' || COALESCE(string_agg(replace(part[1], '-', ''), ' '), '') INTO words FROM (
      SELECT regexp_matches(plain, letter || '+(?:-' || letter || '+)+', 'g') AS part LIMIT 2000) AS joined
    WHERE length(part[1]) <= most;
  END IF;
  IF plain ~ '[0-9]' THEN
    SELECT words || ' ' || COALESCE(string_agg(translate(part[1], '-._/', ''), ' '), '') INTO words FROM (
      SELECT regexp_matches(plain, letter || '+(?:[-._/]' || letter || '+)+', 'g') AS part LIMIT 2000) AS joined
    WHERE part[1] ~ '[0-9]' AND length(part[1]) <= most;
    -- Amounts: whole units, and with cents.
    SELECT numbers || COALESCE(array_agg(n), '{}') INTO numbers FROM (
      SELECT regexp_matches(plain, '(?<![0-9.,])(?:[0-9]{1,3}(?:[ ,.][0-9]{3})+|[0-9]+)(?:[.,][0-9]{1,2})?(?![0-9]|[.,][0-9])', 'g') AS part LIMIT 1000) AS amounts,
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

CREATE FUNCTION "deskgraph_vector"(given text, weight "char") RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
SET standard_conforming_strings TO on AS $$
BEGIN
  IF given IS NULL OR given = '' THEN RETURN ''; END IF;
  RETURN setweight(to_tsvector('deskgraph', "deskgraph_words"(given)) || "deskgraph_spellings"(given), weight);
END
$$;

ALTER TABLE "Customer" DROP COLUMN "search", ADD COLUMN "search" tsvector GENERATED ALWAYS AS (
  "deskgraph_vector"("name", 'A') || "deskgraph_vector"("email", 'B') ||
  "deskgraph_vector"(COALESCE("externalId", '') || E'\n' || COALESCE("phone", ''), 'C')
) STORED;
ALTER TABLE "Conversation" DROP COLUMN "search", ADD COLUMN "search" tsvector GENERATED ALWAYS AS (
  "deskgraph_vector"("subject", 'A') || "deskgraph_vector"("lastMessagePreview", 'B') || "deskgraph_vector"("externalId", 'C')
) STORED;
ALTER TABLE "Message" DROP COLUMN "search", ADD COLUMN "search" tsvector
  GENERATED ALWAYS AS ("deskgraph_vector"("text", 'D')) STORED;

CREATE INDEX "Customer_search_idx" ON "Customer" USING GIN ("workspaceId", "search") WITH (gin_pending_list_limit = 256);
CREATE INDEX "Conversation_search_idx" ON "Conversation" USING GIN ("workspaceId", "search") WITH (gin_pending_list_limit = 256);
CREATE INDEX "Message_search_idx" ON "Message" USING GIN ("workspaceId", "search") WITH (gin_pending_list_limit = 256);
