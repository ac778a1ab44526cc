/** An event in the form in which webhooks send it. */
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
    /** The changed fields, by their names in the graph. */
    before: unknown;
    after: unknown;
    details: object | null;
    /** The current entity as the graph shows it; null when it no longer exists. */
    entity: object | null;
  };
}

/** UUIDs for formats that identify workspaces and customers by UUID. */
export interface ToldUuids {
  workspaceUuid: string;
  /**
   * Looks up the UUID of the customer that the event is about, or whose conversation it is; null when there is none, or
   * the customer no longer exists.
   */
  customerUuid(): Promise<string | null>;
}

/** A test delivery, which has no event. */
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
  /** The name of the event in the format. */
  type: string;
  /** Starts at 1. */
  attempt: number;
}

/** The parts of an event by which a format chooses its name. */
export type EventChange = Pick<ToldEvent, 'type'> & Pick<ToldEvent['data'], 'before' | 'after'>;

/** The webhook format of another system, so that existing receivers need no changes. */
export interface WebhookFormat {
  /** The name by which endpoints choose it. */
  name: string;
  /**
   * The events of the format by their names, each with the event types that it can stand for. Other events are not
   * sent.
   */
  events: Readonly<Record<string, readonly string[]>>;
  /** The name for an event of these types with these changes; null when the format has none. */
  nameOf(event: EventChange): string | null;
  /** The body of a delivery. */
  body(id: string, event: ToldEvent, uuids: ToldUuids): string | Promise<string>;
  /** The body of a test. */
  test(delivery: TestDelivery): string;
  /** The headers in addition to those of every webhook. The current secret comes first. */
  headers(request: WebhookRequest, secrets: readonly string[]): Record<string, string>;
}

/** The formats other than the gateway's own. */
export type WebhookFormats = readonly WebhookFormat[];

/** The format with this name; undefined for the gateway's own. */
export const formatNamed = (formats: WebhookFormats, name: string): WebhookFormat | undefined =>
  formats.find((format) => format.name === name);
