/** The formats in which mail servers and mail services post an e-mail over HTTP. */

export type MailFormat = 'RAW' | 'FIELDS' | 'JSON';

/** The format of a body of this media type; null if it is not supported. */
export function mailFormatOf(contentType: string | undefined): MailFormat | null {
  const [type = ''] = (contentType ?? '').split(';', 1);
  switch (type.trim().toLowerCase()) {
    case '':
    case 'message/rfc822':
    case 'message/global':
    case 'text/plain':
    case 'application/octet-stream':
      return 'RAW';
    case 'multipart/form-data':
    case 'application/x-www-form-urlencoded':
      return 'FIELDS';
    case 'application/json':
      return 'JSON';
    default:
      return null;
  }
}

/** The names of the field with the raw e-mail: SendGrid, Mailgun, and Postmark in JSON. */
export const mailFields = ['email', 'body-mime', 'RawEmail'] as const;

/** The raw e-mail in a body; null if a form or JSON body is invalid or has none. */
export async function rawMailIn(
  contentType: string | undefined,
  body: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array | null> {
  const format = mailFormatOf(contentType);
  if (format === 'RAW') return body;
  const field = format === 'JSON' ? fieldOfJson(body) : await fieldOfForm(contentType ?? '', body);
  if (typeof field === 'string') return Buffer.from(field);
  return field && new Uint8Array(await field.arrayBuffer());
}

function fieldOfJson(body: Uint8Array): string | null {
  const value = parsed(Buffer.from(body).toString());
  if (typeof value !== 'object' || value === null) return null;
  const texts = mailFields.map((name) => (value as Record<string, unknown>)[name]);
  return texts.find((text) => typeof text === 'string') ?? null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function fieldOfForm(contentType: string, body: Uint8Array<ArrayBuffer>): Promise<string | File | null> {
  const response = new Response(body, { headers: { 'content-type': contentType } });
  const form = await response.formData().catch(() => null);
  return mailFields.map((name) => form?.get(name)).find((field) => field != null) ?? null;
}
