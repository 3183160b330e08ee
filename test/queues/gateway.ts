/** A gateway of the test's own that speaks AsyncChannel v10 on loopback: keeps what is sent, and says where it is. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { childOf, readXml, textOf, type XmlElement } from '../../domain/read-xml.ts';
import { type MessageState, SOAP, TYPES } from '../../exports/smartbridge/envelope.ts';
import { BATCH_NAMESPACE } from '../../exports/smartbridge/message.ts';

export interface Gateway {
  readonly url: string;
  /** Name of each batch that came -> SHA-256 that its message states. */
  files(): ReadonlyMap<string, string>;
  /** Operations in the order they came. */
  readonly asked: readonly string[];
  /** Of all messages, from now on. */
  say(state: MessageState): void;
  /** Keeps a message for us, with this as its data, until it is told that we took it in. */
  keep(messageId: string, data: string): void;
  /** Answers with a fault whoever says that this message was taken. */
  holdOnTo(messageId: string): void;
  /** Messages that it still keeps. */
  kept(): readonly string[];
  /** Answers with these bytes instead, until null is given. */
  answerWith(bytes: string | null): void;
  close(): Promise<void>;
}

const AT = '2026-11-22T15:00:00.000+05:00';

export async function startGateway({ password }: { readonly password: string }): Promise<Gateway> {
  const sent = new Map<string, XmlElement>();
  const asked: string[] = [];
  const kept = new Map<string, string>();
  const stuck = new Set<string>();
  let state: MessageState = 'ON_DELIVERY';
  let instead: string | null = null;
  const answer = (body: Buffer): { readonly status: number; readonly xml: string } => {
    const [operation] = childOf(readXml(body), 'Body')!.children;
    const request = childOf(operation!, 'request')!;
    asked.push(operation!.name);
    const info = childOf(request, 'messageInfo') ?? request;
    if (textOf(childOf(info, 'sender')!, 'password') !== password) return fault('AUTH', 'wrong password');
    const id = textOf(childOf(request, 'notification') ?? info, 'messageId')!;
    switch (operation!.name) {
      case 'sendMessage':
        if (sent.has(id)) return fault('DUPLICATE', `message ${id} is there`);
        sent.set(id, childOf(childOf(request, 'messageData')!, 'data')!);
        return response(
          operation!.name,
          `<messageId>${id}</messageId><correlationId>1</correlationId><responseDate>${AT}</responseDate>`,
        );
      case 'getMessageStatus':
        if (!sent.has(id)) return fault('NOT_FOUND', `no message ${id}`);
        return response(
          operation!.name,
          `<messageState>${state}</messageState><status><statusCode>0</statusCode><statusMessage>ok</statusMessage><statusDate>${AT}</statusDate></status><responseDate>${AT}</responseDate>`,
        );
      case 'getMessages':
        return response(
          operation!.name,
          `${[...kept]
            .slice(0, Number(textOf(request, 'amount') ?? '100'))
            .map(message)
            .join('')}<responseDate>${AT}</responseDate><sessionId>s</sessionId>`,
        );
      case 'sendDeliveryNotification':
        if (stuck.has(id)) return fault('INTERNAL', `message ${id} is locked`);
        kept.delete(id);
        return response(
          operation!.name,
          `<notificationId>n-1</notificationId><responseDate>${AT}</responseDate><sessionId>s</sessionId>`,
        );
      default:
        return fault('UNKNOWN', operation!.name);
    }
  };
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, xml } = answer(Buffer.concat(chunks));
      reply.writeHead(status, { 'content-type': 'text/xml; charset=utf-8' }).end(instead ?? xml);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/async`,
    files: () =>
      new Map(
        [...sent.values()].map((data) => {
          const batch = data.children.find(({ namespace }) => namespace === BATCH_NAMESPACE)!;
          return [textOf(batch, 'fileName')!, textOf(batch, 'sha256')!];
        }),
      ),
    asked,
    say: (now) => {
      state = now;
    },
    keep: (messageId, data) => void kept.set(messageId, data),
    holdOnTo: (messageId) => void stuck.add(messageId),
    kept: () => [...kept.keys()],
    answerWith: (bytes) => {
      instead = bytes;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function message([messageId, data]: readonly [string, string]): string {
  const info = `<messageId>${messageId}</messageId><correlationId>1</correlationId><serviceId>TEST_SERVICE</serviceId><messageType>RESPONSE</messageType>`;
  return `<messages><messageInfo>${info}</messageInfo><messageData><data>${data}</data></messageData></messages>`;
}

function response(operation: string, inner: string) {
  const xml = `<S:Envelope xmlns:S="${SOAP}"><S:Body><ns2:${operation}Response xmlns:ns2="${TYPES}"><response>${inner}</response></ns2:${operation}Response></S:Body></S:Envelope>`;
  return { status: 200, xml };
}

function fault(code: string, message: string) {
  const info = `<errorCode>${code}</errorCode><errorMessage>${message}</errorMessage><errorDate>${AT}</errorDate>`;
  const xml = `<S:Envelope xmlns:S="${SOAP}"><S:Body><S:Fault><faultcode>S:Server</faultcode><faultstring>fault</faultstring><detail><ns2:getMessageStatusFault1_getMessageStatusFault xmlns:ns2="${TYPES}">${info}</ns2:getMessageStatusFault1_getMessageStatusFault></detail></S:Fault></S:Body></S:Envelope>`;
  return { status: 500, xml };
}
