/** An event as webhooks tell of it. */
export interface ToldEvent {
  /** Such as "customer.updated". */
  type: string;
  timestamp: Date;
  data: {
    id: string;
    seq: number | string;
    workspaceId: string;
    actorId: string | null;
    entityId: string;
    /** The fields that changed, by their names in the graph. */
    before: unknown;
    after: unknown;
    details: object | null;
    /** What it happened to, as it is now and as the graph shows it; null when that is gone. */
    entity: object | null;
  };
}

/** For formats that name workspaces and customers by UUID. */
export interface ToldUuids {
  workspaceUuid: string;
  /** Looks up that of the customer whom the event is about, or whose conversation it is; null when nobody is, or the customer is gone. */
  customerUuid(): Promise<string | null>;
}

/** A delivery that tries an endpoint, and tells of no event. */
export interface TestDelivery {
  id: string;
  type: string;
  at: Date;
  workspaceId: string;
  workspaceUuid: string;
}

/** One request to an endpoint. */
export interface WebhookRequest {
  /** The id of the delivery, the same in each attempt. */
  id: string;
  /** Seconds since 1970. */
  timestamp: number;
  body: string;
  endpointId: string;
  /** What the format calls the event. */
  type: string;
  /** From 1. */
  attempt: number;
}

/** What changed, as far as it tells events apart. */
export type EventChange = Pick<ToldEvent, 'type'> & Pick<ToldEvent['data'], 'before' | 'after'>;

/** How another system writes its webhooks, so that what receives them can stay as it is. */
export interface WebhookFormat {
  /** By which endpoints name it. */
  name: string;
  /** The events that it has, by its own names, each with the types of events that it may be. It tells of no others. */
  events: Readonly<Record<string, readonly string[]>>;
  /** Its name for an event of these types with these changes; null when it has nothing to tell of it. */
  nameOf(event: EventChange): string | null;
  /** The body of a delivery. */
  body(id: string, event: ToldEvent, uuids: ToldUuids): string | Promise<string>;
  /** The body of a test. */
  test(delivery: TestDelivery): string;
  /** The headers beside those that every webhook has; the current secret comes first. */
  headers(request: WebhookRequest, secrets: readonly string[]): Record<string, string>;
}

/** The formats beside the gateway's own. */
export type WebhookFormats = readonly WebhookFormat[];

/** The format with this name; undefined for the gateway's own. */
export const formatNamed = (formats: WebhookFormats, name: string): WebhookFormat | undefined =>
  formats.find((format) => format.name === name);
