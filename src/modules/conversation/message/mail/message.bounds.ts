/** The limits of an inbound e-mail; longer values are cut off. */
export const mailBounds = {
  subject: 500,
  text: 100_000,
  html: 400_000,
  name: 255,
  recipients: 5_000,
  participants: 200,
  answers: 50,
  contentId: 500,
};
export const maxMailAttachments = 100;
