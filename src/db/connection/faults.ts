/** Advice for connection errors, by the error code or a part of the message. The first match counts. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/The server does not support SSL connections/, 'switch TLS on there, or set sslmode=disable'],
  [
    /no encryption|SSL (?:connection )?(?:is )?required|SSL off/i,
    'set sslmode=require, or verify-full with sslrootcert',
  ],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY|GET)|DEPTH_ZERO/,
    'set sslrootcert to the file of the authority that signed the certificate',
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    'use a host name that the certificate names, or sslmode=verify-ca with sslrootcert, which does not compare names',
  ],
  [/CERT_HAS_EXPIRED/, 'the certificate of the server has expired'],
  [/password must be a string/, 'set a password in the URL'],
  [/28P01/, 'user and password in the URL must be those of the server'],
  [/3D000/, 'create the database first'],
];

/** The reason why a connection fails, in one line, with the setting to change if it is known. */
export function connectionFault(error: unknown): string {
  // For a host with several addresses the reason is in the nested errors.
  const reason: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const message = reason instanceof Error ? reason.message.replaceAll('\n', ' ') : String(reason);
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : '';
  const [, hint] = advice.find(([pattern]) => pattern.test(code) || pattern.test(message)) ?? [];
  return hint ? `${message}; ${hint}` : message;
}
