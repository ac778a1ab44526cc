/** What is kept of a mail that came in; what is longer is cut off. */
export const mailBounds = { subject: 500, text: 100_000, html: 400_000, name: 255, recipients: 100, answers: 50 };
export const maxMailAttachments = 100;
