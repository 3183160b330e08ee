/**
 * Messages of SmartBridge, the gateway between information systems of the state: AsyncChannel v10, as SOAP 1.1.
 *
 *     sendMessage               a message for a service            -> messageId, correlationId
 *     getMessageStatus          what became of a message           -> ON_DELIVERY | DELIVERED | NOT_DELIVERED | DELIVERY_STOPPED
 *     getMessages               answers that wait for us           -> messages
 *     sendDeliveryNotification  that we took a message in          -> notificationId
 *     any of them               -> a fault with errorCode, errorMessage …
 *
 * Elements inside an operation have no namespace, as the service's schema leaves them unqualified.
 * Source: WSDL of IAsyncChannel (namespaces `http://bip.bee.kz/AsyncChannel/v10/Types`, `…/common/v10/Types`), as
 * published with github.com/yaskhan/nobdsoap. That Kibernadzor has such a service is not known: its id is configuration.
 */
import { BadXmlError, childOf, readXml, textOf, type XmlElement } from '../../domain/read-xml.ts';
import { escaped } from '../kibernadzor/xml.ts';

export const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
export const TYPES = 'http://bip.bee.kz/AsyncChannel/v10/Types';

export const MESSAGE_STATES = ['ON_DELIVERY', 'DELIVERED', 'NOT_DELIVERED', 'DELIVERY_STOPPED'] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

export interface Sender {
  readonly senderId: string;
  /** Null when the gateway knows us by the connection. */
  readonly password: string | null;
}

export interface OutgoingMessage {
  /** Ours: the same for the same bytes, so that a message sent again is known. */
  readonly messageId: string;
  readonly serviceId: string;
  readonly messageType: 'REQUEST' | 'NOTIFICATION';
  readonly routeId: string | null;
  readonly messageDate: Date;
  readonly sender: Sender;
  readonly properties: Readonly<Record<string, string>>;
  /** XML, already written. */
  readonly data: string;
}

export function sendMessage(it: OutgoingMessage): string {
  const properties = Object.entries(it.properties)
    .map(([key, value]) => `<properties>${leaf('key', key)}${leaf('value', value)}</properties>`)
    .join('');
  const info = [
    leaf('messageId', it.messageId),
    leaf('serviceId', it.serviceId),
    leaf('messageType', it.messageType),
    it.routeId === null ? '' : leaf('routeId', it.routeId),
    leaf('messageDate', it.messageDate.toISOString()),
    senderXml(it.sender),
    properties,
  ].join('');
  const data = `<messageData><data>${it.data}</data></messageData>`;
  return envelope('sendMessage', `<messageInfo>${info}</messageInfo>${data}`);
}

export function getMessageStatus(it: {
  readonly messageId: string;
  readonly sender: Sender;
  readonly now: Date;
}): string {
  const date = leaf('requestDate', it.now.toISOString());
  return envelope('getMessageStatus', `${leaf('messageId', it.messageId)}${date}${senderXml(it.sender)}`);
}

export function getMessages(it: {
  readonly serviceId: string;
  readonly sender: Sender;
  readonly now: Date;
  /** At most so many. */
  readonly amount: number;
}): string {
  const date = leaf('requestDate', it.now.toISOString());
  const amount = leaf('amount', String(it.amount));
  return envelope('getMessages', `${date}${leaf('serviceId', it.serviceId)}${senderXml(it.sender)}${amount}`);
}

/** That a message of theirs was taken in, or why not. */
export function sendDeliveryNotification(it: {
  readonly messageId: string;
  readonly serviceId: string;
  readonly isTaken: boolean;
  readonly sender: Sender;
  readonly now: Date;
}): string {
  const date = it.now.toISOString();
  const status = [
    leaf('receiveStatus', it.isTaken ? 'DELIVERED' : 'NOT_DELIVERED'),
    leaf('statusDate', date),
    leaf('resendMessage', it.isTaken ? 'false' : 'true'),
  ].join('');
  const notification = [
    leaf('messageId', it.messageId),
    leaf('serviceId', it.serviceId),
    leaf('notificationDate', date),
    `<deliveryStatus>${status}</deliveryStatus>`,
  ].join('');
  const asked = `<notification>${notification}</notification>${leaf('requestDate', date)}`;
  return envelope('sendDeliveryNotification', `${asked}${senderXml(it.sender)}`);
}

