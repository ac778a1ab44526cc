import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/lib/process/root.js';

/** The Markdown documents of the project, and the samples that stand in them. */

export interface Document {
  /** Its path from the root of the project, such as "docs/start.md". */
  path: string;
  text: string;
}

/** A fenced block. Its first line is "```language word word…"; the words say what the block is for. */
export interface Sample {
  language: string;
  /** Where it begins, as "docs/start.md:12". */
  place: string;
  text: string;
  /** `run`: the TypeScript sample is a program that ends. */
  isProgram: boolean;
  /** `refused`: the mutation shows what a mistake is answered with. */
  isRefused: boolean;
  /** `file=NAME`: what the samples after it call this file. */
  fileName?: string;
  /** `variables` and `answer`: the variables of the sample before it, and what that one answers. */
  role?: 'variables' | 'answer';
  /** `not-run: REASON`: why it cannot be run. */
  notRun?: string;
}

const markdownIn = (folder: string): string[] =>
  readdirSync(join(packageRoot, folder))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => join(folder, name));

export const documents: readonly Document[] = [...markdownIn(''), ...markdownIn('docs')].map((path) => ({
  path,
  text: readFileSync(join(packageRoot, path), 'utf8'),
}));

export function documentAt(path: string): Document {
  const document = documents.find((one) => one.path === path);
  if (!document) throw new Error(`There is no ${path}.`);
  return document;
}

export function samplesOf({ path, text }: Document): Sample[] {
  const blocks = text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms);
  return [...blocks].map(({ 1: info = '', 2: body = '', index }) => {
    const line = text.slice(0, index).split('\n').length;
    return { ...readInfo(info), place: `${path}:${line}`, text: body };
  });
}

function readInfo(info: string): Omit<Sample, 'place' | 'text'> {
  const [described = '', notRun] = info.split(/ not-run: /);
  const [language = '', ...words] = described.trim().split(/\s+/);
  const fileName = words.find((word) => word.startsWith('file='))?.slice('file='.length);
  const role = words.find((word) => word === 'variables' || word === 'answer');
  return {
    language,
    isProgram: words.includes('run'),
    isRefused: words.includes('refused'),
    ...(fileName !== undefined && { fileName }),
    ...(role !== undefined && { role }),
    ...(notRun !== undefined && { notRun }),
  };
}

/** The anchors that GitHub gives the headings of a document. */
export const anchorsOf = ({ text }: Document): string[] =>
  [...text.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
