/**
 * SmartBridge's AsyncChannel: the records and the signed manifest as one message.
 *
 *     is the message known (getMessageStatus)? -> done; else sendMessage under an id that is made of the file's SHA-256
 *     later: getMessageStatus is the receipt; answers that wait are taken (getMessages) and told so
 *     (sendDeliveryNotification)
 */
import { BadXmlError } from '../../domain/read-xml.ts';
import { answerIn, unreadable, type WaitingAnswer } from '../../exports/smartbridge/answers.ts';
import {
  getMessageStatus,
  getMessages,
  type OutgoingMessage,
  type Reply,
  readReply,
  sendDeliveryNotification,
  sendMessage,
} from '../../exports/smartbridge/envelope.ts';
import { batchData, messageIdOf } from '../../exports/smartbridge/message.ts';
import { type Carrier, CarryFailedError } from './carrier.ts';

export interface SmartBridgePlace {
  readonly url: string;
  readonly serviceId: string;
  readonly senderId: string;
  readonly password: string | null;
  readonly routeId: string | null;
}

export interface SmartBridge extends Carrier {
  answer(file: { readonly sha256: string }): Promise<Buffer | null>;
  /** @throws GatewayRefusedError */
  waiting(): Promise<WaitingAnswer[]>;
  /** @throws GatewayRefusedError */
  taken(messageId: string): Promise<void>;
}

/** The gateway answers with an error of its own. */
export class GatewayRefusedError extends Error {
  override readonly name = 'GatewayRefusedError';
  readonly facts: { readonly code: string };

  constructor(code: string, message: string) {
    super(`the gateway says ${code}: ${message}`);
    this.facts = { code };
  }
}

/** What the gateway answers is no answer of AsyncChannel, or longer than one may be. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
  readonly facts: { readonly why: string; readonly bytes: Buffer };

  constructor(facts: UnreadableAnswerError['facts'], options?: ErrorOptions) {
    super(`its answer is none: ${facts.why}`, options);
    this.facts = facts;
  }
}

const PATIENCE_MS = 30_000;
/** Messages asked for at once. */
const MOST_MESSAGES = 20;
const MOST_ANSWER_BYTES = 4 * 1024 * 1024;

export function smartBridge(place: SmartBridgePlace, now: () => Date): SmartBridge {
  const sender = { senderId: place.senderId, password: place.password };
  const target = `smartbridge ${new URL(place.url).host} ${place.serviceId}`;
  const ask = (xml: string) => asked(place.url, xml);
  const statusOf = async (messageId: string) =>
    read(await ask(getMessageStatus({ messageId, sender, now: now() })));
  return {
    target,
    async carry(file) {
      try {
        const messageId = messageIdOf(file.sha256);
        const status = await statusOf(messageId);
        // It went out before, in a try that died before it was noted.
        if (status.is === 'status' && status.state !== 'NOT_DELIVERED') return;
        const message: OutgoingMessage = {
          ...{ messageId, serviceId: place.serviceId, messageType: 'REQUEST', routeId: place.routeId },
          ...{ messageDate: now(), sender },
          properties: { fileName: file.name, sha256: file.sha256 },
          data: await batchData(file),
        };
        const reply = read(await ask(sendMessage(message)));
        if (reply.is === 'fault') throw new GatewayRefusedError(reply.code, reply.message);
        if (reply.is !== 'sent') throw new Error('the gateway did not say that the message was sent');
      } catch (cause) {
        throw new CarryFailedError({ file: file.name, target }, cause);
      }
    },
    async answer({ sha256 }) {
      const bytes = await ask(getMessageStatus({ messageId: messageIdOf(sha256), sender, now: now() }));
      const reply = read(bytes);
      return reply.is === 'status' && reply.state !== 'ON_DELIVERY' ? bytes : null;
    },
    async waiting() {
      const messages = async (amount: number) => {
        const { serviceId } = place;
        const reply = read(await ask(getMessages({ serviceId, sender, now: now(), amount })));
        if (reply.is === 'fault') throw new GatewayRefusedError(reply.code, reply.message);
        return reply.is === 'messages' ? reply.messages.slice(0, amount).map(answerIn) : [];
      };
      try {
        return await messages(MOST_MESSAGES);
      } catch (cause) {
        if (!(cause instanceof UnreadableAnswerError)) throw cause;
      }
      // One of them spoils the answer for all. Alone, it is taken in as it came, and those behind it are next.
      try {
        return await messages(1);
      } catch (cause) {
        const only = cause instanceof UnreadableAnswerError ? unreadable(cause.facts) : null;
        if (only === null) throw cause;
        return [only];
      }
    },
    async taken(messageId) {
      const { serviceId } = place;
      const xml = sendDeliveryNotification({ messageId, serviceId, isTaken: true, sender, now: now() });
      const reply = read(await ask(xml));
      if (reply.is === 'fault') throw new GatewayRefusedError(reply.code, reply.message);
    },
  };
}

function read(bytes: Buffer): Reply {
  try {
    return readReply(bytes);
  } catch (cause) {
    if (!(cause instanceof BadXmlError)) throw cause;
    throw new UnreadableAnswerError({ why: cause.facts.why, bytes }, { cause });
  }
}

/** A fault comes with status 500, and is an answer too. Nothing is followed elsewhere: the message has a password in it. */
async function asked(url: string, xml: string): Promise<Buffer> {
  const answer = await fetch(url, {
    method: 'POST',
    body: xml,
    headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' },
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!answer.ok && answer.status !== 500) throw new Error(`the gateway answers ${answer.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    chunks.push(chunk as Uint8Array);
    if (bytes > MOST_ANSWER_BYTES) {
      const why = `it is larger than ${MOST_ANSWER_BYTES} bytes`;
      throw new UnreadableAnswerError({ why, bytes: Buffer.concat(chunks) });
    }
  }
  return Buffer.concat(chunks);
}
