/** Ways to tell officers something outside the desk: a webhook and mail. Telling twice is told by one id. */
import { signWebhook } from '../domain/webhook.ts';
import type { Message } from '../store/messages.ts';

export interface Messenger {
  /** As rows of messages name it. */
  readonly name: string;
  /** Resolves when the other side has it. @throws anything: it is tried again. */
  send(message: Message, text: { readonly subject: string; readonly body: string }): Promise<void>;
}

const LONGEST_WAIT_MS = 10_000;

/** @param secret as `domain/webhook.ts` has it; null leaves messages unsigned. */
export function webhook(url: string, secret: string | null, now: () => Date): Messenger {
  return {
    name: 'webhook',
    async send({ id, kind, at, facts }, { subject }) {
      const body = JSON.stringify({
        type: kind,
        timestamp: at.toISOString(),
        data: { ...facts, text: subject },
      });
      const signed = secret === null ? {} : signWebhook(`msg_${id}`, now(), body, [secret]);
      const answer = await fetch(url, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
        headers: { 'content-type': 'application/json', 'webhook-id': `msg_${id}`, ...signed },
        body,
      });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`the webhook answered ${answer.status}`);
    },
  };
}

/** What is asked of nodemailer. */
interface Transport {
  sendMail(mail: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): void;
}

/** Loaded by those who send mail only; its types say less than what is asked of it here. */
async function nodemailer(): Promise<{
  createTransport(settings: Readonly<Record<string, unknown>>): Transport;
}> {
  const name: string = 'nodemailer';
  return import(name);
}

/** @param url `smtp://user:password@host:port`; `smtps:` for TLS from the start. */
export function mail(url: string, from: string, to: readonly string[]): Messenger {
  return {
    name: 'mail',
    async send({ id }, { subject, body }) {
      const { createTransport } = await nodemailer();
      const waits = { connectionTimeout: LONGEST_WAIT_MS, socketTimeout: LONGEST_WAIT_MS };
      const transport = createTransport({ url, ...waits });
      try {
        const messageId = `<kuzet-${id}@${from.split('@').at(-1)?.replace('>', '') ?? 'localhost'}>`;
        await transport.sendMail({ from, to: [...to], subject, text: body, messageId });
      } finally {
        transport.close();
      }
    },
  };
}