export type Reply =
  | { readonly is: 'sent'; readonly messageId: string; readonly correlationId: string }
  | {
      readonly is: 'status';
      readonly state: MessageState;
      readonly code: string;
      readonly message: string;
    }
  | { readonly is: 'messages'; readonly messages: readonly IncomingMessage[] }
  | { readonly is: 'notified'; readonly notificationId: string }
  | { readonly is: 'fault'; readonly code: string; readonly message: string };

export interface IncomingMessage {
  readonly messageId: string;
  readonly correlationId: string | null;
  readonly serviceId: string;
  readonly messageType: string;
  readonly data: XmlElement;
}

/** The answer of the gateway. @throws BadXmlError for what is no answer of this service. */
export function readReply(bytes: Uint8Array): Reply {
  const root = readXml(bytes);
  if (root.name !== 'Envelope' || root.namespace !== SOAP) throw new BadXmlError('it is no SOAP envelope');
  const body = childOf(root, 'Body');
  const [answer, ...more] = body?.children ?? [];
  if (answer === undefined || more.length > 0) throw new BadXmlError('its body has not one answer');
  if (answer.name === 'Fault' && answer.namespace === SOAP) return faultOf(answer);
  if (answer.namespace !== TYPES) throw new BadXmlError(`<${answer.name}> is none of AsyncChannel v10`);
  const response = childOf(answer, 'response');
  if (response === null) throw new BadXmlError(`<${answer.name}> has no response`);
  switch (answer.name) {
    case 'sendMessageResponse':
      return {
        is: 'sent',
        messageId: needed(response, 'messageId'),
        correlationId: needed(response, 'correlationId'),
      };
    case 'getMessageStatusResponse': {
      const state = MESSAGE_STATES.find((each) => each === textOf(response, 'messageState'));
      if (state === undefined) throw new BadXmlError(`"${textOf(response, 'messageState')}" is no state`);
      const status = childOf(response, 'status');
      const [code, message] = ['statusCode', 'statusMessage'].map((name) =>
        status === null ? '' : (textOf(status, name) ?? ''),
      ) as [string, string];
      return { is: 'status', state, code, message };
    }
    case 'getMessagesResponse':
      return {
        is: 'messages',
        messages: response.children.filter(({ name }) => name === 'messages').map(incoming),
      };
    case 'sendDeliveryNotificationResponse':
      return { is: 'notified', notificationId: needed(response, 'notificationId') };
    default:
      throw new BadXmlError(`<${answer.name}> is no answer known here`);
  }
}

function incoming(it: XmlElement): IncomingMessage {
  const info = childOf(it, 'messageInfo');
  const data = childOf(childOf(it, 'messageData') ?? it, 'data');
  if (info === null || data === null) throw new BadXmlError('a message lacks its data');
  return {
    messageId: needed(info, 'messageId'),
    correlationId: textOf(info, 'correlationId'),
    serviceId: needed(info, 'serviceId'),
    messageType: needed(info, 'messageType'),
    data,
  };
}

/** Its own error inside the fault; a fault without one is told as SOAP has it. */
function faultOf(fault: XmlElement): Reply {
  const info = within(fault, 'errorCode');
  const code = info === null ? textOf(fault, 'faultcode') : textOf(info, 'errorCode');
  const message = info === null ? textOf(fault, 'faultstring') : textOf(info, 'errorMessage');
  return { is: 'fault', code: code ?? '', message: message ?? '' };
}

/** The first element, at any depth, that has a child of the name. */
function within(it: XmlElement, name: string): XmlElement | null {
  if (childOf(it, name) !== null) return it;
  for (const child of it.children) {
    const found = within(child, name);
    if (found !== null) return found;
  }
  return null;
}

function needed(it: XmlElement, name: string): string {
  const text = textOf(it, name);
  if (text === null || text === '') throw new BadXmlError(`<${it.name}> has no ${name}`);
  return text;
}

function senderXml({ senderId, password }: Sender): string {
  const secret = password === null ? '' : leaf('password', password);
  return `<sender>${leaf('senderId', senderId)}${secret}</sender>`;
}

function leaf(name: string, text: string): string {
  return `<${name}>${escaped(text)}</${name}>`;
}

function envelope(operation: string, request: string): string {
  const body = `<ac:${operation} xmlns:ac="${TYPES}"><request>${request}</request></ac:${operation}>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="${SOAP}"><soap:Body>${body}</soap:Body></soap:Envelope>\n`;
}
